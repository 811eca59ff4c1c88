import type { Database } from '../../kernel/database.ts';
import { type AsOf, lotsAsOf, monthOf } from './as-of.queries.ts';
import type { HeldPoints } from './held-points.ts';

const sums = (db: Database) => db`
  coalesce(sum(issued), 0)::bigint as issued, coalesce(sum(pending), 0)::bigint as pending,
  coalesce(sum(available), 0)::bigint as available, coalesce(sum(reserved), 0)::bigint as reserved,
  coalesce(sum(redeemed), 0)::bigint as redeemed, coalesce(sum(expired), 0)::bigint as expired,
  coalesce(sum(reversed), 0)::bigint as reversed, coalesce(sum(adjusted), 0)::bigint as adjusted,
  coalesce(sum(transferred), 0)::bigint as transferred`;

export interface WalletPoints extends HeldPoints {
  readonly wallet: string;
  /** Whether it is what no lot covers. */
  readonly uncovered: boolean;
  /** Members' records with anything outstanding. */
  readonly accounts: number;
}

/** What lies in wallets at an instant; what is not covered on lines of its own. */
export async function sumWallets(db: Database, asOf: AsOf): Promise<WalletPoints[]> {
  return db`
    select wallet, source = 'DEBT' as uncovered,
           (count(distinct record_id) filter (where pending + available + reserved <> 0))::int as accounts, ${sums(db)}
    from ${lotsAsOf(db, asOf)} as lot group by 1, 2 order by 1, 2`;
}

export interface VintagePoints extends HeldPoints {
  readonly wallet: string;
  /** The first day of the month in which they were earned. Null: what no lot covers. */
  readonly month: string | null;
  readonly lots: number;
}

/** The same by the month in which points were earned. */
export async function sumVintages(db: Database, asOf: AsOf, zone: string): Promise<VintagePoints[]> {
  return db`
    select wallet, case when source <> 'DEBT' then ${monthOf(db, db`earned_at`, zone)} end as month, count(*)::int as lots,
           ${sums(db)}
    from ${lotsAsOf(db, asOf)} as lot group by 1, 2 order by 1, 2 nulls last`;
}

/** What accounts hold now. */
export async function sumAccounts(db: Database, programId: string): Promise<(HeldPoints & { wallet: string })[]> {
  return db`select wallet, ${sums(db)} from loyalty_accounts where program_id = ${programId} group by 1 order by 1`;
}

/** What the rows of the ledger add up to, until an instant. */
export async function sumPostings(
  db: Database,
  { programId, at }: Pick<AsOf, 'programId' | 'at'>,
): Promise<(HeldPoints & { wallet: string })[]> {
  const of = (bucket: string) => db`coalesce(sum(points) filter (where bucket = ${bucket}), 0)::bigint`;
  return db`
    select wallet, coalesce(-sum(points) filter (where bucket = 'ISSUED'), 0)::bigint as issued, ${of('PENDING')} as pending,
           ${of('AVAILABLE')} as available, ${of('RESERVED')} as reserved, ${of('REDEEMED')} as redeemed,
           ${of('EXPIRED')} as expired, ${of('REVERSED')} as reversed, ${of('ADJUSTED')} as adjusted,
           ${of('TRANSFERRED')} as transferred
    from (
      select wallet, to_bucket as bucket, points from loyalty_postings where program_id = ${programId} and at <= ${at}
      union all
      select wallet, from_bucket, -points from loyalty_postings where program_id = ${programId} and at <= ${at}
    ) as line group by 1 order by 1`;
}

export interface VintageMove {
  readonly wallet: string;
  readonly vintage: string;
  /** The month in which points left. */
  readonly month: string;
  readonly expired: bigint;
  /** Redeemed, taken back, corrected or given to somebody else. */
  readonly left: bigint;
}

/**
 * When points of each vintage left, by month: they expire at the end of their last day, everything else leaves when it is
 * entered. What has expired and was not entered by then has expired all the same.
 */
