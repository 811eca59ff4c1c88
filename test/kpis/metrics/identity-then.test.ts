import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pool } from '../../../src/kernel/database.ts';
import { readIdentityThen } from '../../../src/kpis/metrics/identity-then.queries.ts';
import { MetricEngine } from '../../../src/kpis/metrics/metric-engine.service.ts';
import type { MetricQuery } from '../../../src/kpis/metrics/metric-query.ts';
import { openTestDatabase } from '../../support/database.ts';
import { propertyRuns } from '../../support/property-runs.ts';
import { home, live, type OracleNode, openNode } from '../oracle/node.ts';
import { present, type World, worlds } from '../oracle/world-arbitrary.ts';
import { as, type MetricsFixture, openMetrics, order } from './fixture.ts';

/** Record → customer; null: nobody's. */
type Partition = ReadonlyMap<string, string | null>;

async function partitionOf(pool: Pool): Promise<Partition> {
  const rows = await pool<{ id: string; customerId: string | null }[]>`
    select id, customer_id as "customerId" from records`;
  return new Map(rows.map(({ id, customerId }) => [id, customerId]));
}

async function partitionThen(pool: Pool, at: Date): Promise<Partition> {
  const rows = await pool.begin(async (tx) => {
    const { records } = await readIdentityThen(tx, at);
    return tx<
      { id: string; customerId: string | null }[]
    >`select id, customer_id as "customerId" from (${records}) as r`;
  });
  return new Map(rows.map(({ id, customerId }) => [id, customerId]));
}

/** Who is with whom, of these records, whatever the customers are called. */
function groupsOf(partition: Partition, records: readonly string[]): string[] {
  const groups = Map.groupBy(
    records.filter((id) => partition.get(id) != null),
    (id) => partition.get(id)!,
  );
  return [...groups.values()].map((group) => group.sort().join(' ')).sort();
}

const counting: MetricQuery = {
  measures: [
    'BUYERS',
    'NEW_BUYERS',
    'REPEAT_PURCHASE_RATE',
    'IDENTIFIED_ORDERS',
    'UNIDENTIFIED_ORDERS',
    'NPS_RESPONSES',
  ],
};

interface Moment {
  readonly at: Date;
  readonly partition: Partition;
  /** What was answered then, of what had happened until then. */
  readonly numbers: unknown;
}

/** A step a minute, and what was so after each. */
async function lived(node: OracleNode, { steps }: World): Promise<Moment[]> {
  const moments: Moment[] = [];
  for (const [index, step] of steps.entries()) {
    node.clock.set(new Date(present.getTime() + index * 60_000));
    await live(node, { steps: [step] });
    const engine = new MetricEngine({ timeZone: home });
    const { rows } = await engine.query(node.ctx, counting);
    moments.push({ at: node.clock.now(), partition: await partitionOf(node.pool), numbers: rows });
  }
  node.clock.set(new Date(present.getTime() + steps.length * 60_000));
  return moments;
}

describe('identity as of a past date', () => {
  test('is what it was, in any world, of all records that there were', async () => {
    let changed = 0;
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const database = await openTestDatabase();
        try {
          const node = await openNode(database.pool);
          const moments = await lived(node, world);
          const last = moments.at(-1)!.partition;
          for (const { at, partition } of moments) {
            const records = [...partition.keys()];
            const then = await partitionThen(database.pool, at);
            expect(groupsOf(then, records)).toEqual(groupsOf(partition, records));
            if (groupsOf(last, records).join() !== groupsOf(partition, records).join()) changed += 1;
          }
        } finally {
          await database.close();
        }
      }),
      { numRuns: propertyRuns(4), endOnFailure: true },
    );
    expect(changed, 'identity had changed since').toBeGreaterThan(5);
  }, 240_000);

  test('gives the numbers of then, where only identity has changed since', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(worlds, async ({ steps }) => {
        const database = await openTestDatabase();
        try {
          const node = await openNode(database.pool);
          // First all that happens, then all that is decided.
          const told = { drafts: steps.flatMap(({ drafts }) => drafts), decisions: [] };
          const decided = steps.flatMap(({ decisions }) => decisions.map((one) => ({ drafts: [], decisions: [one] })));
          const moments = await lived(node, { steps: [told, ...decided.filter(isAboutIdentity)] });
          const engine = new MetricEngine({ timeZone: home });
          for (const { at, numbers } of moments) {
            const { rows } = await engine.query(node.ctx, { ...counting, identityAsOf: at.toISOString() });
            expect(rows).toEqual(numbers);
            if (JSON.stringify(numbers) !== JSON.stringify(moments.at(-1)!.numbers)) compared += 1;
          }
        } finally {
          await database.close();
        }
      }),
      { numRuns: propertyRuns(4), endOnFailure: true },
    );
    expect(compared, 'numbers were others then').toBeGreaterThan(0);
  }, 240_000);
});

