import type { Tx } from '../../kernel/database.ts';

/** What PostgreSQL may take to sort and hash a whole history; the rest goes to disk. */
const workMemory = '256MB';

/** How statements over everybody are to be run, which nothing waits for: each within so many seconds. */
export async function prepareLongRead(tx: Tx, seconds: number): Promise<void> {
  await tx`
    select set_config('work_mem', ${workMemory}, true), set_config('plan_cache_mode', 'force_custom_plan', true),
           set_config('jit', 'off', true), set_config('statement_timeout', ${`${Math.round(seconds * 1000)}ms`}, true)`;
}
