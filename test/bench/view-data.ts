import type { Pool } from '../../src/kernel/database.ts';
import { ensurePartitions } from '../../src/touchpoints/partitions.queries.ts';
import { uuidFrom, uuidOf } from './made-ids.ts';

/** Months of history, the last of them over before 2026-01. */
const firstMonth = 2024 * 12;
const months = 24;
const touchpointsEach = 20;

export const activityPeriod = { from: '2025-10-01', to: '2025-11-01' };

const recordId = uuidOf("'record ' || customer || ' ' || number");

/** The UUID of a customer: of its first record. */
export function customerId(customer: number): string {
  return uuidFrom(`record ${customer} 1`);
}

/**
 * Fills a migrated, empty database set-based: `customers` people with two records, three identifiers and six traits
 * each, and 20 touchpoints over two years, a tenth of them orders. Touchpoints are stored in order of time, as they
 * would have come: those of one customer lie on 20 pages.
 */
export async function fillDatabase(pool: Pool, customers: number): Promise<void> {
  await ensurePartitions(pool, monthNames());
  await pool.unsafe(touchpointsSql(customers));
  await pool.unsafe(recordsSql(customers));
  await pool.unsafe(claimsSql(customers));
  await pool.unsafe(traitsSql(customers));
  await pool.unsafe(customersSql);
  await pool.unsafe('vacuum analyze');
}

function monthNames(): string[] {
  return Array.from({ length: months }, (_, index) => {
    const month = firstMonth + index;
    return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;
  });
}

/** Spread over the two years by a hash, so that every run has the same data. */
function touchpointsSql(customers: number): string {
  return `
    insert into touchpoints (record_id, occurred_at, id, received_at, source, message_id, type, channel, direction,
                             value_minor, currency, traits, properties, lines, context)
    select ${recordId}, at, ${uuidOf("'touchpoint ' || customer || ' ' || n")}, at + interval '2 seconds',
           case number when 1 then 'web' else 'shop' end, 'm-' || customer || '-' || n,
           case when is_order then 'order.completed' else 'page.viewed' end, 'WEB', 'INBOUND',
           case when is_order then 1000 + hash % 9000 end, case when is_order then 'EUR' end, null,
           jsonb_build_object('path', '/products/' || hash % 500, 'title', 'Product ' || hash % 500, 'position', n),
           case when is_order then jsonb_build_array(jsonb_build_object('sku', 'sku-' || hash % 500, 'name',
             'Product ' || hash % 500, 'category', 'Shoes', 'quantity', 1, 'price', '12.50')) end,
           jsonb_build_object('locale', 'de-CH', 'device', 'mobile')
    from (
      select customer, n, n % 2 + 1 as number, n % 10 = 0 as is_order, hash,
             timestamptz '2024-01-01' + (hash % 63072000) * interval '1 second' as at
      from generate_series(1, ${customers}) as customer, generate_series(1, ${touchpointsEach}) as n,
           lateral (select abs(hashint8(customer::bigint * 1000 + n)::bigint) as hash) h
    ) spread
    order by at`;
}

function recordsSql(customers: number): string {
  return `
    insert into records (id, source, key, customer_id, component_id, first_at, last_at, touchpoints, identified, created_at)
    select r.id, case r.number when 1 then 'web' else 'shop' end, 'key-' || r.customer || '-' || r.number, r.customer_id,
           null, t.first_at, t.last_at, t.touchpoints, true, t.first_at
    from (
      select ${recordId} as id, ${uuidOf("'record ' || customer || ' 1'")} as customer_id, customer, number
      from generate_series(1, ${customers}) as customer, generate_series(1, 2) as number
    ) r
    join (
      select record_id, min(occurred_at) as first_at, max(occurred_at) as last_at, count(*) as touchpoints
      from touchpoints group by record_id
    ) t on t.record_id = r.id
    order by t.first_at;

    insert into record_revenue (record_id, currency, orders, returns, gross, returned, first_order_at, last_order_at)
    select record_id, currency, count(*), 0, sum(value_minor), 0, min(occurred_at), max(occurred_at)
    from touchpoints where type = 'order.completed' group by record_id, currency`;
}

function claimsSql(customers: number): string {
  const claim = (kind: string, number: number) => `
    select ${uuidOf(`'${kind} ' || customer`)} as identifier_id, ${recordId.replace('number', String(number))} as record_id,
           '${kind}' as kind, '${kind}-' || customer || '@example.com' as value
    from generate_series(1, ${customers}) as customer`;
  return `
    create temporary table made as
      ${[claim('anonymousId', 1), claim('email', 1), claim('email', 2), claim('userId', 2)].join(' union all ')};

    insert into claims (identifier_id, record_id, kind, given, first_seen_at, first_touchpoint_id, last_seen_on)
    select made.identifier_id, made.record_id, made.kind, null, r.first_at, made.record_id, r.last_at::date
    from made join records r on r.id = made.record_id
    order by r.first_at;

    insert into identifiers (id, kind, value, records, created_at)
    select identifier_id, kind, min(value), count(*), now() from made group by identifier_id, kind;

    drop table made`;
}

function traitsSql(customers: number): string {
  return `
    insert into record_traits (record_id, name, value, set_at, touchpoint_id)
    select r.id, trait.name, to_jsonb(trait.value || ' ' || r.key), r.last_at, r.id
    from records r,
         (values ('firstName', 'Jo'), ('lastName', 'Doe'), ('city', 'Bern'), ('language', 'de'), ('country', 'CH'),
                 ('plan', 'gold')) as trait (name, value)
    where ${customers} > 0
    order by r.first_at`;
}

/** The same folds as the platform's own. */
const customersSql = `
  insert into customers (id, identified, records, first_seen_at, last_seen_at, touchpoints, orders, first_order_at,
                         last_order_at, revenue, traits, updated_at)
  select c.customer_id, true, c.records, c.first_at, c.last_at, c.touchpoints, coalesce(o.orders, 0), o.first_order_at,
         o.last_order_at,
         case when o.orders is null then '{}' else jsonb_build_object('EUR', jsonb_build_object(
           'orders', o.orders, 'returns', 0, 'gross', o.gross, 'returned', 0)) end,
         t.traits, now()
  from (
    select customer_id, count(*) as records, min(first_at) as first_at, max(last_at) as last_at,
           sum(touchpoints) as touchpoints
    from records group by customer_id
  ) c
  join (
    select customer_id, jsonb_object_agg(name, value) as traits
    from (
      select distinct on (r.customer_id, t.name) r.customer_id, t.name, t.value
      from records r join record_traits t on t.record_id = r.id
      order by r.customer_id, t.name, t.set_at desc, t.touchpoint_id desc
    ) latest group by customer_id
  ) t on t.customer_id = c.customer_id
  left join (
    select r.customer_id, sum(v.orders)::int as orders, sum(v.gross) as gross, min(v.first_order_at) as first_order_at,
           max(v.last_order_at) as last_order_at
    from record_revenue v join records r on r.id = v.record_id group by r.customer_id
  ) o on o.customer_id = c.customer_id
  order by c.first_at`;
