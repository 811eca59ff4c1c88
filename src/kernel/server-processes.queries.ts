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
    select pid as process, working and wait_event is distinct from 'ClientWrite' as working,
           not working and state_change < now() - ${silenceMs / 2}::float8 * interval '1 millisecond'
             and pg_terminate_backend(pid) as ended
    from pg_stat_activity
    -- One that has begun to read what was sent together, and waits for the rest of it, is active too. So is one into which rows
    -- are copied, which may wait for them for long.
    cross join lateral (
      select state = 'active' and (wait_event is distinct from 'ClientRead' or query ~* '^\\s*copy\\M') as working) as what
    where usename = current_user and pid = any(string_to_array(${processes.join(',')}, ',')::int[])`;
  return new Set(rows.filter(({ working }) => working).map(({ process }) => process));
}
