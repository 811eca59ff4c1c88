import type { IdentityRules } from '../../identity/rules.ts';
import type { Database } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';
import type { CustomerHistory, HistoryPurchase, HistorySignal } from './customer-history.ts';
import type { LoggedRegrouping, LoggedTier, TierLog } from './tier-history.ts';

export interface HistoryQuestion {
  /** What names a person. */
  readonly rules: Pick<IdentityRules, 'kinds' | 'custom'>;
  /** The fewest days that a prospect may be silent, by any settings. */
  readonly prospectDays: number;
}

export interface FoundHistory extends Omit<CustomerHistory, 'tiers'> {
  /** Null: they have never had a tier. */
  readonly tierLog: TierLog | null;
}

/**
 * All that is known of customers and KPIs follow from, but for what programmes say. One statement, whatever their number: a
 * customer's lists come as one text each, which costs this process a third of what a row for each purchase would.
 */
export async function findHistories(
  db: Database,
  customerIds: readonly string[],
  { rules: { kinds, custom }, prospectDays }: HistoryQuestion,
): Promise<FoundHistory[]> {
  const naming = [...kinds.values()].filter(({ namesPerson }) => namesPerson).map(({ kind }) => kind);
  const rows = await db<HistoryRow[]>`
    select c.id as "customerId", c.first_seen_at as "firstSeenAt", c.last_seen_at as "lastSeenAt",
           case when c.identified then (
             select min(claim.first_seen_at)
             from records r cross join lateral (
               select k.first_seen_at from claims k
               cross join lateral (select from identifiers i where i.id = k.identifier_id and not i.blocked offset 0) as i
               where k.record_id = r.id and k.removed_by is null
                 and (k.kind = any(${naming}::text[])
                   or (${custom.namesPerson} and not k.kind = any(${[...kinds.keys()]}::text[])))
               offset 0) as claim
             where r.customer_id = c.id) end as "identifiedAt",
           bought.purchases, told.signals, climbed.tiers,
           case when climbed.tiers is not null then (
             select json_agg(json_build_array(g.kind, g.customer_id, g.other_id, g.at) order by g.id)
             from (
               select g.* from records r
               cross join lateral (select * from regroupings where customer_id = r.id offset 0) as g where r.customer_id = c.id
               union
               select g.* from records r
               cross join lateral (select * from regroupings where other_id = r.id offset 0) as g where r.customer_id = c.id
             ) as g)::text end as regroupings,
           case when coalesce(bought.first_at, c.last_seen_at) - c.first_seen_at > make_interval(days => ${prospectDays}::int)
             then (
               select json_agg(touch.at order by touch.at)
               from records r cross join lateral (
                 select (extract(epoch from t.occurred_at) * 1000)::bigint as at from touchpoints t
                 where t.record_id = r.id and t.occurred_at >= r.first_at and t.occurred_at <= r.last_at
                   and (bought.first_at is null or t.occurred_at <= bought.first_at) offset 0) as touch
               where r.customer_id = c.id)::text end as touches
    from unnest(${idList(customerIds)}::uuid[]) as asked (id)
    join customers c on c.id = asked.id
    cross join lateral (
      select string_agg(
               concat_ws(E'\\t', p.id, p.record_id, date_part('epoch', p.occurred_at), p.kind, p.opens_order, p.currency,
                         p.value_minor, coalesce(p.cost_minor::text, ''), p.items, coalesce(to_json(p.order_id)::text, '')),
               E'\\n' order by p.occurred_at, p.id) as purchases,
             min(p.occurred_at) filter (where p.kind = 'ORDER') as first_at
      from records r cross join lateral (select * from purchases where record_id = r.id offset 0) as p
      where r.customer_id = c.id) as bought
    cross join lateral (
      select json_agg(json_build_array(
               s.id, (extract(epoch from s.occurred_at) * 1000)::bigint, s.kind, s.subject, s.score,
               (extract(epoch from s.ends_at) * 1000)::bigint)
               order by s.occurred_at, s.id, s.kind)::text as signals
      from records r cross join lateral (select * from signals where record_id = r.id offset 0) as s
      where r.customer_id = c.id) as told
    cross join lateral (
      select json_agg(json_build_array(l.customer_id, l.program_id, l.at, l.to_tier) order by l.at, l.id)::text as tiers
      from records r cross join lateral (select * from loyalty_tier_log where customer_id = r.id offset 0) as l
      where r.customer_id = c.id) as climbed`;
  return rows.map(toHistory);
}

interface HistoryRow extends Pick<CustomerHistory, 'customerId' | 'firstSeenAt' | 'lastSeenAt' | 'identifiedAt'> {
  readonly purchases: string | null;
  readonly signals: string | null;
  readonly touches: string | null;
  readonly tiers: string | null;
  readonly regroupings: string | null;
}

function toHistory({ purchases, signals, touches, tiers, regroupings, ...row }: HistoryRow): FoundHistory {
  return {
    ...row,
    purchases: purchases === null ? [] : purchases.split('\n').map(toPurchase),
    signals: signals === null ? [] : (JSON.parse(signals) as StoredSignal[]).map(toSignal),
    touches: touches === null ? [] : (JSON.parse(touches) as number[]).map((at) => new Date(at)),
    tierLog: tiers === null ? null : toTierLog(tiers, regroupings),
  };
}

/** Columns are parted by tabs; the order's name, which may hold one, is JSON. */
function toPurchase(line: string): HistoryPurchase {
  const [id, recordId, seconds, kind, opens, currency, value, cost, items, orderId] = line.split('\t') as Columns;
  return {
    ...{ id, recordId, currency },
    at: new Date(Math.round(Number(seconds) * 1_000)),
    kind: kind === 'ORDER' ? 'ORDER' : 'RETURN',
    orderId: orderId === '' ? null : (JSON.parse(orderId) as string),
    opensOrder: opens === 't',
    valueMinor: BigInt(value),
    costMinor: cost === '' ? null : BigInt(cost),
    items: Number(items),
  };
}

type Columns = [string, string, string, string, string, string, string, string, string, string];

type StoredSignal = readonly [
  id: string,
  at: number,
  kind: string,
  subject: string | null,
  score: number | null,
  endsAt: number | null,
];

function toSignal([id, at, kind, subject, score, endsAt]: StoredSignal): HistorySignal {
  return { id, at: new Date(at), kind, subject, score, endsAt: endsAt === null ? null : new Date(endsAt) };
}

function toTierLog(tiers: string, regroupings: string | null): TierLog {
  return {
    tiers: (JSON.parse(tiers) as [string, string, string, string | null][]).map(
      ([customerId, programId, at, tier]): LoggedTier => ({ customerId, programId, at: new Date(at), tier }),
    ),
    regroupings: (JSON.parse(regroupings ?? '[]') as [string, string, string, string][]).map(
      ([kind, customerId, otherId, at]): LoggedRegrouping => ({ kind, customerId, otherId, at: new Date(at) }),
    ),
  };
}