export async function sumVintageMoves(db: Database, asOf: AsOf, zone: string): Promise<VintageMove[]> {
  const { programId, at } = asOf;
  return db`
    select wallet, vintage, month, sum(expired)::bigint as expired, sum(gone)::bigint as left
    from (
      select wallet, ${monthOf(db, db`earned_at`, zone)} as vintage,
             ${monthOf(db, db`(expires_at - interval '1 millisecond')`, zone)} as month, expired, 0::bigint as gone
      from ${lotsAsOf(db, asOf)} as lot where source <> 'DEBT' and expired <> 0
      union all
      select l.wallet, ${monthOf(db, db`l.earned_at`, zone)}, ${monthOf(db, db`p.at`, zone)}, 0,
             case when p.to_bucket in ('REDEEMED', 'REVERSED', 'ADJUSTED', 'TRANSFERRED') then p.points else 0 end
             - case when p.from_bucket in ('REDEEMED', 'REVERSED', 'ADJUSTED', 'TRANSFERRED') then p.points else 0 end
      from loyalty_postings p join loyalty_lots l on l.record_id = p.record_id and l.id = p.lot_id
      where p.program_id = ${programId} and p.at <= ${at} and l.source <> 'DEBT'
    ) as moved
    group by 1, 2, 3 having sum(expired) <> 0 or sum(gone) <> 0
    order by 1, 2, 3`;
}

export interface MonthFlow {
  readonly wallet: string;
  readonly month: string;
  readonly issued: bigint;
  /** Taken back by returns. */
  readonly reversed: bigint;
  /** Less what was taken back of it. */
  readonly redeemed: bigint;
  readonly expired: bigint;
}

/**
 * What was issued and what was redeemed, by the month in which it was entered; half-open. What members give each other is
 * no news.
 */
export async function sumFlows(
  db: Database,
  { programId, from, to, zone }: { programId: string; from: Date; to: Date; zone: string },
): Promise<MonthFlow[]> {
  const net = (bucket: string) => db`
    (coalesce(sum(points) filter (where to_bucket = ${bucket}), 0)
     - coalesce(sum(points) filter (where from_bucket = ${bucket}), 0))::bigint`;
  return db`
    select wallet, ${monthOf(db, db`at`, zone)} as month,
           coalesce(sum(points) filter (where from_bucket = 'ISSUED' and kind <> 'TRANSFERRED'), 0)::bigint as issued,
           ${net('REVERSED')} as reversed,
           ${net('REDEEMED')} as redeemed, ${net('EXPIRED')} as expired
    from loyalty_postings where program_id = ${programId} and at >= ${from} and at < ${to}
    group by 1, 2 order by 1, 2`;
}

export interface RulePoints {
  readonly wallet: string;
  readonly month: string;
  readonly version: number;
  readonly rule: string;
  readonly points: bigint;
  readonly touchpoints: number;
}

/** What rules gave to what happened in a period, net of returns so far, by month; half-open. */
export async function sumRules(
  db: Database,
  {
    programId,
    from,
    to,
    zone,
    rules,
  }: { programId: string; from: Date; to: Date; zone: string; rules: readonly string[] },
): Promise<RulePoints[]> {
  return db`
    select l.wallet, ${monthOf(db, db`l.earned_at`, zone)} as month, l.version, part ->> 'rule' as rule,
           sum((part ->> 'points')::bigint)::bigint as points, count(distinct l.id)::int as touchpoints
    from loyalty_lots l cross join jsonb_array_elements(l.grants) as part
    where l.program_id = ${programId} and l.source = 'TOUCHPOINT' and l.earned_at >= ${from} and l.earned_at < ${to}
      and part ->> 'rule' = any(${rules as string[]}::text[])
    group by 1, 2, 3, 4 order by 2, 1, 4, 3`;
}
