import type { CustomerCut } from '../kernel/boundary.ts';
import type { Database } from '../kernel/database.ts';
import type { Statement, TraitRule } from './survivorship.ts';

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

/** Which records there are for a key; nothing given: all. */
export interface RecordCut {
  readonly customers?: CustomerCut;
  readonly sources?: readonly string[];
}

function inside(db: Database, { customers, sources }: RecordCut) {
  return db`
    ${customers ? db`and ${customers(db, db`r.customer_id`)}` : db``}
    ${sources ? db`and r.source = any(${sources as string[]}::text[])` : db``}`;
}

export async function findRecords(db: Database, ids: readonly string[], cut: RecordCut = {}): Promise<RecordView[]> {
  return db`
    select ${recordColumns(db)} from records r where r.id = any(${ids as string[]}::uuid[]) ${inside(db, cut)}`;
}

/** The oldest `limit` records of each customer, who is inside. */
export async function findRecordsOfCustomers(
  db: Database,
  customerIds: readonly string[],
  { limit, cut }: { limit: number; cut: Pick<RecordCut, 'sources'> },
): Promise<RecordView[]> {
  return db`
    select r.*
    from unnest(${customerIds as string[]}::uuid[]) as owner (id)
    cross join lateral (
      select ${recordColumns(db)}
      from records r
      where r.customer_id = owner.id ${inside(db, { sources: cut.sources })}
      order by r.first_at, r.id
      limit ${limit}
    ) r
    order by r."firstAt", r.id`;
}

export interface RecordTraitView extends Statement {
  readonly name: string;
}

export async function findTraitsOfRecords(db: Database, recordIds: readonly string[]): Promise<RecordTraitView[]> {
  return db`
    select r.id as "recordId", r.source, t.name, t.value, t.set_at as "setAt", t.touchpoint_id as "touchpointId"
    from records r
    join record_traits t on t.record_id = r.id
    where r.id = any(${recordIds as string[]}::uuid[])
    order by t.name`;
}

/** What a record of a customer says about a trait, with what decides how much it counts. */
export interface HeldStatement extends RecordTraitView, TraitRule {
  readonly customerId: string;
}

/** Everything that the records of these customers say about traits. */
export async function findTraitsOfCustomers(db: Database, customerIds: readonly string[]): Promise<HeldStatement[]> {
  return db`
    select r.customer_id as "customerId", r.id as "recordId", r.source, t.name, t.value, t.set_at as "setAt",
           t.touchpoint_id as "touchpointId", coalesce(d.type, 'TEXT') as type,
           jsonb_build_object('strategy', coalesce(d.strategy, 'MOST_RECENT')) || coalesce(d.parameters, '{}')
             as survivorship
    from records r
    join record_traits t on t.record_id = r.id
    left join trait_definitions d on d.name = t.name
    where r.customer_id = any(${customerIds as string[]}::uuid[])
    order by t.name`;
}
