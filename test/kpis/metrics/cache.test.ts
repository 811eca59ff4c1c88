import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { appendChanges, type ChangeTopic } from '../../../src/kernel/changes.queries.ts';
import type { Tx } from '../../../src/kernel/database.ts';
import { randomIds } from '../../../src/kernel/ids.ts';
import { MetricCache } from '../../../src/kpis/metrics/metric-cache.ts';
import type { MetricQuery } from '../../../src/kpis/metrics/metric-query.ts';
import type { MetricTable } from '../../../src/kpis/metrics/metric-table.ts';
import { type MetricsFixture, openMetrics, order } from './fixture.ts';

let metrics: MetricsFixture;

beforeAll(async () => {
  metrics = await openMetrics();
  await metrics.tell(order('03-01', '10.00', { key: 'a' }));
});
afterAll(() => metrics.close());
beforeEach(() => metrics.clock.set('2026-11-01T12:00:00Z'));

const march = { from: '2026-03-01', to: '2026-04-01', timezone: 'UTC' } as const;
const query: MetricQuery = { measures: ['ORDERS'], time: march };
const hit = async (asked: MetricQuery) => (await metrics.ask(asked)).cache.hit;

/** A transaction that writes an order and its line of the feed, as ingestion does, when the test says so. */
async function openOrder(at: string, { topic = 'touchpoint.recorded' as ChangeTopic } = {}) {
  const { promise: written, resolve: hasWritten } = Promise.withResolvers<void>();
  const { promise: allowed, resolve: commit } = Promise.withResolvers<void>();
  const done = metrics.pool.begin(async (tx: Tx) => {
    const id = randomIds.uuid();
    await tx`insert into purchases select ${id}, ${at}, ${id}, 'ORDER', null, true, 'x', 'WEB', null, null, 'EUR', 100, null, 0`;
    await tx`insert into metric_cell_changes select ${id}, 1, date_trunc('hour', ${at}::timestamptz), 'order.completed', 'WEB', 'x', '', 'EUR', 1, 1, 100, 0, 0, 0`;
    await appendChanges(tx, new Date(at), [
      { topic, customerId: null, subjectId: id, detail: { occurredAt: at, type: 'order.completed' } },
    ]);
    hasWritten();
    await allowed;
  });
  await written;
  return async () => {
    commit();
    await done;
  };
}

