import type { Database } from '../kernel/database.ts';
import type { Position } from '../kernel/paging.ts';
import { column, idColumn } from '../kernel/sql-array.ts';
import { literal, unprepared } from '../kernel/unprepared.ts';
import type { TouchpointView } from './touchpoint.type.ts';
import { insideOfOwn, insideTouchpoints, type TouchpointCut } from './touchpoint-cut.queries.ts';
import type { TouchpointFilter } from './touchpoint-filter.ts';

/** Names one touchpoint where its row can be found without a search through all months. */
export interface TouchpointKey {
  readonly id: string;
  readonly recordId: string;
  readonly occurredAt: Date;
}

export interface TouchpointSelection {
  readonly filter: TouchpointFilter;
  /** Only what is older than this. */
  readonly after: Position | null;
  readonly limit: number;
  /** Which there are for the caller; left out: all. */
  readonly cut?: TouchpointCut;
}

const touchpointColumns = (db: Database) => db`
  t.id, t.record_id as "recordId", t.occurred_at as "occurredAt", t.received_at as "receivedAt", t.source,
  t.message_id as "messageId", t.type, t.channel, t.direction, t.value_minor as "valueMinor", t.currency, t.campaign,
  t.traits, t.properties, t.lines, t.context`;

/**
 * The conditions of a filter on `touchpoints t`, but for those on whose it is. Plain comparisons with plain instants,
 * never functions of occurred_at: partitions are pruned by them. A condition is in the text only where it is given:
 * a few dozen texts at most, all prepared, and the usual one has none.
 */
function matches(db: Database, { filter, after }: TouchpointSelection) {
  const { types, sources, channels, directions, campaigns, occurred } = filter;
  return db`
    ${occurred?.from ? db`and t.occurred_at >= ${occurred.from}` : db``}
    ${occurred?.to ? db`and t.occurred_at < ${occurred.to}` : db``}
    ${after ? db`and t.occurred_at <= ${after.at} and (t.occurred_at, t.id) < (${after.at}, ${after.id}::uuid)` : db``}
    ${types ? db`and t.type = any(${[...types]}::text[])` : db``}
    ${sources ? db`and t.source = any(${[...sources]}::text[])` : db``}
    ${channels ? db`and t.channel = any(${[...channels]}::text[])` : db``}
    ${directions ? db`and t.direction = any(${[...directions]}::text[])` : db``}
    ${campaigns ? db`and t.campaign = any(${[...campaigns]}::text[])` : db``}`;
}

/** The latest touchpoints of everybody, unidentified receipts included. */
export async function listTouchpoints(db: Database, selection: TouchpointSelection): Promise<TouchpointView[]> {
  return unprepared(db<TouchpointView[]>`
    select ${touchpointColumns(db)}, r.customer_id as "customerId"
    from (
      select * from touchpoints t
      where true ${matches(db, selection)} ${insideTouchpoints(db, selection.cut)}
      order by t.occurred_at desc, t.id desc
      limit ${literal(db, selection.limit)}
    ) t
    join records r on r.id = t.record_id
    order by t.occurred_at desc, t.id desc`);
}

/** The latest touchpoints of one record. */
export async function listTouchpointsOfRecord(
  db: Database,
  recordId: string,
  selection: TouchpointSelection,
): Promise<TouchpointView[]> {
  return db`
    select ${touchpointColumns(db)}, r.customer_id as "customerId"
    from records r
    join touchpoints t on t.record_id = r.id and t.occurred_at >= r.first_at and t.occurred_at <= r.last_at
    where r.id = ${recordId} ${matches(db, selection)} ${insideTouchpoints(db, selection.cut)}
    order by t.occurred_at desc, t.id desc
    limit ${selection.limit}`;
}

/**
 * The latest touchpoints of each customer. Reads at most `limit` from each record, backwards along the primary key and
 * only in the months in which the record was seen.
 */
export async function listTouchpointsOfCustomers(
  db: Database,
  customerIds: readonly string[],
  selection: TouchpointSelection,
): Promise<TouchpointView[]> {
  const { recordId } = selection.filter;
  return db`
    select latest.*, owner.id as "customerId"
    from unnest(${customerIds as string[]}::uuid[]) as owner (id)
    cross join lateral (
      select of_record.*
      from records r
      cross join lateral (
        select ${touchpointColumns(db)}
        from touchpoints t
        where t.record_id = r.id and t.occurred_at >= r.first_at and t.occurred_at <= r.last_at
          ${matches(db, selection)} ${insideOfOwn(db, selection.cut)}
        order by t.occurred_at desc, t.id desc
        limit ${selection.limit}
      ) of_record
      where r.customer_id = owner.id ${recordId ? db`and r.id = ${recordId}` : db``}
      order by of_record."occurredAt" desc, of_record.id desc
      limit ${selection.limit}
    ) latest
    order by latest."occurredAt" desc, latest.id desc`;
}

export async function findTouchpoints(
  db: Database,
  keys: readonly TouchpointKey[],
  cut?: TouchpointCut,
): Promise<TouchpointView[]> {
  return db`
    select ${touchpointColumns(db)}, r.customer_id as "customerId"
    from unnest(
      ${idColumn(keys, (key) => key.id)}::uuid[],
      ${idColumn(keys, (key) => key.recordId)}::uuid[],
      ${column(keys, (key) => key.occurredAt)}::timestamptz[]
    ) as wanted (id, record_id, occurred_at)
    join touchpoints t on t.record_id = wanted.record_id and t.occurred_at = wanted.occurred_at and t.id = wanted.id
    join records r on r.id = t.record_id
    where true ${insideTouchpoints(db, cut)}`;
}

/** By id alone: its receipt knows the rest of its key. */
export async function findTouchpointsById(
  db: Database,
  ids: readonly string[],
  cut?: TouchpointCut,
): Promise<TouchpointView[]> {
  return db`
    select ${touchpointColumns(db)}, r.customer_id as "customerId"
    from receipts
    join touchpoints t
      on t.record_id = receipts.record_id and t.occurred_at = receipts.occurred_at and t.id = receipts.id
    join records r on r.id = t.record_id
    where receipts.id = any(${ids as string[]}::uuid[]) ${insideTouchpoints(db, cut)}`;
}
