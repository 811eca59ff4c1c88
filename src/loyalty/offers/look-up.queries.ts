import type { Tx } from '../../kernel/database.ts';

/**
 * A transaction of a few look-ups for one person, whatever else the connection has done: by index, and with plans that are
 * made once. The statement of all conditions is long; planning it anew takes longer than running it.
 */
export async function lookUpOnePerson(tx: Tx): Promise<void> {
  await tx`
    select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
           set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
           set_config('enable_memoize', 'off', true),
           set_config('plan_cache_mode', 'force_generic_plan', true)`;
}
