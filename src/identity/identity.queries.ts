import type { Database, Tx } from '../kernel/database.ts';
import { column, idColumn, idList, jsonLines } from '../kernel/sql-array.ts';
import type { ClaimFold, RecordFold, TraitFold } from './evidence.ts';

/** Serialises all transactions that join existing people; taken after receipts and new records, before record locks. */
const identityLock = 0x52_75_6e_64;

export interface RecordState {
  readonly id: string;
  readonly customerId: string | null;
  readonly componentId: string | null;
  readonly firstAt: Date;
  readonly source: string;
  /** Somebody's on its own evidence. */
  readonly owned: boolean;
}

const stateColumns = (db: Database) => db`
  id, customer_id as "customerId", component_id as "componentId", first_at as "firstAt", source, owned`;

/** Creates the records that don't exist, in order of id; answers the ids created. Waits for a concurrent creator. */
export async function insertRecords(tx: Tx, records: readonly RecordFold[], now: Date): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    insert into records (id, source, key, customer_id, owned, first_at, last_at, touchpoints, identified, types_seen,
                         created_at)
    select id, source, key, case when owned then id end, owned, first_at, last_at, touchpoints, names_person, types_seen,
           ${now}
    from unnest(
      ${idColumn(records, (record) => record.id)}::uuid[],
      ${column(records, (record) => record.source)}::text[],
      ${column(records, (record) => record.key)}::text[],
      ${column(records, (record) => record.owned)}::boolean[],
      ${column(records, (record) => record.firstAt)}::timestamptz[],
      ${column(records, (record) => record.lastAt)}::timestamptz[],
      ${column(records, (record) => record.touchpoints)}::bigint[],
      ${column(records, (record) => record.namesPerson)}::boolean[],
      ${column(records, (record) => record.typesSeen)}::bigint[]
    ) as new (id, source, key, owned, first_at, last_at, touchpoints, names_person, types_seen)
    on conflict (id) do nothing
    returning id`;
  return rows.map((row) => row.id);
}

/** Records as they are now, without locking them. */
export async function findRecords(db: Database, ids: readonly string[]): Promise<RecordState[]> {
  return db<RecordState[]>`
    select ${stateColumns(db)} from records where id = any(${idList(ids)}::uuid[])`;
}

/** Those of these records that are what an erasure has left: nobody's for good. */
export async function findErased(db: Database, ids: readonly string[]): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from records where id = any(${idList(ids)}::uuid[]) and erased_at is not null`;
  return rows.map(({ id }) => id);
}

/** Locks records in order of id and answers their state under the lock. */
export async function lockRecords(tx: Tx, ids: readonly string[]): Promise<RecordState[]> {
  return tx<RecordState[]>`
    select ${stateColumns(tx)} from records where id = any(${idList(ids)}::uuid[])
    order by id for no key update`;
}

/** Adds a batch's share to the totals of existing records. */
export async function addToRecords(tx: Tx, records: readonly RecordFold[]): Promise<void> {
  await tx`
    update records
    set touchpoints = records.touchpoints + batch.touchpoints,
        first_at = least(records.first_at, batch.first_at),
        last_at = greatest(records.last_at, batch.last_at),
        identified = records.identified or batch.names_person,
        owned = records.owned or batch.owned,
        types_seen = records.types_seen | batch.types_seen
    from unnest(
      ${idColumn(records, (record) => record.id)}::uuid[],
      ${column(records, (record) => record.firstAt)}::timestamptz[],
      ${column(records, (record) => record.lastAt)}::timestamptz[],
      ${column(records, (record) => record.touchpoints)}::bigint[],
      ${column(records, (record) => record.namesPerson)}::boolean[],
      ${column(records, (record) => record.owned)}::boolean[],
      ${column(records, (record) => record.typesSeen)}::bigint[]
    ) as batch (id, first_at, last_at, touchpoints, names_person, owned, types_seen)
    where records.id = batch.id`;
}

export interface ClaimState {
  readonly identifierId: string;
  readonly recordId: string;
  readonly firstSeenAt: Date;
  readonly firstTouchpointId: string;
  readonly lastSeenOn: string;
  /** The decision that took the identifier away from the record. */
  readonly removedBy: string | null;
}

