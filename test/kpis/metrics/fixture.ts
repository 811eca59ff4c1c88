import type { Context, Viewer } from '../../../src/kernel/context.ts';
import type { Pool } from '../../../src/kernel/database.ts';
import { randomIds } from '../../../src/kernel/ids.ts';
import { recordFacts } from '../../../src/kpis/facts/record-facts.service.ts';
import { MetricEngine, type MetricEngineParts } from '../../../src/kpis/metrics/metric-engine.service.ts';
import type { MetricQuery } from '../../../src/kpis/metrics/metric-query.ts';
import type { MetricTable, MetricValue } from '../../../src/kpis/metrics/metric-table.ts';
import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import { TestClock } from '../../segments/fixture.ts';
import { openTestDatabase } from '../../support/database.ts';
import { openIngest, touchpoint } from '../../support/ingest.ts';

export type Row = Record<string, MetricValue>;

export interface MetricsFixture {
  readonly pool: Pool;
  readonly ctx: Context;
  readonly clock: TestClock;
  readonly engine: MetricEngine;
  /** Takes in touchpoints, and fails if one is not stored. */
  tell(...drafts: Partial<TouchpointDraft>[]): Promise<void>;
  ask(query: MetricQuery, scopes?: readonly string[]): Promise<MetricTable>;
  /** The rows as objects. */
  rows(query: MetricQuery, scopes?: readonly string[]): Promise<Row[]>;
  close(): Promise<void>;
}

export async function openMetrics(
  parts: Partial<MetricEngineParts> & { now?: string; max?: number } = {},
): Promise<MetricsFixture> {
  const database = await openTestDatabase({ max: parts.max });
  const { pool } = database;
  const clock = new TestClock(parts.now ?? '2026-11-01T12:00:00Z');
  const { ingest, ctx } = await openIngest(pool, { clock, reactions: [recordFacts(randomIds)] });
  const engine = new MetricEngine({ timeZone: 'Europe/Zurich', ...parts });
  const ask = (query: MetricQuery, scopes?: readonly string[]) => engine.query(as(ctx, scopes), query);
  return {
    ...{ pool, ctx, clock, engine, ask },
    async tell(...drafts) {
      const results = await ingest.submit(ctx, drafts.map(touchpoint));
      const refused = results.filter(({ status }) => status !== 'STORED');
      if (refused.length > 0) throw new Error(`Not stored: ${JSON.stringify(refused)}`);
    },
    rows: async (query, scopes) => objectsOf(await ask(query, scopes)),
    close: () => database.close(),
  };
}

export function as(ctx: Context, scopes: readonly string[] = ['metrics:read', 'pii:read']): Context {
  const viewer: Viewer = { keyId: '00000000-0000-7000-8000-000000000000', name: 'test', scopes: new Set(scopes) };
  return { ...ctx, viewer };
}

export function objectsOf({ columns, rows }: Pick<MetricTable, 'columns' | 'rows'>): Row[] {
  return rows.map((row) =>
    Object.fromEntries(
      columns.map(({ name }, index) => {
        const value = row[index]!;
        return [name, value instanceof Date ? value.toISOString() : value];
      }),
    ),
  );
}

/** An order. `day`: of 2026, such as `03-01`; at noon UTC. */
export function order(
  day: string,
  amount: string,
  more: Partial<TouchpointDraft> & { id?: string; cost?: string; store?: string } = {},
) {
  return purchase('order.completed', day, amount, more);
}

export function returned(day: string, amount: string, more: Parameters<typeof order>[2] = {}) {
  return purchase('order.returned', day, amount, more);
}

function purchase(
  type: string,
  day: string,
  amount: string,
  { id, cost, store, ...more }: NonNullable<Parameters<typeof order>[2]>,
): Partial<TouchpointDraft> {
  return {
    type,
    source: 'shop',
    channel: 'WEB',
    occurredAt: day.includes('T') ? day : `2026-${day}T12:00:00Z`,
    value: { amount, currency: 'EUR' },
    properties: { ...(id && { orderId: id }), ...(cost && { cost }), ...(store && { store }) },
    ...more,
  };
}
