import type { Pool } from '../../src/kernel/database.ts';

/**
 * Everything that the platform derives, in one comparable value: who is whose, what customers look like. Times of
 * arrival are left out; all else must not depend on them.
 */
export async function readWorld(db: Pool) {
  return {
    records: await db`
      select id, source, key, customer_id, component_id, first_at, last_at, touchpoints::int, identified
      from records order by id`,
    identifiers: await db`select id, kind, value, records from identifiers order by id`,
    claims: await db`
      select identifier_id, record_id, kind, given, first_seen_at, first_touchpoint_id, last_seen_on
      from claims order by identifier_id, record_id`,
    recordTraits: await db`select * from record_traits order by record_id, name`,
    revenue: await db`
      select record_id, currency, orders, returns, gross::text, returned::text, first_order_at, last_order_at
      from record_revenue order by record_id, currency`,
    customers: await db`
      select id, identified, records, first_seen_at, last_seen_at, touchpoints::int, orders, first_order_at,
             last_order_at, revenue, traits
      from customers order by id`,
    touchpoints: await db`
      select record_id, occurred_at, id, source, message_id, type, channel, direction, value_minor::text, currency,
             campaign, traits, properties, lines, context
      from touchpoints order by id`,
  };
}

/** Empties everything that ingestion writes; the database's secret stays, so that ids can be compared. */
export async function emptyWorld(db: Pool): Promise<void> {
  // A few rows: deleting them is far quicker than truncating the tables, partitions and indexes.
  const tables = ['records', 'identifiers', 'claims', 'record_traits', 'record_revenue', 'customers', 'touchpoints'];
  const others = ['receipts', 'changes', 'quarantine', 'decisions', 'decision_records', 'refused_links', 'regroupings'];
  await db.unsafe([...tables, ...others].map((table) => `delete from ${table};`).join(''));
}
