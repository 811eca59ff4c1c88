import { beforeTransaction, type FeedPosition } from './change-cursor.ts';
import type { Database, Tx } from './database.ts';
import type { JsonObject } from './json.ts';
import { column, idColumn, jsonLines } from './sql-array.ts';

export const changeTopics = [
  'touchpoint.recorded',
  'customer.created',
  'customer.changed',
  'customer.merged',
  'customer.split',
  'identity.decided',
  'identity.revoked',
  'identity.rules_changed',
  'household.changed',
  'account.changed',
  'segment.entered',
  'segment.left',
  'segment.changed',
  'loyalty.changed',
  'loyalty.tier_changed',
  'loyalty.program_changed',
  'loyalty.offer_changed',
  'lifecycle.changed',
  'churn_risk.raised',
  'kpis.changed',
  'consent.changed',
  'preference.changed',
  'customer.erased',
  'data.deleted',
] as const;
export type ChangeTopic = (typeof changeTopics)[number];

/** What every line of the feed says. `detail` by topic:
 *
 * - `touchpoint.recorded`: `{recordId, occurredAt, type, source, channel, direction, campaign?}`
 * - `customer.changed`: `{reasons}`
 * - `customer.merged`: `customerId` is the one that was absorbed, `{into}` the one it belongs to now
 * - `customer.split`: `customerId` is the one that came out, `{from}` the one it was part of
 * - `identity.decided`, `identity.revoked`: `{kind}` of the decision, one line for each customer that it is about
 * - `identity.rules_changed`: `{version}`
 * - `segment.entered`, `segment.left`: `{version, cause, into?}`; the subject is the segment; `into`: who absorbed the customer
 * - `segment.changed`: `{what, version}`
 * - `loyalty.changed`: the subject is the programme; `{accounts: [{wallet, available, pending}], kinds}`: by how much the
 *   customer's points changed in this transaction, and why
 * - `loyalty.tier_changed`: the subject is the programme; `{fromTier, toTier, cause}`
 * - `loyalty.program_changed`, `loyalty.offer_changed`: `{what, version?}`
 * - `lifecycle.changed`: the subject is the customer; `{from, to, at, cause, corrected?}`: another stage of the life cycle since
 *   `at`; corrected: a late event has rewritten the past
 * - `churn_risk.raised`: the subject is the customer; `{from, to, risk, store?}`: bands of the churn risk, and the store of their
 *   latest order that names one
 * - `kpis.changed`: `{what, version?}`: other settings, another model, everybody was scored, or facts were derived anew
 * - `consent.changed`: the subject is the customer; `{purpose, channel, from, to}`: what counts for the customer now
 * - `preference.changed`: the subject is the customer; `{name}`
 * - `customer.erased`: the subject is the customer who was erased, the request `{request}`
 * - `data.deleted`: the subject is the customer whose touchpoints were deleted in part; `{request?, policy?, touchpoints}`
 * - `household.changed`, `account.changed`: `{what, origin?}`; `customerId` is the member, null where all are concerned
 */
export interface NewChange {
  readonly topic: ChangeTopic;
  readonly customerId: string | null;
  readonly subjectId: string;
  readonly detail: JsonObject | null;
}

export interface ChangeLine extends NewChange {
  readonly position: FeedPosition;
  readonly at: Date;
}

/**
 * Appends to the change feed, in the given order, after what this transaction has appended before. Merges and splits
 * go first: whoever follows a customer learns from them which later lines of the transaction are about it.
 */
export async function appendChanges(tx: Tx, at: Date, changes: readonly NewChange[]): Promise<void> {
  if (changes.length === 0) return;
  await tx`
    insert into changes (seq, at, topic, customer_id, subject_id, detail)
    select (select coalesce(max(seq) + 1, 0) from changes where tx = pg_current_xact_id()) + line.ordinal - 1,
           ${at}, line.topic, line.customer_id, line.subject_id, line.detail::jsonb
    from rows from (
      unnest(
        ${column(changes, (change) => change.topic)}::text[],
        ${idColumn(changes, (change) => change.customerId)}::uuid[],
        ${idColumn(changes, (change) => change.subjectId)}::uuid[]),
      string_to_table(${jsonLines(changes, (change) => change.detail)}::text, E'\\n', 'null')
    ) with ordinality as line(topic, customer_id, subject_id, detail, ordinal)`;
}

/** Which lines to hand over. Null means all; a line about one of the customers or records is enough. */
export interface ChangeSelection {
  readonly topics: readonly ChangeTopic[] | null;
  readonly about: { readonly customerIds: readonly string[]; readonly recordIds: readonly string[] } | null;
}

export interface ChangesRead {
  readonly lines: readonly ChangeLine[];
  /** Everything up to here has been looked at. */
  readonly through: FeedPosition;
  /** There was more than the limits allow: read on at once. */
  readonly more: boolean;
  /** Committed lines wait for an older transaction to end: look again soon. */
  readonly held: boolean;
  /** What lay in front of it has been deleted. Null: nothing yet. */
  readonly horizon: FeedPosition | null;
}

