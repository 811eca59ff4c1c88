import type { Database, Tx } from '../kernel/database.ts';
import { DomainError } from '../kernel/errors.ts';
import { idColumn } from '../kernel/sql-array.ts';

/** Makes each statement of the transaction fail that takes longer. */
export async function limitStatements(tx: Tx, seconds: number): Promise<void> {
  await tx`select set_config('statement_timeout', ${`${seconds}s`}, true)`;
}

/** `query_canceled`: by {@link limitStatements}, as nobody else cancels our statements. */
export function orTooSlow(error: unknown, what: string): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === '57014')) return error;
  return new DomainError(
    'STATEMENT_TOO_SLOW',
    `${what} took too long. Name touchpoint types and shorten windows, or try again when there is less to do.`,
  );
}

/** One too many stands for more. */
export async function countCustomersUpTo(db: Database, most: number): Promise<number> {
  const [row] = await db<{ count: number }[]>`
    select count(*)::int as count from (select from customers limit ${most + 1}) as counted`;
  return row!.count;
}

/** As the planner has it, from the last time that the table was vacuumed or analysed. */
export async function estimateCustomers(db: Database): Promise<number> {
  const [row] = await db<{ count: number }[]>`
    select greatest(reltuples, 0)::float8 as count from pg_class where oid = 'customers'::regclass`;
  return row!.count;
}

/**
 * Customers in the order of their ids from `start` on, round to the beginning. Ids are hashes of facts, so that neighbours
 * have nothing in common: from a random start they are as good as drawn one by one.
 */
export async function sampleCustomers(
  db: Database,
  { start, limit }: { start: string; limit: number },
): Promise<string[]> {
  const behind = await db<{ id: string }[]>`
    select id from customers where id >= ${start} order by id limit ${limit}`;
  const missing = limit - behind.length;
  const before =
    missing === 0
      ? []
      : await db<{ id: string }[]>`select id from customers where id < ${start} order by id limit ${missing}`;
  return [...behind, ...before].map(({ id }) => id);
}

/** How many of these customers are in each segment; segments with none are left out. */
export async function countInSegments(
  db: Database,
  customerIds: readonly string[],
): Promise<{ segmentId: string; customers: number }[]> {
  return db`
    select segment_id as "segmentId", count(*)::int as customers from segment_states
    where customer_id = any(${idColumn(customerIds, (id) => id)}::uuid[]) and member
    group by segment_id order by count(*) desc, segment_id`;
}
