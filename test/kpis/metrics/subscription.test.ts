import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionResult } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MetricsApi, openMetricsApi } from './api-fixture.ts';
import { order } from './fixture.ts';

let api: MetricsApi;
beforeAll(async () => {
  api = await openMetricsApi();
});
afterAll(() => api.close());

const document = `subscription ($query: MetricQueryInput!, $every: Int) {
  metricChanged(query: $query, every: $every) { rows totals cache { hit } } }`;

type Tables = AsyncIterableIterator<ExecutionResult>;
const open = (measure: string, time: object, every?: number) =>
  api.follow(document, { query: { measures: [measure], time }, every });

async function next(tables: Tables): Promise<unknown[][]> {
  const { value } = await tables.next();
  expect(value.errors).toBeUndefined();
  return (value.data as { metricChanged: { rows: unknown[][] } }).metricChanged.rows;
}

/** As ingestion does after a commit. */
async function tell(...drafts: Parameters<MetricsApi['tell']>): Promise<void> {
  await api.tell(...drafts);
  api.ctx.feed.wake();
}

const year = (from: number) => ({ from: `${from}-01-01`, to: `${from + 1}-01-01` });

describe('metricChanged', () => {
  test('tells the numbers at once, and again when they have changed', async () => {
    const tables = await open('ORDERS', year(2026));
    expect(await next(tables)).toEqual([[0]]);
    await tell(order('03-01', '10.00', { key: 'a' }));
    expect(await next(tables)).toEqual([[1]]);
    await tables.return!();
  });

  test('tells nothing where numbers stayed the same', async () => {
    const tables = await open('ORDERS', year(2024));
    expect(await next(tables)).toEqual([[0]]);
    await tell({ type: 'page.viewed', key: 'a', occurredAt: '2024-03-03T10:00:00Z' });
    await tell(order('03-02', '10.00', { key: 'a' }));
    await tell(order('2024-03-02T10:00:00Z', '10.00', { key: 'a' }));
    expect(await next(tables)).toEqual([[1]]);
    await tables.return!();
  });

  test('tells at most once in so many seconds: the last numbers, however many changes there were', async () => {
    const tables = await open('ORDERS', year(2025));
    expect(await next(tables)).toEqual([[0]]);
    const began = performance.now();
    await tell(order('2025-03-01T10:00:00Z', '1.00', { key: 'a' }));
    const changed = next(tables);
    await tell(...[2, 3, 4].map((day) => order(`2025-03-0${day}T10:00:00Z`, '1.00', { key: 'a' })));
    expect(await changed).toEqual([[4]]);
    expect(performance.now() - began).toBeGreaterThan(900);
    await tables.return!();
  });

  test('ends while it waits', async () => {
    const tables = await open('ORDERS', year(2026));
    await next(tables);
    const waiting = tables.next();
    await sleep(20);
    await tables.return!();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  test('ends while it rests', async () => {
    const tables = await open('ORDERS', year(2026), 3_600);
    await next(tables);
    await tell(order('03-09', '10.00', { key: 'a' }));
    const waiting = tables.next();
    await sleep(300);
    await tables.return!();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  test('refuses what it could not answer', async () => {
    const query = { measures: ['ORDERS'], time: year(2026) };
    await expect(api.follow(document, { query, every: 0 })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'every' },
    });
    await expect(api.follow(document, { query: { ...query, limit: 0 } })).rejects.toMatchObject({
      details: { field: 'limit' },
    });
    await expect(api.follow(document, { query }, ['customers:read'])).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('looks for what its numbers depend on only', async () => {
    const watch = await api.engine.watch(api.ctx, {
      measures: ['NET_REVENUE'],
      dimensions: ['CHANNEL'],
      time: year(2026),
    });
    expect(watch.topics).toEqual(['kpis.changed']);
    expect(watch.touchpoints).toEqual([
      {
        types: ['order.completed', 'order.returned'],
        spans: [{ from: new Date('2025-12-31T23:00:00Z'), to: new Date('2026-12-31T23:00:00Z') }],
      },
    ]);
    const segments = await api.engine.watch(api.ctx, { measures: ['CUSTOMERS'], dimensions: ['SEGMENT'] });
    expect(segments.topics).toEqual(
      expect.arrayContaining(['segment.entered', 'segment.left', 'customer.merged', 'customer.split']),
    );
  });
});
