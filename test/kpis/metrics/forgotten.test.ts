import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Context } from '../../../src/kernel/context.ts';
import { askMetrics } from '../../../src/kpis/metrics/metric-statement.queries.ts';
import { SqlText } from '../../../src/kpis/metrics/sql-text.ts';
import { leftOf } from '../../support/collected.ts';
import { as, type MetricsFixture, openMetrics, order } from './fixture.ts';

let metrics: MetricsFixture;
beforeAll(async () => {
  metrics = await openMetrics();
  await metrics.tell(order('03-01', '10.00', { key: 'a' }));
});
afterAll(() => metrics.close());

test('whoever has asked is forgotten, however many different questions there are', async () => {
  const refs: WeakRef<Context>[] = [];
  for (let day = 1; day <= 10; day += 1) {
    const ctx = as(metrics.ctx);
    const time = { from: `2026-03-${String(day).padStart(2, '0')}`, to: '2026-04-01', timezone: 'UTC' };
    await metrics.engine.query(ctx, { measures: ['ORDERS', 'NET_REVENUE'], time });
    refs.push(new WeakRef(ctx));
  }
  // The last one may still be held by the turn that asked.
  expect(await leftOf(refs.slice(0, -1))).toBe(0);
});

test('so is what they asked: statements of other texts are of the same template, which is what the library keeps', async () => {
  await metrics.pool.begin(async (tx) => {
    const [one, other] = ['one', 'other'].map((name) => {
      const sql = new SqlText();
      return askMetrics(tx, {
        sql,
        text: `select ${sql.value(1)}::int as ${name}, ${sql.value('x')}::text as text`,
      } as never);
    });
    expect((one as unknown as { strings: unknown }).strings).toBe((other as unknown as { strings: unknown }).strings);
    expect([await one, await other]).toEqual([[{ one: 1, text: 'x' }], [{ other: 1, text: 'x' }]]);
  });
});