/** Which of these claims are known, and since when. */
export async function findClaims(db: Database, claims: readonly ClaimFold[]): Promise<ClaimState[]> {
  return db<ClaimState[]>`
    select identifier_id as "identifierId", record_id as "recordId", first_seen_at as "firstSeenAt",
           first_touchpoint_id as "firstTouchpointId", last_seen_on::text as "lastSeenOn", removed_by as "removedBy"
    from unnest(
      ${idColumn(claims, (claim) => claim.identifierId)}::uuid[],
      ${idColumn(claims, (claim) => claim.recordId)}::uuid[]
    ) as wanted (identifier_id, record_id)
    join claims using (identifier_id, record_id)`;
}

export interface NewIdentifier {
  readonly id: string;
  readonly kind: string;
  readonly value: string;
  readonly blocked: boolean;
  readonly records: number;
  /** More records carry it in this batch than its rule allows. */
  readonly cut: boolean;
}

/** Creates the identifiers that don't exist, in order of id; answers the ids created. Waits for a concurrent creator. */
export async function insertIdentifiers(tx: Tx, identifiers: readonly NewIdentifier[], now: Date): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    insert into identifiers (id, kind, value, blocked, records, cut_at, created_at)
    select id, kind, value, blocked, records, case when cut then ${now} end, ${now}
    from unnest(
      ${idColumn(identifiers, (identifier) => identifier.id)}::uuid[],
      ${column(identifiers, (identifier) => identifier.kind)}::text[],
      ${column(identifiers, (identifier) => identifier.value)}::text[],
      ${column(identifiers, (identifier) => identifier.blocked)}::boolean[],
      ${column(identifiers, (identifier) => identifier.records)}::integer[],
      ${column(identifiers, (identifier) => identifier.cut)}::boolean[]
    ) as new (id, kind, value, blocked, records, cut)
    on conflict (id) do nothing
    returning id`;
  return rows.map((row) => row.id);
}

/** How many records claim each identifier, and whether a rule blocks its value. */
export async function findClaimants(
  db: Database,
  ids: readonly string[],
): Promise<{ id: string; records: number; blocked: boolean }[]> {
  return db`select id, records, blocked from identifiers where id = any(${idList(ids)}::uuid[])`;
}

/** Held to the end of the transaction: nobody else joins existing people meanwhile. */
export async function lockIdentities(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(${identityLock})`;
}

/** Counts new claimants, up to `stopAt` (just past the limit): a value that is cut already isn't written any more. */
export async function addClaimants(
  tx: Tx,
  additions: readonly { id: string; claims: number; stopAt: number }[],
  now: Date,
): Promise<void> {
  await tx`
    update identifiers
    set records = least(identifiers.records + batch.claims, batch.stop_at),
        cut_at = case when identifiers.records + batch.claims >= batch.stop_at then ${now} end
    from unnest(
      ${idColumn(additions, (addition) => addition.id)}::uuid[],
      ${column(additions, (addition) => addition.claims)}::integer[],
      ${column(additions, (addition) => addition.stopAt)}::integer[]
    ) as batch (id, claims, stop_at)
    where identifiers.id = batch.id and identifiers.records < batch.stop_at`;
}

/** Records new claims; a claim that came meanwhile keeps its earliest evidence and its latest day. */
export async function upsertClaims(tx: Tx, claims: readonly ClaimFold[]): Promise<void> {
  await tx`
    insert into claims (identifier_id, record_id, kind, given, first_seen_at, first_touchpoint_id, last_seen_on)
    select * from unnest(
      ${idColumn(claims, (claim) => claim.identifierId)}::uuid[],
      ${idColumn(claims, (claim) => claim.recordId)}::uuid[],
      ${column(claims, (claim) => claim.kind)}::text[],
      ${column(claims, (claim) => claim.given)}::text[],
      ${column(claims, (claim) => claim.firstSeenAt)}::timestamptz[],
      ${idColumn(claims, (claim) => claim.firstTouchpointId)}::uuid[],
      ${column(claims, (claim) => claim.lastSeenOn)}::date[])
    on conflict (identifier_id, record_id) do update
    set given = case when (excluded.first_seen_at, excluded.first_touchpoint_id)
                          < (claims.first_seen_at, claims.first_touchpoint_id)
                     then excluded.given else claims.given end,
        first_touchpoint_id = case when (excluded.first_seen_at, excluded.first_touchpoint_id)
                                        < (claims.first_seen_at, claims.first_touchpoint_id)
                                   then excluded.first_touchpoint_id else claims.first_touchpoint_id end,
        first_seen_at = least(claims.first_seen_at, excluded.first_seen_at),
        last_seen_on = greatest(claims.last_seen_on, excluded.last_seen_on)`;
}

