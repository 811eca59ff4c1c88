import type { Database } from '../../kernel/database.ts';

/** Of when a report is, and of what. */
export interface AsOf {
  readonly programId: string;
  readonly at: Date;
  /** The instant lies in the past: what the ledger said then is read from its rows, not from what it has come to since. */
  readonly past: boolean;
}

/**
 * Lots as they were at an instant, as a table: `record_id, id, wallet, source, source_id, earned_at, available_at, expires_at,
 * issued, pending, available, reserved, redeemed, expired, reversed, adjusted, transferred`. What time had moved by then is
 * where time puts it, whether the ledger had followed or not: available once its instant has come, expired once it is over.
 */
export const lotsAsOf = (db: Database, { programId, at, past }: AsOf) => db`(
  select record_id, id, wallet, source, source_id, earned_at, available_at, expires_at, issued,
         case when not expires and not arrives then pending else 0 end as pending,
         case when expires then 0 when arrives then available + pending else available end as available,
         reserved, redeemed, case when expires then expired + pending + available else expired end as expired,
         reversed, adjusted, transferred
  from (${past ? replayed(db, { programId, at }) : stored(db, programId)}) as held
  cross join lateral (
    select source <> 'DEBT' and expires_at is not null and expires_at <= ${at} as expires,
           source <> 'DEBT' and available_at <= ${at} as arrives) as moved)`;

const stored = (db: Database, programId: string) => db`select * from loyalty_lots where program_id = ${programId}`;

const replayed = (db: Database, { programId, at }: { programId: string; at: Date }) => db`
  select l.record_id, l.id, l.wallet, l.source, l.source_id, l.earned_at, l.available_at, l.expires_at, told.*
  from (
    select record_id as told_of, lot_id,
           coalesce(-sum(points) filter (where bucket = 'ISSUED'), 0)::bigint as issued,
           coalesce(sum(points) filter (where bucket = 'PENDING'), 0)::bigint as pending,
           coalesce(sum(points) filter (where bucket = 'AVAILABLE'), 0)::bigint as available,
           coalesce(sum(points) filter (where bucket = 'RESERVED'), 0)::bigint as reserved,
           coalesce(sum(points) filter (where bucket = 'REDEEMED'), 0)::bigint as redeemed,
           coalesce(sum(points) filter (where bucket = 'EXPIRED'), 0)::bigint as expired,
           coalesce(sum(points) filter (where bucket = 'REVERSED'), 0)::bigint as reversed,
           coalesce(sum(points) filter (where bucket = 'ADJUSTED'), 0)::bigint as adjusted,
           coalesce(sum(points) filter (where bucket = 'TRANSFERRED'), 0)::bigint as transferred
    from ${linesUntil(db, { programId, at })} as line
    group by record_id, lot_id
  ) as told
  join loyalty_lots l on l.record_id = told.told_of and l.id = told.lot_id`;

/** Both sides of every row of the ledger up to an instant: what an account gets, and what another one gives. */
const linesUntil = (db: Database, { programId, at }: { programId: string; at: Date }) => db`(
  select record_id, lot_id, to_bucket as bucket, points from loyalty_postings
  where program_id = ${programId} and at <= ${at}
  union all
  select record_id, lot_id, from_bucket, -points from loyalty_postings
  where program_id = ${programId} and at <= ${at})`;

/** The first day of the month of an instant in the organisation's calendar, as ISO text. */
export const monthOf = (db: Database, instant: ReturnType<typeof fragment>, zone: string) =>
  db`to_char(date_trunc('month', ${instant} at time zone ${zone}), 'YYYY-MM-DD')`;

function fragment(db: Database) {
  return db``;
}
