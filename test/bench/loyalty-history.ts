import type { Pool } from '../../src/kernel/database.ts';
import type { ProgramDefinition } from '../../src/loyalty/program.ts';
import { ensurePartitions, monthOf } from '../../src/touchpoints/partitions.queries.ts';

const day = 86_400_000;
const historyDays = 365;

export const programId = '0190a000-0000-7000-8000-000000000001';

/** Points by spend with a lever, an article group that counts double, a bonus for a review, tiers by a rolling year. */
export const benchDefinition: ProgramDefinition = {
  mechanics: null,
  goals: null,
  enrolment: 'AUTOMATIC',
  wallets: [{ key: 'points', name: 'Points', debt: 'OWED', pointValue: { amount: '0.01', currency: 'CHF' } }],
  rules: [
    {
      ...{ key: 'base', name: 'Base', wallet: 'points', lines: null, eligibility: null, tiers: null },
      ...{ validFrom: null, validTo: null, pendingDays: 14, caps: [], budget: null, qualifies: true, partner: null },
      match: { types: ['order.completed'] },
      earns: { spend: { points: { lever: 'pointsPerFranc' }, per: '1', currency: 'CHF' } },
      rounding: 'DOWN',
      roundedPer: 'ORDER',
      expiry: { count: 24, unit: 'MONTH', endOf: 'MONTH' },
    },
    {
      ...{ key: 'coffee', name: 'Coffee weeks', wallet: 'points', eligibility: null, tiers: ['silver', 'gold'] },
      ...{ validFrom: null, validTo: null, pendingDays: 14, budget: null, qualifies: false, partner: null },
      match: { types: ['order.completed'] },
      lines: { skus: [], categories: ['coffee'] },
      earns: { multiplier: { factor: { lever: 'coffeeFactor' }, of: ['base'] } },
      rounding: 'HALF_UP',
      roundedPer: 'LINE',
      expiry: { count: 24, unit: 'MONTH', endOf: 'MONTH' },
      caps: [{ per: 'MONTH', points: '500' }],
    },
  ],
  tierScheme: {
    basis: { points: { wallet: 'points' } },
    window: { rolling: { months: 12 } },
    keepsThroughNextPeriod: false,
    graceDays: 30,
    tiers: [
      { key: 'bronze', name: 'Bronze', threshold: '0', benefits: [] },
      { key: 'silver', name: 'Silver', threshold: { lever: 'silverFrom' }, benefits: [] },
      { key: 'gold', name: 'Gold', threshold: '3000', benefits: [] },
    ],
  },
  levers: [
    { key: 'pointsPerFranc', name: 'Points per franc', initial: '1', minimum: '0', maximum: '5', owner: 'marketing' },
    { key: 'coffeeFactor', name: 'Coffee factor', initial: '2', minimum: '1', maximum: '5', owner: 'category' },
    { key: 'silverFrom', name: 'Silver from', initial: '1000', minimum: '0', maximum: '5000', owner: 'marketing' },
  ],
};

export interface LoyaltyHistory {
  readonly customers: number;
  /** Of each customer. One in twenty-five is followed by a return of half of it. */
  readonly purchases: number;
  readonly now: Date;
}

/** A live programme, and customers of two records with a year of purchases of two lines each, straight into the tables. */
export async function writeLoyaltyHistory(pool: Pool, { customers, purchases, now }: LoyaltyHistory): Promise<void> {
  const start = new Date(now.getTime() - historyDays * day);
  await writeProgram(pool, new Date(start.getTime() - day));
  const months = new Set(
    Array.from({ length: historyDays + 1 }, (_, n) => monthOf(new Date(start.getTime() + n * day))),
  );
  await ensurePartitions(pool, [...months].sort());
  const chunk = 20_000;
  for (let first = 1; first <= customers; first += chunk) {
    const last = Math.min(first + chunk - 1, customers);
    await pool.begin(async (tx) => {
      await tx`
        insert into customers (id, identified, records, first_seen_at, last_seen_at, touchpoints, orders, revenue, traits, updated_at)
        select md5('bench ' || n)::uuid, true, 2, ${start}, ${now}, ${purchases}, ${purchases}, '{}', '{}', ${now}
        from generate_series(${first}::int, ${last}::int) as n`;
      await tx`
        insert into records (id, source, key, customer_id, first_at, last_at, touchpoints, identified, created_at)
        select md5(place || n)::uuid, source, n::text, md5('bench ' || n)::uuid, ${start}, ${now}, ${purchases / 2}, true, ${now}
        from generate_series(${first}::int, ${last}::int) as n
        cross join (values ('bench ', 'web'), ('till ', 'pos')) as of (place, source)`;
      await tx`
        insert into touchpoints (record_id, occurred_at, id, received_at, source, message_id, type, channel, direction,
                                 value_minor, currency, properties, lines)
        select md5(case when k % 2 = 0 then 'bench ' else 'till ' end || n)::uuid, at, md5('event ' || n || ' ' || k || type)::uuid,
               ${now}, case when k % 2 = 0 then 'web' else 'pos' end, n || '-' || k || type, type,
               case when k % 2 = 0 then 'WEB' else 'POS' end, 'INBOUND', cents * 3, 'CHF',
               jsonb_build_object('orderId', n || '-' || k, 'store', 'Store ' || h % 200),
               jsonb_build_array(
                 jsonb_build_object('sku', 'SKU-' || h % 5000, 'name', 'Article ' || h % 5000,
                                    'category', (array['coffee', 'tea', 'bread', 'milk'])[1 + h % 4], 'quantity', 1,
                                    'price', (cents / 100.0)::numeric(12, 2)::text),
                 jsonb_build_object('sku', 'SKU-' || (h / 7) % 5000, 'name', 'Article ' || (h / 7) % 5000,
                                    'category', (array['wine', 'fruit', 'coffee', 'meat'])[1 + (h / 3) % 4], 'quantity', 2,
                                    'price', (cents / 100.0)::numeric(12, 2)::text))
        from generate_series(${first}::int, ${last}::int) as n
        cross join generate_series(0, ${purchases - 1}::int) as k
        cross join lateral (select abs(hashint8extended(n::bigint * 100 + k, 7) / 3) as h) as hashed
        cross join lateral (select 150 + h % 4000 as cents) as priced
        cross join lateral (
          select 'order.completed' as type, ${start}::timestamptz + make_interval(secs => h % ${(historyDays - 10) * 86_400}) as at
          union all
          select 'order.returned', ${start}::timestamptz + make_interval(secs => h % ${(historyDays - 10) * 86_400} + 400000)
          where h % 25 = 0) as told`;
    });
  }
  await pool`vacuum (analyze) customers, records, touchpoints`;
}

async function writeProgram(pool: Pool, at: Date): Promise<void> {
  await pool`
    insert into loyalty_programs (id, name, published_version, created_at, updated_at, fingerprint)
    values (${programId}, 'Bench', 1, ${at}, ${at}, ${programId})`;
  await pool`
    insert into loyalty_program_versions (program_id, version, status, definition, effective_at, actor, created_at, updated_at,
                                          published_at)
    values (${programId}, 1, 'PUBLISHED', ${JSON.stringify(benchDefinition)}::text::jsonb, ${at}, 'bench', ${at}, ${at}, ${at})`;
  await pool`
    insert into loyalty_phases (program_id, id, phase, effective_at, actor)
    values (${programId}, ${programId}, 'LIVE', ${at}, 'bench')`;
  await pool`update loyalty_book set revision = revision + 1`;
}
