import pino from 'pino';
import { operatorContext } from '../../../src/access/operator.ts';
import { CataloguedTraits } from '../../../src/identity/personal-traits.service.ts';
import { ChangeFeed } from '../../../src/kernel/change-feed.ts';
import type { Context, Platform } from '../../../src/kernel/context.ts';
import type { Pool } from '../../../src/kernel/database.ts';
import { randomIds } from '../../../src/kernel/ids.ts';
import { column, idColumn } from '../../../src/kernel/sql-array.ts';
import { CalibrationService } from '../../../src/kpis/models/calibration.service.ts';
import { ModelFitter } from '../../../src/kpis/models/model-fitter.service.ts';
import { ModelThreads } from '../../../src/kpis/models/model-threads.ts';
import { KpiBook } from '../../../src/kpis/settings/kpi-book.service.ts';
import { TestClock } from '../../segments/fixture.ts';

export interface ModelsFixture {
  readonly pool: Pool;
  readonly ctx: Context;
  readonly clock: TestClock;
  readonly book: KpiBook;
  readonly fitter: ModelFitter;
  readonly calibration: CalibrationService;
}

/** Models and the timeline of one node, as an operator of it sees them. */
export async function openModels(
  pool: Pool,
  { now = '2026-11-01T12:00:00Z', timeZone = 'Europe/Zurich' }: { now?: string; timeZone?: string } = {},
): Promise<ModelsFixture> {
  const clock = new TestClock(now);
  const log = pino({ level: 'silent' });
  const surroundings = { pool, clock, ids: randomIds, log };
  const personalTraits = await CataloguedTraits.open(surroundings);
  const platform: Platform = { ...surroundings, feed: new ChangeFeed({ pool, log }), personalTraits };
  const parts = { threads: new ModelThreads(), timeZone };
  return {
    pool,
    ctx: operatorContext(platform),
    clock,
    book: new KpiBook({ timeZone }),
    fitter: new ModelFitter(parts),
    calibration: new CalibrationService(parts),
  };
}

export interface GivenPurchase {
  /** A name: one customer with one record each, unless `record` says otherwise. */
  readonly customer: string;
  readonly record?: string;
  readonly at: Date | string;
  readonly kind?: 'ORDER' | 'RETURN';
  readonly orderId?: string | null;
  readonly opensOrder?: boolean;
  readonly currency?: string;
  readonly valueMinor: number;
}

/** Puts purchases into the tables, and answers the customers' ids. */
export async function insertPurchases(
  pool: Pool,
  purchases: readonly GivenPurchase[],
): Promise<ReadonlyMap<string, string>> {
  const idOf = new Map([...new Set(purchases.map(({ customer }) => customer))].map((name) => [name, randomIds.uuid()]));
  const records = new Map<string, { id: string; customerId: string }>();
  const rows = purchases.map((purchase) => {
    const { customer, record = customer } = purchase;
    const key = `${customer}/${record}`;
    const known = records.get(key) ?? { id: randomIds.uuid(), customerId: idOf.get(customer)! };
    records.set(key, known);
    return { ...purchase, recordId: known.id };
  });
  const keys = [...records].map(([key, record]) => ({ key, ...record }));
  await pool`
    insert into records (id, source, key, customer_id, first_at, last_at, touchpoints, identified, created_at)
    select id, 'test', key, customer_id, '2000-01-01', '2030-01-01', 0, true, now()
    from unnest(${idColumn(keys, ({ id }) => id)}::uuid[], ${column(keys, ({ key }) => key)}::text[],
                ${idColumn(keys, ({ customerId }) => customerId)}::uuid[]) as new (id, key, customer_id)`;
  await pool`
    insert into purchases (record_id, occurred_at, id, kind, order_id, opens_order, source, channel, currency, value_minor, items)
    select record_id, at, id, kind, order_id, opens, 'test', 'web', currency, value, 1
    from unnest(
      ${idColumn(rows, ({ recordId }) => recordId)}::uuid[],
      ${column(rows, ({ at }) => new Date(at))}::timestamptz[],
      ${idColumn(rows, () => randomIds.uuid())}::uuid[],
      ${column(rows, ({ kind = 'ORDER' }) => kind)}::text[],
      ${column(rows, ({ orderId = null }) => orderId)}::text[],
      ${column(rows, ({ kind = 'ORDER', opensOrder = true }) => opensOrder && kind === 'ORDER')}::boolean[],
      ${column(rows, ({ currency = 'CHF' }) => currency)}::text[],
      ${column(rows, ({ valueMinor }) => valueMinor)}::bigint[]) as new (record_id, at, id, kind, order_id, opens, currency, value)`;
  return idOf;
}

export interface GivenKpis {
  readonly days: readonly number[];
  readonly meanRepeatMinor: number | null;
  readonly currency?: string;
}

/** Puts what is folded of purchases into the cache, as far as models read it. */
export async function insertKpis(pool: Pool, customers: readonly GivenKpis[]): Promise<void> {
  await pool`
    insert into customer_kpis (customer_id, currency, orders, net_orders, returns, gross_minor, returned_minor, costed_minor,
      cost_minor, items, purchase_days, first_purchase_day, second_purchase_day, last_purchase_day, mean_repeat_minor,
      updated_at)
    select id, currency, days, days, 0, 0, 0, 0, 0, 0, days, first, second, last, mean, now()
    from unnest(
      ${idColumn(customers, () => randomIds.uuid())}::uuid[],
      ${column(customers, ({ currency = 'CHF' }) => currency)}::text[],
      ${column(customers, ({ days }) => days.length)}::int[],
      ${column(customers, ({ days }) => days[0] ?? null)}::int[],
      ${column(customers, ({ days }) => days[1] ?? null)}::int[],
      ${column(customers, ({ days }) => days.at(-1) ?? null)}::int[],
      ${column(customers, ({ meanRepeatMinor }) => meanRepeatMinor)}::float8[]
    ) as new (id, currency, days, first, second, last, mean)`;
}