function isAboutIdentity({ decisions }: World['steps'][number]): boolean {
  return decisions.every(({ do: what }) => what !== 'REDEEM' && what !== 'ENROL');
}

describe('a query', () => {
  let metrics: MetricsFixture;
  beforeAll(async () => {
    metrics = await openMetrics({ now: '2026-11-01T12:00:00Z' });
    const cookie = { kind: 'anonymousId', value: 'c' };
    const email = { kind: 'email', value: 'ann@example.com' };
    await metrics.tell(
      order('03-01', '10.00', { source: 'web', key: 'cookie', identifiers: [cookie] }),
      order('03-02', '20.00', { source: 'crm', key: 'ann', identifiers: [email] }),
    );
    metrics.clock.set('2026-11-02T12:00:00Z');
    await metrics.tell({
      type: 'page.viewed',
      source: 'web',
      key: 'cookie',
      occurredAt: '2026-11-02T10:00:00Z',
      identifiers: [cookie, email],
    });
  });
  afterAll(() => metrics.close());

  const ask = async (query: Partial<MetricQuery>, scopes?: readonly string[]) =>
    (await metrics.ask({ measures: ['BUYERS', 'NET_REVENUE', 'PURCHASE_FREQUENCY'], ...query }, scopes)).rows;

  test('counts who was known to be one then; what happened is as it is known now', async () => {
    expect(await ask({})).toEqual([[1, '30.00', '2']]);
    expect(await ask({ identityAsOf: '2026-11-02T11:59:59.999Z' })).toEqual([[2, '30.00', '1']]);
    expect(await ask({ identityAsOf: '2026-11-02T12:00:00Z' })).toEqual([[1, '30.00', '2']]);
    const byMonth = { dimensions: ['CHANNEL'], totals: true, identityAsOf: '2026-11-01T12:00:00+00:00' };
    expect((await metrics.ask({ measures: ['BUYERS', 'REPEAT_PURCHASE_RATE'], ...byMonth })).totals).toEqual([
      null,
      2,
      '0',
    ]);
    const returns = { returns: 'ORDER_DATE', identityAsOf: '2026-11-01T12:00:00Z' } as const;
    expect(await ask(returns)).toEqual([[2, '30.00', '1']]);
  });

  test('has a hash and an answer of its own', async () => {
    const now = await metrics.ask({ measures: ['BUYERS'] });
    const then = await metrics.ask({ measures: ['BUYERS'], identityAsOf: '2026-11-02T00:00:00Z' });
    expect(then.queryHash).not.toBe(now.queryHash);
    expect([now.rows, then.rows]).toEqual([[[1]], [[2]]]);
    expect((await metrics.ask({ measures: ['BUYERS'], identityAsOf: '2026-11-02T01:00:00+01:00' })).cache.hit).toBe(
      true,
    );
  });

  test('downloads the same', async () => {
    const { pages } = await metrics.engine.stream(as(metrics.ctx), {
      measures: ['BUYERS'],
      identityAsOf: '2026-11-02T00:00:00Z',
    });
    const rows = [];
    for await (const page of pages) rows.push(...page);
    expect(rows).toEqual([[2]]);
  });

  test.each([
    [{ measures: ['CUSTOMERS'] }, 'what customers are'],
    [{ measures: ['ACTIVE_CUSTOMERS'] }, 'what customers are'],
    [{ measures: ['WIN_BACK_RATE'] }, 'what customers are'],
    [{ measures: ['BUYERS'], dimensions: ['COUNTRY'] }, 'what customers are'],
    [
      { measures: ['BUYERS'], filter: [{ dimension: 'IDENTIFIED', operator: 'IN', values: ['true'] }] as const },
      'what customers are',
    ],
    [{ measures: ['BUYERS'], identityAsOf: '2026-11-02' }, 'RFC 3339'],
    [{ measures: ['BUYERS'], identityAsOf: '2027-01-01T00:00:00Z' }, 'future'],
  ])('%o is refused', async (query, words) => {
    await expect(ask({ identityAsOf: '2026-11-01T00:00:00Z', ...query })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining(words) as string,
      details: { field: 'identityAsOf' },
    });
  });
});
