import type { Fragment } from 'postgres';
import type { Database } from '../kernel/database.ts';
import type { Json } from '../kernel/json.ts';
import { idList } from '../kernel/sql-array.ts';
import type { CustomerFacts, FactTouchpoint } from './facts.ts';

/** One customer's row, with what its records and identifiers say. */
export interface CustomerFactsRow
  extends Omit<CustomerFacts, 'revenue' | 'touchpoints' | 'sources' | 'identifierKinds' | 'members' | 'further'> {
  /** JSON text: its amounts may be greater than a JavaScript number can hold. */
  readonly revenue: string;
  readonly sources: readonly string[];
  readonly identifierKinds: readonly string[];
  readonly mergedAt: readonly Date[];
}

export async function findCustomerFacts(db: Database, ids: readonly string[]): Promise<CustomerFactsRow[]> {
  return db`${customerFacts(db, db`${idList(ids)}::uuid[]`)}`;
}

/** Rows of {@link CustomerFactsRow}. `customers`: an expression of type uuid[]. */
export function customerFacts(db: Database, customers: Fragment): Fragment {
  return db`
    select c.id, c.traits, c.identified, c.records, c.touchpoints::float8 as "touchpointCount", c.orders,
           c.first_seen_at as "firstSeenAt", c.last_seen_at as "lastSeenAt", c.last_order_at as "lastOrderAt",
           (select coalesce(jsonb_object_agg(currency, jsonb_build_object(
              'orders', orders, 'returns', returns, 'gross', gross::text, 'returned', returned::text)), '{}')
            from (select v.currency, sum(v.orders)::int as orders, sum(v.returns)::int as returns, sum(v.gross) as gross,
                         sum(v.returned) as returned
                  from records r join record_revenue v on v.record_id = r.id
                  where r.customer_id = c.id group by v.currency) as by_currency)::text as revenue,
           array(select distinct r.source from records r where r.customer_id = c.id) as sources,
           array(select distinct k.kind from records r join claims k on k.record_id = r.id
                 where r.customer_id = c.id and k.removed_by is null) as "identifierKinds",
           array(select g.at from regroupings g where g.other_id = c.id and g.kind = 'MERGED') as "mergedAt"
    from customers c where c.id = any(${customers})`;
}

/** What a module further up knows of customers, by the name of its leaf. */
export interface FurtherFacts {
  readonly leaf: string;
  /** A query of `id` and `facts` (jsonb), a row for each of these customers (uuid[]) of whom something is known. */
  query(db: Database, customers: Fragment): Fragment;
}

/** By customer, then by leaf, null where nothing is known. One statement, whatever modules there are. */
export async function findFurtherFacts(
  db: Database,
  ids: readonly string[],
  further: readonly FurtherFacts[],
): Promise<(customerId: string) => ReadonlyMap<string, Json>> {
  const query = furtherFacts(db, db`${idList(ids)}::uuid[]`, further);
  const rows = query ? await db<{ leaf: string; id: string; facts: Json }[]>`${query}` : [];
  const found = new Map(rows.map(({ leaf, id, facts }) => [`${leaf} ${id}`, facts]));
  return (id) => new Map(further.map(({ leaf }) => [leaf, found.get(`${leaf} ${id}`) ?? null]));
}

/** A query of `leaf`, `id` and `facts`; undefined where there is nothing to ask. `customers`: an expression of type uuid[]. */
export function furtherFacts(
  db: Database,
  customers: Fragment,
  further: readonly FurtherFacts[],
): Fragment | undefined {
  const [first, ...others] = further.map(
    ({ leaf, query }) => db`select ${leaf}::text as leaf, id, facts from (${query(db, customers)}) as found`,
  );
  return first && others.reduce((all, one) => db`${all} union all ${one}`, first);
}

export interface OwnedTouchpoint extends FactTouchpoint {
  readonly customerId: string;
}

/** Everything that happened with these customers, in order of (time, id). */
export async function findFactTouchpoints(db: Database, ids: readonly string[]): Promise<OwnedTouchpoint[]> {
  return db`
    select r.customer_id as "customerId", t.id, t.occurred_at as "occurredAt", t.type, t.source, t.channel, t.direction,
           t.campaign, t.value_minor as "valueMinor", t.currency, t.traits, t.properties, t.lines
    from records r join touchpoints t on t.record_id = r.id
    where r.customer_id = any(${ids as string[]}::uuid[])
    order by t.occurred_at, t.id`;
}

export interface MemberRow {
  readonly customerId: string;
  readonly memberId: string;
}

/** Who is with these customers in a household or account at this instant, themselves included. */
export async function findMembers(
  db: Database,
  of: 'HOUSEHOLD' | 'ACCOUNT',
  ids: readonly string[],
  at: Date,
): Promise<MemberRow[]> {
  const memberships =
    of === 'HOUSEHOLD'
      ? db`(select record_id, household_id as group_id, valid_from, valid_to from household_members)`
      : db`(select record_id, account_id as group_id, valid_from, valid_to from account_members)`;
  const current = db`
    (select * from ${memberships} as m
     where (valid_from is null or valid_from <= ${at}) and (valid_to is null or valid_to > ${at}))`;
  return db`
    select distinct own.customer_id as "customerId", other.customer_id as "memberId"
    from records own
    join ${current} mine on mine.record_id = own.id
    join ${current} theirs on theirs.group_id = mine.group_id
    join records other on other.id = theirs.record_id
    where own.customer_id = any(${ids as string[]}::uuid[]) and other.customer_id is not null`;
}
