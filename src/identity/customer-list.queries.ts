import type { Fragment } from 'postgres';
import type { CustomerCut } from '../kernel/boundary.ts';
import type { Database } from '../kernel/database.ts';
import { currencyExponent } from '../kernel/money.ts';
import type { PageRequest } from '../kernel/paging.ts';
import { literal, unprepared } from '../kernel/unprepared.ts';
import { customerColumns } from './customer.queries.ts';
import type { CustomerView } from './customer.type.ts';
import type { CustomerFilter, InstantRange, NumberRange, TraitCondition } from './customer-filter.ts';

export interface CustomerSelection {
  /** Checked. `identifierId` stands for the identifier that its filter names. */
  readonly filter: CustomerFilter | null;
  readonly identifierIdOf: (identifier: { kind: string; value: string }) => string | null;
  /** Whom the caller's key may see; left out: everybody. */
  readonly cut?: CustomerCut;
}

export interface CustomerListing extends CustomerSelection {
  /** NONE: by their ids, which tell nothing. */
  readonly orderBy: 'FIRST_SEEN' | 'LAST_SEEN' | 'NONE';
  readonly descending: boolean;
  readonly page: PageRequest;
}

/** One page of customers, with one too many to tell whether there is more. Walks the index of its order. */
export async function listCustomers(db: Database, listing: CustomerListing): Promise<CustomerView[]> {
  const { page, orderBy } = listing;
  const column = columnOf(db, orderBy);
  // Backwards is the other direction from the other end; the page is turned round afterwards.
  const down = listing.descending !== page.backward;
  const [beyond, short] = listing.descending ? [db`<`, db`>`] : [db`>`, db`<`];
  return unprepared(db<CustomerView[]>`
    select ${customerColumns(db)}
    from customers c
    where ${matches(db, listing)}
      ${page.after ? db`and (${column}, c.id) ${beyond} (${page.after.at}, ${page.after.id}::uuid)` : db``}
      ${page.before ? db`and (${column}, c.id) ${short} (${page.before.at}, ${page.before.id}::uuid)` : db``}
    order by ${down ? db`${column} desc, c.id desc` : db`${column}, c.id`}
    limit ${literal(db, page.size + 1)}`);
}

function columnOf(db: Database, orderBy: CustomerListing['orderBy']): Fragment {
  if (orderBy === 'NONE') return db`'epoch'::timestamptz`;
  return orderBy === 'FIRST_SEEN' ? db`c.first_seen_at` : db`c.last_seen_at`;
}

/** Looks at every customer that matches: as slow as the database is big. */
export async function countCustomers(db: Database, selection: CustomerSelection): Promise<number> {
  const [row] = await unprepared(
    db<{ count: bigint }[]>`select count(*) as count from customers c where ${matches(db, selection)}`,
  );
  return Number(row?.count ?? 0n);
}

function matches(db: Database, selection: CustomerSelection): Fragment {
  const { filter, cut } = selection;
  const chosen = filter === null ? db`true` : conditionOf(db, filter, selection);
  return cut ? db`${cut(db, db`c.id`)} and ${chosen}` : chosen;
}

/** Every leaf is true or false, never unknown, so that `not` means not. */
function conditionOf(db: Database, filter: CustomerFilter, selection: CustomerSelection): Fragment {
  const all: Fragment[] = [];
  const { and, or, not, identified, identifier, trait, source, orders, touchpoints, netRevenue } = filter;
  if (and)
    all.push(
      joined(
        db,
        and.map((branch) => conditionOf(db, branch, selection)),
        db`and`,
      ),
    );
  if (or)
    all.push(
      joined(
        db,
        or.map((branch) => conditionOf(db, branch, selection)),
        db`or`,
      ),
    );
  if (not) all.push(db`not ${conditionOf(db, not, selection)}`);
  if (identified != null) all.push(db`c.identified = ${identified}`);
  if (identifier) all.push(carries(db, selection.identifierIdOf(identifier)));
  if (trait) all.push(hasTrait(db, trait));
  if (source != null) all.push(db`exists (select from records r where r.customer_id = c.id and r.source = ${source})`);
  if (orders) all.push(...inRange(db, db`c.orders`, orders));
  if (touchpoints) all.push(...inRange(db, db`c.touchpoints`, touchpoints));
  if (netRevenue) all.push(...inRange(db, netRevenueIn(db, netRevenue.currency), netRevenue));
  if (filter.firstSeen) all.push(...inPeriod(db, db`c.first_seen_at`, filter.firstSeen));
  if (filter.lastSeen) all.push(...inPeriod(db, db`c.last_seen_at`, filter.lastSeen));
  return joined(db, all, db`and`);
}

