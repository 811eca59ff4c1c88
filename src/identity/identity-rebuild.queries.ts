import type { Database, Tx } from '../kernel/database.ts';
import type { Json, JsonObject } from '../kernel/json.ts';
import { column } from '../kernel/sql-array.ts';
import type { CountLimits } from './closure.queries.ts';
import type { RecordState } from './identity.queries.ts';
import type { KnownIdentifier } from './recount.queries.ts';
import type { RefusedLink } from './resolution.ts';
import type { Statement, TraitRule } from './survivorship.ts';

export interface RecordFacts extends RecordState {
  readonly lastAt: Date;
  readonly touchpoints: bigint;
  readonly identified: boolean;
}

export async function findRecordFacts(db: Database, ids: readonly string[]): Promise<RecordFacts[]> {
  return db<RecordFacts[]>`
    select id, source, customer_id as "customerId", component_id as "componentId", owned, first_at as "firstAt",
           last_at as "lastAt", touchpoints, identified
    from records where id = any(${ids as string[]}::uuid[])`;
}

export interface CustomerTotals {
  readonly id: string;
  readonly identified: boolean;
  readonly records: number;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly touchpoints: bigint;
  readonly traits: JsonObject;
}

export async function findCustomerTotals(db: Database, ids: readonly string[]): Promise<CustomerTotals[]> {
  return db<CustomerTotals[]>`
    select id, identified, records, first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt", touchpoints, traits
    from customers where id = any(${ids as string[]}::uuid[])`;
}

export interface RuledStatement extends Statement, TraitRule {
  readonly name: string;
  readonly value: Json;
}

/** Everything that these records say about traits, with how each trait is to be folded. */
export async function findRuledStatements(db: Database, recordIds: readonly string[]): Promise<RuledStatement[]> {
  return db<RuledStatement[]>`
    select r.id as "recordId", r.source, t.name, t.value, t.set_at as "setAt", t.touchpoint_id as "touchpointId",
           coalesce(d.type, 'TEXT') as type,
           jsonb_build_object('strategy', coalesce(d.strategy, 'MOST_RECENT')) || coalesce(d.parameters, '{}')
             as survivorship
    from records r
    join record_traits t on t.record_id = r.id
    left join trait_definitions d on d.name = t.name
    where r.id = any(${recordIds as string[]}::uuid[])`;
}

export interface CountedIdentifier extends KnownIdentifier {
  readonly records: number;
  readonly cut: boolean;
  /** How many records really claim it, counted up to the limit. */
  readonly claimants: number;
}

/** The next identifiers in order of id, with what is stored of them and what is true. */
export async function listCountedIdentifiers(
  db: Database,
  { after, limit }: { after: string | null; limit: number },
  { kinds, others }: CountLimits,
): Promise<CountedIdentifier[]> {
  const limits = [...kinds].map(([kind, stopAt]) => ({ kind, stopAt }));
  return db<CountedIdentifier[]>`
    select i.id, i.kind, i.value, i.blocked, i.records, i.cut_at is not null as cut, (
      select count(*)::integer from (
        select from claims c
        where c.identifier_id = i.id and c.removed_by is null
        limit coalesce(limits.stop_at, ${others})) as claimants) as claimants
    from (
      select id, kind, value, blocked, records, cut_at from identifiers
      where id > ${after ?? '00000000-0000-0000-0000-000000000000'} order by id limit ${limit}
    ) as i
    left join unnest(
      ${column(limits, ({ kind }) => kind)}::text[],
      ${column(limits, ({ stopAt }) => stopAt)}::integer[]) as limits (kind, stop_at) using (kind)
    order by i.id`;
}

/** Customers whose id is that of no record. */
export async function listUnfounded(db: Database): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from customers c where not exists (select from records r where r.id = c.id) order by id`;
  return rows.map(({ id }) => id);
}

/** Removes those of these rows to whose customer no record belongs. */
export async function deleteEmptyCustomers(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx`
    delete from customers c
    where id = any(${ids as string[]}::uuid[]) and not exists (select from records r where r.customer_id = c.id)`;
}

export type StrayRefusal = Pick<RefusedLink, 'recordId' | 'evidenceId' | 'kind'>;

/** What is remembered of refused evidence of records that don't exist. */
export async function listStrayRefusals(db: Database): Promise<StrayRefusal[]> {
  return db<StrayRefusal[]>`
    select record_id as "recordId", evidence_id as "evidenceId", kind from refused_links l
    where not exists (select from records r where r.id = l.record_id)
    order by record_id, evidence_id, kind`;
}

/** How much there is to look at. */
export async function countFacts(db: Database): Promise<{ identifiers: number; records: number }> {
  const [row] = await db<{ identifiers: bigint; records: bigint }[]>`
    select (select count(*) from identifiers) as identifiers, (select count(*) from records) as records`;
  return { identifiers: Number(row!.identifiers), records: Number(row!.records) };
}