describe('an answer from before', () => {
  test('is given as long as nothing has happened, and says so', async () => {
    const first = await metrics.ask(query);
    metrics.clock.set('2026-11-01T12:10:00Z');
    const second = await metrics.ask(query);
    expect(first.cache).toEqual({ hit: false, computedAt: new Date('2026-11-01T12:00:00Z') });
    expect(second.cache).toEqual({ hit: true, computedAt: new Date('2026-11-01T12:00:00Z') });
    expect(second.asOf).toEqual(new Date('2026-11-01T12:10:00Z'));
    expect(second.rows).toEqual(first.rows);
  });

  test('is not given after something was told', async () => {
    const [[before]] = (await metrics.ask(query)).rows as [[number]];
    await metrics.tell(order('03-02', '10.00', { key: 'a' }));
    const after = await metrics.ask(query);
    expect(after.cache.hit).toBe(false);
    expect(after.rows).toEqual([[before + 1]]);
  });

  test('is not given when a transaction ends that was open while it was computed', async () => {
    const commit = await openOrder('2026-03-05T10:00:00Z');
    const [[before]] = (await metrics.ask(query)).rows as [[number]];
    expect(await hit(query)).toBe(true);
    await commit();
    expect((await metrics.ask(query)).rows).toEqual([[before + 1]]);
  });

  test('nor when transactions end in another order than they began, however often it was asked for in between', async () => {
    const [[before]] = (await metrics.ask(query)).rows as [[number]];
    const commitFirst = await openOrder('2026-03-05T10:00:00Z');
    const commitSecond = await openOrder('2026-03-05T11:00:00Z');
    expect(await hit(query)).toBe(true);
    await commitSecond();
    expect((await metrics.ask(query)).rows).toEqual([[before + 1]]);
    expect(await hit(query)).toBe(true);
    await commitFirst();
    expect((await metrics.ask(query)).rows).toEqual([[before + 2]]);
  });

  test('is still given when something happened in another period, or of another type, or to nobody who matters', async () => {
    const revenue: MetricQuery = { measures: ['NET_REVENUE'], time: march };
    await metrics.ask(revenue);
    await metrics.tell(order('07-01', '10.00', { key: 'a' }));
    await metrics.tell({ type: 'page.viewed', key: 'a', occurredAt: '2026-03-03T10:00:00Z' });
    expect(await hit(revenue)).toBe(true);
  });

  test('is not given when an earlier shipment takes the order out of its period', async () => {
    await metrics.tell(order('03-10', '10.00', { key: 'late', id: 'L1' }));
    const [[before]] = (await metrics.ask(query)).rows as [[number]];
    await metrics.tell(order('02-10', '10.00', { key: 'late', id: 'L1' }));
    expect((await metrics.ask(query)).rows).toEqual([[before - 1]]);
  });

  test('about customers is not given when customers changed', async () => {
    const buyers: MetricQuery = { measures: ['BUYERS'], time: march };
    await metrics.ask(buyers);
    expect(await hit(buyers)).toBe(true);
    await (await openOrder('2020-01-01T00:00:00Z', { topic: 'customer.merged' }))();
    expect(await hit(buyers)).toBe(false);
    await metrics.ask(query);
    await (await openOrder('2020-01-01T00:00:00Z', { topic: 'customer.merged' }))();
    expect(await hit(query)).toBe(true);
  });

  test('is not given where time alone moves it, nor when it is older than an hour', async () => {
    const moving: MetricQuery = { measures: ['POINTS_OUTSTANDING'] };
    await metrics.ask(moving);
    expect(await hit(moving)).toBe(false);
    await metrics.ask(query);
    metrics.clock.set('2026-11-01T13:00:01Z');
    expect(await hit(query)).toBe(false);
  });

  test('is for one page, and for the rights of who asked', async () => {
    await metrics.ask({ ...query, limit: 5 });
    expect(await hit({ ...query, limit: 6 })).toBe(false);
    expect((await metrics.ask({ ...query, limit: 5 }, ['metrics:read'])).cache.hit).toBe(false);
  });

  test('is given up where so much happened that nobody looks through it', async () => {
    await metrics.ask(query);
    await metrics.pool`insert into changes (seq, at, topic, subject_id) select n, now(), 'segment.entered', gen_random_uuid() from generate_series(1, 20001) n`;
    expect(await hit(query)).toBe(false);
  });
});

test('no answer is ever old while others write: what was acknowledged before is in it', async () => {
  let told = (await metrics.ask(query)).rows[0]![0] as number;
  const started = told;
  let writing = true;
  const writer = (async () => {
    for (let index = 0; index < 60; index += 1) {
      await (await openOrder('2026-03-20T10:00:00Z'))();
      told += 1;
    }
    writing = false;
  })();
  const readers = [1, 2, 3].map(async () => {
    while (writing) {
      const least = told;
      const [[orders]] = (await metrics.ask(query)).rows as [[number]];
      expect(orders).toBeGreaterThanOrEqual(least);
    }
  });
  await Promise.all([writer, ...readers]);
  expect((await metrics.ask(query)).rows).toEqual([[started + 60]]);
});

test('the cache keeps what was used last, within bounds', () => {
  const cache = new MetricCache(100);
  const now = new Date('2026-01-01T00:00:00Z');
  const table = (rows: number) =>
    ({
      rows: Array.from({ length: rows }, () => [1]),
      columns: [{}],
      cache: { computedAt: now },
    }) as unknown as MetricTable;
  for (const key of ['a', 'b', 'c']) cache.keep(key, { table: table(29), snapshot: '1:1:' });
  expect(cache.find('a', now)).toBeDefined();
  cache.keep('d', { table: table(29), snapshot: '1:1:' });
  expect(['a', 'b', 'c', 'd'].filter((key) => cache.find(key, now))).toEqual(['a', 'c', 'd']);
  cache.keep('huge', { table: table(1_000), snapshot: '1:1:' });
  expect(cache.find('huge', now)).toBeUndefined();
  expect(cache.size).toBe(3);
});
