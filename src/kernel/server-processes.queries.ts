import type { Database } from './database.ts';

/**
 * Which of these processes of the server work on a statement of ours. Those that have been waiting for us all that time are
 * ended: we don't hear each other, so whatever they have locked is locked for nobody.
 */
export async function findWorking(
  db: Database,
  processes: readonly number[],
  silenceMs: number,
): Promise<ReadonlySet<number>> {
  const rows = await db<{ process: number; working: boolean }[]>`
    select pid as process, state = 'active' and wait_event is distinct from 'ClientWrite' as working,
           state <> 'active' and state_change < now() - ${silenceMs / 2}::float8 * interval '1 millisecond'
             and pg_terminate_backend(pid) as ended
    from pg_stat_activity
    where usename = current_user and pid = any(string_to_array(${processes.join(',')}, ',')::int[])`;
  return new Set(rows.filter(({ working }) => working).map(({ process }) => process));
}
