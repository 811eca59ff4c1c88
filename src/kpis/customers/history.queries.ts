import type { IdentityRules } from '../../identity/rules.ts';
import type { Database } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';
import { mapInTurns } from '../../kernel/turns.ts';
import type { CustomerHistory, HistoryObservation, HistoryPurchase, HistorySignal } from './customer-history.ts';
import type { LoggedRegrouping, LoggedTier } from './tier-history.ts';

/** Some milliseconds of reading. */
const rowsOfATurn = 50;

export interface HistoryQuestion {
  /** What names a person. */
  readonly rules: Pick<IdentityRules, 'kinds' | 'custom'>;
  /** The fewest days that a prospect may be silent, by any settings. */
  readonly prospectDays: number;
}

export interface FoundHistory extends Omit<CustomerHistory, 'tiers'> {
  /** Of the customer and of all whom they have absorbed, in order. Null: they have never had a tier. */
  readonly tierLog: readonly LoggedTier[] | null;
  /** Of the same. Empty where nothing is known that they could have undone. */
  readonly regroupings: readonly LoggedRegrouping[];
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
             select claim.first_seen_at
             from (
               select k.first_seen_at, k.identifier_id
               from unnest(own.records) as r (id) cross join lateral (
                 select first_seen_at, identifier_id from claims
                 where record_id = r.id and removed_by is null
                   and (kind = any(${naming}::text[])
                     or (${custom.namesPerson} and not kind = any(${[...kinds.keys()]}::text[]))) offset 0) as k
               order by k.first_seen_at) as claim
             cross join lateral (
               select from identifiers i where i.id = claim.identifier_id and not i.blocked offset 0) as usable
             order by claim.first_seen_at limit 1) end as "identifiedAt",
           bought.purchases, bought.stores[array_upper(bought.stores, 1)] as "homeStore", told.signals, climbed.tiers, seen.observations,
           case when climbed.tiers is not null or seen.observations is not null then (
             select json_agg(json_build_array(g.kind, g.customer_id, g.other_id, g.at) order by g.id)
             from (
               select g.* from unnest(own.records) as r (id)
               cross join lateral (select * from regroupings where customer_id = r.id offset 0) as g
               union
               select g.* from unnest(own.records) as r (id)
               cross join lateral (select * from regroupings where other_id = r.id offset 0) as g
             ) as g)::text end as regroupings,
           case when coalesce(bought.first_at, c.last_seen_at) - c.first_seen_at > make_interval(days => ${prospectDays}::int)
             then (
               select json_agg(touch.at order by touch.at)
               from records r cross join lateral (
                 select (extract(epoch from t.occurred_at) * 1000)::bigint as at from touchpoints t
                 -- The least looks past a null. So months after the first order are not looked into.
                 where t.record_id = r.id and t.occurred_at >= r.first_at
                   and t.occurred_at <= least(r.last_at, bought.first_at) offset 0) as touch
               where r.customer_id = c.id)::text end as touches
    from unnest(${idList(customerIds)}::uuid[]) as asked (id)
    join customers c on c.id = asked.id
    cross join lateral (select array_agg(id) as records from records where customer_id = c.id) as own
    cross join lateral (
      select string_agg(
               concat_ws(E'\\t', p.id, p.record_id, date_part('epoch', p.occurred_at), p.kind, p.opens_order, p.currency,
                         p.value_minor, coalesce(p.cost_minor::text, ''), p.items, coalesce(to_json(p.order_id)::text, '')),
               E'\\n' order by p.occurred_at, p.id) as purchases,
             min(p.occurred_at) filter (where p.kind = 'ORDER') as first_at,
             -- In the order of the list above, so that it is sorted once.
             array_agg(p.store order by p.occurred_at, p.id) filter (where p.kind = 'ORDER' and p.store is not null) as stores
      from unnest(own.records) as r (id)
      cross join lateral (select * from purchases where record_id = r.id offset 0) as p) as bought
    cross join lateral (
      select json_agg(json_build_array(
               s.id, (extract(epoch from s.occurred_at) * 1000)::bigint, s.kind, s.subject, s.score,
               (extract(epoch from s.ends_at) * 1000)::bigint)
               order by s.occurred_at, s.id, s.kind)::text as signals
      from unnest(own.records) as r (id)
      cross join lateral (select * from signals where record_id = r.id offset 0) as s) as told
    cross join lateral (
      select json_agg(json_build_array(l.customer_id, l.program_id, l.at, l.to_tier) order by l.at, l.id)::text as tiers
      from unnest(own.records) as r (id)
      cross join lateral (select * from loyalty_tier_log where customer_id = r.id offset 0) as l) as climbed
    cross join lateral (
      select json_agg(json_build_array(
               (extract(epoch from o.at) * 1000)::bigint, o.engagement_fall,
               (extract(epoch from o.tier_drop_at) * 1000)::bigint, o.lever_group)
               order by o.at)::text as observations
      from customer_observations o where o.customer_id = c.id) as seen`;
  return mapInTurns(rows, rowsOfATurn, toHistory);
}

interface HistoryRow
  extends Pick<CustomerHistory, 'customerId' | 'firstSeenAt' | 'lastSeenAt' | 'identifiedAt' | 'homeStore'> {
  readonly purchases: string | null;
  readonly signals: string | null;
  readonly touches: string | null;
  readonly tiers: string | null;
  readonly observations: string | null;
  readonly regroupings: string | null;
}

function toHistory({
  purchases,
  signals,
  touches,
  tiers,
  observations,
  regroupings,
  ...row
}: HistoryRow): FoundHistory {
  return {
    ...row,
    purchases: purchases === null ? [] : purchases.split('\n').map(toPurchase),
    signals: signals === null ? [] : (JSON.parse(signals) as StoredSignal[]).map(toSignal),
    touches: touches === null ? [] : (JSON.parse(touches) as number[]).map((at) => new Date(at)),
    observations: observations === null ? [] : (JSON.parse(observations) as StoredObservation[]).map(toObservation),
    tierLog: tiers === null ? null : (JSON.parse(tiers) as StoredTier[]).map(toTier),
    regroupings: regroupings === null ? [] : (JSON.parse(regroupings) as StoredRegrouping[]).map(toRegrouping),
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

type StoredObservation = readonly [at: number, fall: number, tierDropAt: number | null, group: string | null];

function toObservation([at, engagementFall, tierDropAt, group]: StoredObservation): HistoryObservation {
  return { at: new Date(at), engagementFall, tierDropAt: tierDropAt === null ? null : new Date(tierDropAt), group };
}

type StoredTier = readonly [customerId: string, programId: string, at: string, tier: string | null];

function toTier([customerId, programId, at, tier]: StoredTier): LoggedTier {
  return { customerId, programId, at: new Date(at), tier };
}

type StoredRegrouping = readonly [kind: string, customerId: string, otherId: string, at: string];

function toRegrouping([kind, customerId, otherId, at]: StoredRegrouping): LoggedRegrouping {
  return { kind, customerId, otherId, at: new Date(at) };
}
