import type { Database } from '../kernel/database.ts';
import type { Json } from '../kernel/json.ts';

export interface RecordView {
  readonly id: string;
  readonly source: string;
  readonly key: string;
  readonly customerId: string | null;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly touchpoints: bigint;
}

const recordColumns = (db: Database) => db`
  r.id, r.source, r.key, r.customer_id as "customerId", r.first_at as "firstAt", r.last_at as "lastAt", r.touchpoints`;

export async function findRecords(db: Database, ids: readonly string[]): Promise<RecordView[]> {
  return db`select ${recordColumns(db)} from records r where r.id = any(${ids as string[]}::uuid[])`;
}

/** The oldest `limit` records of each customer. */
export async function findRecordsOfCustomers(
  db: Database,
  customerIds: readonly string[],
  limit: number,
): Promise<RecordView[]> {
  return db`
    select r.*
    from unnest(${customerIds as string[]}::uuid[]) as owner (id)
    cross join lateral (
      select ${recordColumns(db)}
      from records r
      where r.customer_id = owner.id
      order by r.first_at, r.id
      limit ${limit}
    ) r
    order by r."firstAt", r.id`;
}

export interface RecordTraitView {
  readonly customerId: string | null;
  readonly recordId: string;
  readonly name: string;
  readonly value: Json;
  readonly setAt: Date;
  readonly touchpointId: string;
}

export async function findTraitsOfRecords(db: Database, recordIds: readonly string[]): Promise<RecordTraitView[]> {
  return db`
    select null as "customerId", t.record_id as "recordId", t.name, t.value, t.set_at as "setAt",
           t.touchpoint_id as "touchpointId"
    from record_traits t
    where t.record_id = any(${recordIds as string[]}::uuid[])
    order by t.name`;
}

/** Every value that any record of these customers holds, of each trait the one that counts first. */
export async function findTraitsOfCustomers(db: Database, customerIds: readonly string[]): Promise<RecordTraitView[]> {
  return db`
    select r.customer_id as "customerId", t.record_id as "recordId", t.name, t.value, t.set_at as "setAt",
           t.touchpoint_id as "touchpointId"
    from records r
    join record_traits t on t.record_id = r.id
    where r.customer_id = any(${customerIds as string[]}::uuid[])
    order by t.name, t.set_at desc, t.touchpoint_id desc`;
}
