import type { Pool } from '../../src/kernel/database.ts';
import { ensurePartitions, monthOf } from '../../src/touchpoints/partitions.queries.ts';
import { uuidFrom, uuidOf } from './made-ids.ts';

const day = 86_400_000;
const historyDays = 540;

export interface SegmentData {
  readonly customers: number;
  /** Of each customer. */
  readonly touchpoints: number;
  readonly now: Date;
}

/** The UUID of a customer, numbered from 1. */
export const customerWithHistory = (number: number) => uuidFrom(`bench ${number}`);

/**
 * Customers of two records with a history, written straight into the tables: a third of what they did lies within the last
 * sixty days. Only what conditions look at; no receipts, no identifiers. Two million touchpoints take some seconds.
 */
export async function writeSegmentData(pool: Pool, { customers, touchpoints, now }: SegmentData): Promise<void> {
  const start = new Date(now.getTime() - historyDays * day);
  const months = new Set(
    Array.from({ length: historyDays + 1 }, (_, n) => monthOf(new Date(start.getTime() + n * day))),
  );
  await ensurePartitions(pool, [...months].sort());
  const chunk = 50_000;
  for (let first = 1; first <= customers; first += chunk) {
    const last = Math.min(first + chunk - 1, customers);
    await pool.begin(async (tx) => {
      const id = (text: string) => tx.unsafe(uuidOf(text));
      await tx`
        insert into customers (id, identified, records, first_seen_at, last_seen_at, touchpoints, orders, revenue, traits, updated_at)
        select ${id("'bench ' || n")}, true, 2, ${start}, ${now}, ${touchpoints}, 0, '{}',
               jsonb_build_object('country', (array['CH', 'CH', 'DE', 'AT'])[1 + n % 4], 'city', 'City ' || n % 500,
                                  'firstName', 'First ' || n % 3000, 'email', 'person' || n || '@example.com'),
               ${now}
        from generate_series(${first}::int, ${last}::int) as n`;
      await tx`
        insert into records (id, source, key, customer_id, first_at, last_at, touchpoints, identified, created_at)
        select ${id('place || n')}, source, n::text, ${id("'bench ' || n")}, ${start}, ${now}, ${touchpoints / 2}, true, ${now}
        from generate_series(${first}::int, ${last}::int) as n
        cross join (values ('bench ', 'web'), ('till ', 'pos')) as of (place, source)`;
      await tx`
        insert into touchpoints (record_id, occurred_at, id, received_at, source, message_id, type, channel, direction,
                                 value_minor, currency, properties)
        select ${id("case when k % 2 = 0 then 'bench ' else 'till ' end || n")},
               ${now}::timestamptz - make_interval(secs => (case when h % 3 = 0 then h % ${60 * 86_400} else h % ${historyDays * 86_400} end)),
               ${id("'event ' || n || ' ' || k")}, ${now}, case when k % 2 = 0 then 'web' else 'pos' end, n || '-' || k, type,
               case when k % 2 = 0 then 'WEB' else 'POS' end, 'INBOUND',
               case when type like 'order%' then 500 + h % 20000 end, case when type like 'order%' then 'CHF' end,
               jsonb_build_object('category', 'category ' || h % 40, 'sku', 'SKU-' || h % 5000, 'path', '/products/' || h % 5000)
        from generate_series(${first}::int, ${last}::int) as n
        cross join generate_series(0, ${touchpoints - 1}::int) as k
        cross join lateral (select abs(hashint8extended(n::bigint * 100 + k, 7) / 3) as h) as hashed
        cross join lateral (
          select (array['page.viewed', 'page.viewed', 'page.viewed', 'page.viewed', 'page.viewed', 'product.viewed', 'product.viewed',
                        'order.completed', 'email.opened', 'order.returned'])[1 + (h / 7) % (case when h % 5 = 0 then 10 else 9 end)] as type
        ) as typed`;
    });
  }
  await pool`vacuum (analyze) customers, records, touchpoints`;
}
