import type { Database } from '../../kernel/database.ts';
import type { Position } from '../../kernel/paging.ts';
import type { DecisionKind } from '../decision.ts';
import { type DecisionRow, decisionColumns } from '../decisions.queries.ts';
import { type RegroupingRow, regroupingColumns } from '../regroupings.queries.ts';
import type { Refusal, RefusedLink } from '../resolution.ts';

/** An identifier on its own, whoever carries it. */
export interface KnownIdentifierRow {
  readonly id: string;
  readonly kind: string;
  readonly value: string;
  /** Records that carry it, counted up to just past its rule's limit. */
  readonly records: number;
  readonly blocked: boolean;
  readonly cutAt: Date | null;
}

const knownColumns = (db: Database) => db`i.id, i.kind, i.value, i.records, i.blocked, i.cut_at as "cutAt"`;

export async function findKnownIdentifiers(db: Database, ids: readonly string[]): Promise<KnownIdentifierRow[]> {
  return db<KnownIdentifierRow[]>`
    select ${knownColumns(db)} from identifiers i where i.id = any(${ids as string[]}::uuid[])`;
}

/** Which place of a list to go on behind, and how many rows to read. */
export interface Behind {
  readonly after: Position | null;
  readonly limit: number;
}

/** Identifiers that more records carry than their rules allow, the latest first. */
export async function listOverusedIdentifiers(
  db: Database,
  { after, limit }: Behind,
): Promise<(KnownIdentifierRow & { cutAt: Date })[]> {
  const behind = after ? db`and (i.cut_at, i.id) < (${after.at}, ${after.id})` : db``;
  return db`
    select ${knownColumns(db)} from identifiers i
    where i.cut_at is not null ${behind}
    order by i.cut_at desc, i.id desc
    limit ${limit}`;
}

export interface RefusedLinkRow extends RefusedLink {
  /** Made of what it is about: tells links of the same instant apart. */
  readonly place: string;
  readonly customerId: string | null;
  readonly otherCustomerId: string | null;
  readonly refusedAt: Date;
}

const refusedColumns = (db: Database) => db`
  l.record_id as "recordId", l.evidence_id as "evidenceId", l.kind, l.other_record_id as "otherRecordId", l.refusal,
  l.limited_by as "limitedBy", l.refused_at as "refusedAt", l.place, own.customer_id as "customerId",
  other.customer_id as "otherCustomerId"`;

/** Evidence that is refused, the latest first, with the customers on both sides. */
export async function listRefusedLinks(
  db: Database,
  { refusals, kinds, after, limit }: Behind & { refusals: readonly Refusal[] | null; kinds: readonly string[] | null },
): Promise<RefusedLinkRow[]> {
  const behind = after
    ? db`and l.refused_at <= ${after.at} and (l.refused_at < ${after.at} or l.place < ${after.id})`
    : db``;
  return db<RefusedLinkRow[]>`
    select ${refusedColumns(db)}
    from (
      select *, md5(record_id::text || evidence_id::text || kind)::uuid as place from refused_links
    ) l
    left join records own on own.id = l.record_id
    left join records other on other.id = l.other_record_id
    where ${refusals ? db`l.refusal = any(${refusals as string[]}::text[])` : db`true`}
      and ${kinds ? db`l.kind = any(${kinds as string[]}::text[])` : db`true`}
      ${behind}
    order by l.refused_at desc, l.place desc
    limit ${limit}`;
}

/** What is refused of the evidence that would join these records to others. */
export async function findRefusedAround(
  db: Database,
  neighbourhood: readonly string[],
  { members, limit }: { members: readonly string[]; limit: number },
): Promise<RefusedLinkRow[]> {
  return db<RefusedLinkRow[]>`
    select ${refusedColumns(db)}
    from (
      select *, md5(record_id::text || evidence_id::text || kind)::uuid as place from refused_links
      where record_id = any(${neighbourhood as string[]}::uuid[])
        and (record_id = any(${members as string[]}::uuid[]) or other_record_id = any(${members as string[]}::uuid[]))
    ) l
    left join records own on own.id = l.record_id
    left join records other on other.id = l.other_record_id
    order by l.refused_at desc, l.place desc
    limit ${limit}`;
}

/** Decisions, the latest first. `null`: those of people, without the matcher's. */
export async function listDecisions(
  db: Database,
  { kinds, after, limit }: Behind & { kinds: readonly DecisionKind[] | null },
): Promise<DecisionRow[]> {
  const behind = after ? db`and (d.decided_at, d.id) < (${after.at}, ${after.id})` : db``;
  return db<DecisionRow[]>`
    select ${decisionColumns(db)} from decisions d
    where ${kinds ? db`d.kind = any(${kinds as string[]}::text[])` : db`d.kind <> 'MATCH'`} ${behind}
    order by d.decided_at desc, d.id desc
    limit ${limit}`;
}

export async function findRegroupings(db: Database, ids: readonly string[]): Promise<RegroupingRow[]> {
  return db<RegroupingRow[]>`
    select ${regroupingColumns(db)} from regroupings g where g.id = any(${ids as string[]}::uuid[])`;
}

/** All merges, splits and moves, the latest first. */
export async function listRegroupings(db: Database, { after, limit }: Behind): Promise<RegroupingRow[]> {
  const behind = after ? db`where g.id < ${after.id}` : db``;
  return db<RegroupingRow[]>`
    select ${regroupingColumns(db)} from regroupings g ${behind} order by g.id desc limit ${limit}`;
}

/** The latest `limit` regroupings of each customer, under any id that its records ever gave it. */
export async function findRegroupingsOfCustomers(
  db: Database,
  customerIds: readonly string[],
  limit: number,
): Promise<(RegroupingRow & { ownerId: string })[]> {
  return db`
    select owner.id as "ownerId", met.*
    from unnest(${customerIds as string[]}::uuid[]) as owner (id)
    cross join lateral (
      select ${regroupingColumns(db)}
      from regroupings g
      where g.id in (
        select own.id from records r join regroupings own on own.customer_id = r.id where r.customer_id = owner.id
        union
        select own.id from records r join regroupings own on own.other_id = r.id where r.customer_id = owner.id)
      order by g.id desc
      limit ${limit}
    ) met
    order by met.id desc`;
}

/** Those of these regroupings of which records of both sides are in one customer now. */
export async function findTogether(db: Database, ids: readonly string[]): Promise<Set<string>> {
  const rows = await db<{ id: string }[]>`
    select g.id from regroupings g
    where g.id = any(${ids as string[]}::uuid[]) and exists (
      select customer_id from records where id = any(g.record_ids) and customer_id is not null
      intersect
      select customer_id from records where id = any(g.other_record_ids))`;
  return new Set(rows.map(({ id }) => id));
}
