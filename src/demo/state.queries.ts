import type { Database } from '../kernel/database.ts';

/** What of the demo a database holds. Travels with the database, so that another start goes on where this one stopped. */
export interface DemoState {
  readonly seed: string;
  readonly customers: number;
  /** End of the history, RFC 3339: with seed and customers it says what the history is. */
  readonly until: string;
  /** The first so many touchpoints of the history are stored. */
  readonly fed: number;
  /** The whole history is. */
  readonly complete: boolean;
  /** People with lower numbers are there, by the API or set-based. */
  readonly written: number;
  /** User id of the customer that is shown as an example. */
  readonly example: string | null;
}

export async function findDemoState(db: Database): Promise<DemoState | undefined> {
  const [row] = await db<{ value: DemoState }[]>`select value from settings where name = 'demo'`;
  return row?.value;
}

export async function saveDemoState(db: Database, state: DemoState): Promise<void> {
  await db`
    insert into settings (name, value) values ('demo', ${JSON.stringify(state)}::text::jsonb)
    on conflict (name) do update set value = excluded.value`;
}
