import type { Database } from '../kernel/database.ts';
import type { LogView } from './segment-members.queries.ts';

export interface StoredMembership {
  readonly version: number;
  readonly member: boolean;
  readonly since: Date;
  readonly dueAt: Date | null;
}

interface Pair {
  readonly segmentId: string;
  readonly customerId: string;
}

export async function findStoredMembership(
  db: Database,
  { segmentId, customerId }: Pair,
): Promise<StoredMembership | undefined> {
  const [row] = await db<StoredMembership[]>`
    select version, member, since, due_at as "dueAt" from segment_states
    where customer_id = ${customerId} and segment_id = ${segmentId}`;
  return row;
}

/** When a customer last entered a segment or left it. */
export async function findLastChange(db: Database, { segmentId, customerId }: Pair): Promise<LogView | undefined> {
  const [row] = await db<LogView[]>`
    select segment_id as "ownerId", id, customer_id as "customerId", segment_id as "segmentId", version, at, entered, cause,
           cause_id as "causeId"
    from segment_log where segment_id = ${segmentId} and customer_id = ${customerId}
    order by at desc, id desc limit 1`;
  return row;
}
