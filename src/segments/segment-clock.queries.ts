import type { Database, Tx } from '../kernel/database.ts';

export interface DueState {
  readonly customerId: string;
  readonly segmentId: string;
}

/** States whose time has come, the earliest first. */
export async function findDue(db: Database, now: Date, limit: number): Promise<DueState[]> {
  return db`
    select customer_id as "customerId", segment_id as "segmentId"
    from segment_states where due_at <= ${now} order by due_at, customer_id, segment_id limit ${limit}`;
}

/** When the next time will come. Null: only events can change anything. */
export async function findNextDue(db: Database): Promise<Date | null> {
  const [row] = await db<{ at: Date | null }[]>`select min(due_at) as at from segment_states where due_at is not null`;
  return row?.at ?? null;
}

/** States of customers or segments that are no more, or are not evaluated any more: there should be none. */
export async function deleteStray(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx`
    delete from segment_states s
    where s.customer_id = any(${ids as string[]}::uuid[])
      and (not exists (select from customers c where c.id = s.customer_id)
        or not exists (select from segments g where g.id = s.segment_id and g.status <> 'ARCHIVED'))`;
}

/** Segments whose tallies are many lines. */
export async function findLongTallies(db: Database, lines: number): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select segment_id as id from segment_tallies group by segment_id having count(*) > ${lines}`;
  return rows.map(({ id }) => id);
}

/** Takes the lines of a tally out; answers their sum. Another node that does the same finds none. */
export async function takeTallies(tx: Tx, segmentId: string): Promise<number> {
  const rows = await tx<{ members: number }[]>`
    delete from segment_tallies where segment_id = ${segmentId} returning members`;
  return rows.reduce((sum, { members }) => sum + members, 0);
}