/** The size of a read. */
export interface ReadLimits {
  /** Lines to look at, however rare the selected ones are: what a statement may cost the database. */
  readonly scan: number;
  /** Lines to hand over: what the answer may cost us. */
  readonly handOver: number;
}

/**
 * Looks at the next lines behind `after` and hands over those that are selected, in feed order.
 *
 * Transactions take their numbers when they start to write, but commit in any order: behind the highest number that is
 * visible, lower ones can still appear. So only transactions older than the oldest one that still runs (the snapshot's
 * xmin) are read: of those, every line is visible that ever will be. Nothing can appear later in front of `through`.
 */
export async function readChanges(
  db: Database,
  after: FeedPosition,
  limits: ReadLimits,
  { topics, about }: ChangeSelection,
): Promise<ChangesRead> {
  const rows = await db<ReadRow[]>`
    with scanned as materialized (
      select tx, seq, at, topic, customer_id, subject_id, detail
      from changes
      where (tx, seq) > (${after.tx.toString()}::text::xid8, ${after.seq.toString()}::text::bigint)
        and tx < pg_snapshot_xmin(pg_current_snapshot())
      order by tx, seq
      limit ${limits.scan}
    ), selected as (
      select * from scanned
      where (${topics === null} or topic = any(${topics}::text[]))
        and (${about === null}
          or customer_id = any(${about?.customerIds ?? null}::uuid[])
          or detail ->> 'into' = any(${about?.customerIds ?? null}::text[])
          or detail ->> 'from' = any(${about?.customerIds ?? null}::text[])
          or detail ->> 'recordId' = any(${about?.recordIds ?? null}::text[]))
      order by scanned.tx, scanned.seq
      limit ${limits.handOver}
    ), place as (
      select pg_snapshot_xmin(pg_current_snapshot())::text as guard,
             exists (select from changes where tx >= pg_snapshot_xmin(pg_current_snapshot())) as held,
             (select value -> 'horizon' from settings where name = 'change_feed') as horizon,
             (select count(*)::int from scanned) as scanned,
             (select array[tx::text, seq::text] from scanned order by scanned.tx desc, scanned.seq desc limit 1) as last
    )
    select place.*, selected.tx::text as tx, selected.seq::text as seq, selected.at, selected.topic,
           selected.customer_id as "customerId", selected.subject_id as "subjectId", selected.detail
    from place left join selected on true
    order by selected.tx, selected.seq`;
  const [place] = rows;
  if (!place) throw new Error('The change feed was read without an answer.');
  const lines = rows.filter(isLine).map(toLine);
  const isFull = lines.length === limits.handOver;
  const more = isFull || place.scanned === limits.scan;
  const scannedThrough = more && place.last ? toPosition(place.last) : beforeTransaction(BigInt(place.guard));
  return {
    lines,
    through: (isFull && lines.at(-1)?.position) || scannedThrough,
    more,
    held: place.held,
    horizon: place.horizon && toPosition([place.horizon.tx, place.horizon.seq]),
  };
}

interface PlaceRow {
  guard: string;
  held: boolean;
  horizon: StoredPosition | null;
  scanned: number;
  last: [string, string] | null;
}

interface LineRow extends PlaceRow, NewChange {
  tx: string;
  seq: string;
  at: Date;
}

type ReadRow = LineRow | (PlaceRow & { tx: null });

interface StoredPosition {
  tx: string;
  seq: string;
}

function isLine(row: ReadRow): row is LineRow {
  return row.tx !== null;
}

function toLine({ tx, seq, at, topic, customerId, subjectId, detail }: LineRow): ChangeLine {
  return { position: toPosition([tx, seq]), at, topic, customerId, subjectId, detail };
}

function toPosition([tx, seq]: readonly [string, string]): FeedPosition {
  return { tx: BigInt(tx), seq: BigInt(seq) };
}

export interface FeedBounds {
  /** Everything in front of it is final and readable. */
  readonly head: FeedPosition;
  /** No transaction has a number as high as this yet. */
  readonly nextTx: bigint;
  readonly horizon: FeedPosition | null;
}

export async function loadFeedBounds(db: Database): Promise<FeedBounds> {
  const [row] = await db<{ guard: string; next: string; horizon: StoredPosition | null }[]>`
    select pg_snapshot_xmin(pg_current_snapshot())::text as guard,
           pg_snapshot_xmax(pg_current_snapshot())::text as next,
           (select value -> 'horizon' from settings where name = 'change_feed') as horizon`;
  if (!row) throw new Error('The bounds of the change feed were read without an answer.');
  return {
    head: beforeTransaction(BigInt(row.guard)),
    nextTx: BigInt(row.next),
    horizon: row.horizon && toPosition([row.horizon.tx, row.horizon.seq]),
  };
}