/**
 * Every record that the evidence around `recordIds` and `identifierIds` can concern: all records of their customers
 * and, where refused evidence ties customers together, of the whole neighbourhood.
 */
export async function findNeighbourhood(
  tx: Tx,
  seeds: { recordIds: readonly string[]; identifierIds: readonly string[] },
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    with seeds as (
      select id, customer_id, component_id from records where id = any(${idList(seeds.recordIds)}::uuid[])
      union
      select r.id, r.customer_id, r.component_id
      from claims c join records r on r.id = c.record_id
      where c.identifier_id = any(${idList(seeds.identifierIds)}::uuid[]) and c.removed_by is null
    )
    select id from seeds
    union
    select r.id from records r where r.customer_id in (select customer_id from seeds)
    union
    select r.id from records r where r.component_id in (select component_id from seeds)`;
  return rows.map((row) => row.id);
}

/** Identifiers of these kinds that these records carry. */
export async function findCarried(tx: Tx, recordIds: readonly string[], kinds: readonly string[]): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select distinct identifier_id as id from claims
    where record_id = any(${idList(recordIds)}::uuid[]) and kind = any(${kinds as string[]}::text[])
      and removed_by is null`;
  return rows.map(({ id }) => id);
}

export interface NeighbourhoodClaim {
  readonly identifierId: string;
  readonly recordId: string;
  readonly kind: string;
  readonly firstSeenAt: Date;
  readonly claimants: number;
}

/** All claims of these records that may count, with how many records claim each identifier. */
export async function findClaimsOf(tx: Tx, recordIds: readonly string[]): Promise<NeighbourhoodClaim[]> {
  return tx<NeighbourhoodClaim[]>`
    select c.identifier_id as "identifierId", c.record_id as "recordId", c.kind, c.first_seen_at as "firstSeenAt",
           i.records as claimants
    from claims c join identifiers i on i.id = c.identifier_id
    where c.record_id = any(${idList(recordIds)}::uuid[]) and c.removed_by is null and not i.blocked`;
}

export interface Assignment {
  readonly recordId: string;
  readonly customerId: string | null;
  readonly componentId: string | null;
}

export async function assignRecords(tx: Tx, assignments: readonly Assignment[]): Promise<void> {
  await tx`
    update records
    set customer_id = new.customer_id, component_id = new.component_id
    from unnest(
      ${idColumn(assignments, (assignment) => assignment.recordId)}::uuid[],
      ${idColumn(assignments, (assignment) => assignment.customerId)}::uuid[],
      ${idColumn(assignments, (assignment) => assignment.componentId)}::uuid[]
    ) as new (id, customer_id, component_id)
    where records.id = new.id`;
}

/** Keeps the latest value of each trait of each record; `setAt`, then the touchpoint's id, decide what is latest. */
export async function upsertTraits(tx: Tx, traits: readonly TraitFold[]): Promise<void> {
  await tx`
    insert into record_traits (record_id, name, value, set_at, touchpoint_id)
    select record_id, name, value::jsonb, set_at, touchpoint_id
    from rows from (
      unnest(
        ${idColumn(traits, (trait) => trait.recordId)}::uuid[],
        ${column(traits, (trait) => trait.name)}::text[],
        ${column(traits, (trait) => trait.setAt)}::timestamptz[],
        ${idColumn(traits, (trait) => trait.touchpointId)}::uuid[]),
      string_to_table(${jsonLines(traits, (trait) => trait.value)}::text, E'\\n')
    ) as new (record_id, name, set_at, touchpoint_id, value)
    on conflict (record_id, name) do update
    set value = excluded.value, set_at = excluded.set_at, touchpoint_id = excluded.touchpoint_id
    where (record_traits.set_at, record_traits.touchpoint_id) < (excluded.set_at, excluded.touchpoint_id)`;
}