function joined(db: Database, conditions: readonly Fragment[], operator: Fragment): Fragment {
  const [first, ...rest] = conditions;
  if (!first) return db`true`;
  return db`(${rest.reduce<Fragment>((left, right) => db`${left} ${operator} ${right}`, first)})`;
}

function carries(db: Database, identifierId: string | null): Fragment {
  return db`c.id in (
    select r.customer_id from claims join records r on r.id = claims.record_id
    where claims.identifier_id = ${identifierId}::uuid and claims.removed_by is null and r.customer_id is not null
  )`;
}

/**
 * Comparisons go through jsonpath: it compares numbers with numbers and text with text, and a value of another type is
 * no match instead of an error.
 */
function hasTrait(db: Database, { name, operator, value }: TraitCondition): Fragment {
  const held = db`nullif(c.traits -> ${name}::text, 'null')`;
  const json = db`${JSON.stringify(value ?? null)}::text::jsonb`;
  const compares = (path: string) =>
    db`coalesce(jsonb_path_exists(${held}, ${path}::text::jsonpath, jsonb_build_object('value', ${json})), false)`;
  switch (operator) {
    case 'EQUALS':
      return db`coalesce(${held} = ${json}, false)`;
    case 'NOT_EQUALS':
      return db`coalesce(${held} <> ${json}, true)`;
    case 'GREATER':
      return compares('strict $ ? (@ > $value)');
    case 'GREATER_OR_EQUAL':
      return compares('strict $ ? (@ >= $value)');
    case 'LESS':
      return compares('strict $ ? (@ < $value)');
    case 'LESS_OR_EQUAL':
      return compares('strict $ ? (@ <= $value)');
    case 'STARTS_WITH':
      return db`coalesce(starts_with(c.traits ->> ${name}::text, ${String(value)}::text), false)`;
    case 'CONTAINS':
      return db`coalesce(strpos(lower(c.traits ->> ${name}::text), lower(${String(value)}::text)) > 0, false)`;
    case 'EXISTS':
      return db`(${held} is not null)`;
    case 'NOT_EXISTS':
      return db`(${held} is null)`;
  }
}

function inRange<N extends number | string>(db: Database, amount: Fragment, range: NumberRange<N>): Fragment[] {
  const { gt, gte, lt, lte } = range;
  const all: Fragment[] = [];
  if (gt != null) all.push(db`${amount} > ${String(gt)}::text::numeric`);
  if (gte != null) all.push(db`${amount} >= ${String(gte)}::text::numeric`);
  if (lt != null) all.push(db`${amount} < ${String(lt)}::text::numeric`);
  if (lte != null) all.push(db`${amount} <= ${String(lte)}::text::numeric`);
  return all;
}

/** In units of the currency; 0 for a customer who never bought in that currency. */
function netRevenueIn(db: Database, currency: string): Fragment {
  const part = (name: string) => db`coalesce((c.revenue -> ${currency}::text ->> ${name}::text)::numeric, 0)`;
  const unit = `1e-${currencyExponent(currency) ?? 2}`;
  return db`((${part('gross')} - ${part('returned')}) * ${unit}::text::numeric)`;
}

function inPeriod(db: Database, instant: Fragment, { from, to }: InstantRange): Fragment[] {
  const all: Fragment[] = [];
  if (from) all.push(db`${instant} >= ${from}`);
  if (to) all.push(db`${instant} < ${to}`);
  return all;
}
