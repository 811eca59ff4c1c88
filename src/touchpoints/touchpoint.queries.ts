import type { Database } from '../kernel/database.ts';
import { column } from '../kernel/sql-array.ts';
import type { Position } from '../kernel/paging.ts';
import type { TouchpointFilter } from './touchpoint-filter.ts';
import type { TouchpointView } from './touchpoint.type.ts';

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
}

const touchpointColumns = (db: Database) => db`
  t.id, t.record_id as "recordId", t.occurred_at as "occurredAt", t.received_at as "receivedAt", t.source,
  t.message_id as "messageId", t.type, t.channel, t.direction, t.value_minor as "valueMinor", t.currency, t.campaign,
  t.traits, t.properties, t.lines, t.context`;

// Plain comparisons with plain instants, never functions of occurred_at: partitions are pruned by them. The two ends
// of time stand for "no bound", so that a statement has one text and stays prepared whatever the filter is.
const earliest = new Date('0001-01-01T00:00:00.000Z');
const latest = new Date('9999-12-31T23:59:59.999Z');
const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** The conditions of a filter on `touchpoints t`, but for those on whose it is. */
function matches(db: Database, { filter, after }: TouchpointSelection) {
  const until = after && (!filter.occurred?.to || after.at < filter.occurred.to) ? after.at : null;
  return db`
    t.occurred_at >= ${filter.occurred?.from ?? earliest}
    and t.occurred_at < ${filter.occurred?.to ?? latest}
    and t.occurred_at <= ${until ?? latest}
    and (t.occurred_at, t.id) < (${after?.at ?? latest}::timestamptz, ${after?.id ?? lastId}::uuid)
    and (${list(filter.types)}::text[] is null or t.type = any(${list(filter.types)}::text[]))
    and (${list(filter.sources)}::text[] is null or t.source = any(${list(filter.sources)}::text[]))
    and (${list(filter.channels)}::text[] is null or t.channel = any(${list(filter.channels)}::text[]))
    and (${list(filter.directions)}::text[] is null or t.direction = any(${list(filter.directions)}::text[]))
    and (${list(filter.campaigns)}::text[] is null or t.campaign = any(${list(filter.campaigns)}::text[]))`;
}

const list = (values: readonly string[] | null | undefined) => (values ? [...values] : null);

/** The latest touchpoints of everybody, unidentified receipts included. */
export async function listTouchpoints(db: Database, selection: TouchpointSelection): Promise<TouchpointView[]> {
  return db`
    select ${touchpointColumns(db)}, r.customer_id as "customerId"
    from (
      select * from touchpoints t
      where ${matches(db, selection)}
      order by t.occurred_at desc, t.id desc
      limit ${selection.limit}
    ) t
    join records r on r.id = t.record_id
    order by t.occurred_at desc, t.id desc`;
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
    where r.id = ${recordId}
      and ${matches(db, selection)}
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
          and ${matches(db, selection)}
        order by t.occurred_at desc, t.id desc
        limit ${selection.limit}
      ) of_record
      where r.customer_id = owner.id
        and (${selection.filter.recordId ?? null}::uuid is null or r.id = ${selection.filter.recordId ?? null}::uuid)
      order by of_record."occurredAt" desc, of_record.id desc
      limit ${selection.limit}
    ) latest
    order by latest."occurredAt" desc, latest.id desc`;
}

export async function findTouchpoints(db: Database, keys: readonly TouchpointKey[]): Promise<TouchpointView[]> {
  return db`
    select ${touchpointColumns(db)}, r.customer_id as "customerId"
    from unnest(
      ${column(keys, (key) => key.id)}::uuid[],
      ${column(keys, (key) => key.recordId)}::uuid[],
      ${column(keys, (key) => key.occurredAt)}::timestamptz[]
    ) as wanted (id, record_id, occurred_at)
    join touchpoints t on t.record_id = wanted.record_id and t.occurred_at = wanted.occurred_at and t.id = wanted.id
    join records r on r.id = t.record_id`;
}

/** By id alone: its receipt knows the rest of its key. */
export async function findTouchpointsById(db: Database, ids: readonly string[]): Promise<TouchpointView[]> {
  return db`
    select ${touchpointColumns(db)}, r.customer_id as "customerId"
    from receipts
    join touchpoints t
      on t.record_id = receipts.record_id and t.occurred_at = receipts.occurred_at and t.id = receipts.id
    join records r on r.id = t.record_id
    where receipts.id = any(${ids as string[]}::uuid[])`;
}
