import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findKpis } from '../../../src/kpis/customers/customer-kpis.queries.ts';
import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { propertyRuns } from '../../support/property-runs.ts';
import { emptyWorld } from '../../support/world.ts';
import { history } from '../facts/arbitraries.ts';
import { emptyKpis, type KpisFixture, openKpis, readKpiWorld } from './fixture.ts';
import { expectedKpis } from './truth.ts';

let database: TestDatabase;
let node: KpisFixture;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(() => database.close());

beforeEach(async () => {
  await emptyKpis(database.pool);
  await emptyWorld(database.pool);
  node = await openKpis(database.pool);
});

const timeZone = 'Europe/Zurich';

async function ingest(drafts: readonly TouchpointDraft[]): Promise<void> {
  const results = await node.ingest.submit(node.ctx, drafts);
  for (const result of results) expect(result).toMatchObject({ status: 'STORED' });
}

async function storedKpis() {
  const ids = await database.pool<{ id: string }[]>`select id from customers`;
  const rows = await findKpis(
    database.pool,
    ids.map(({ id }) => id),
  );
  return [...rows].sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
}

function order(amount: string, draft: Partial<TouchpointDraft> = {}): TouchpointDraft {
  return touchpoint({ type: 'order.completed', value: { amount, currency: 'CHF' }, ...draft });
}

const ada = { kind: 'email', value: 'ada@example.com' };
const adaWork = { kind: 'email', value: 'ada@work.example' };

describe('the row of a customer', () => {
  test('is what the purchases of their records come to, whatever they are and in whatever order they came', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.infiniteStream(fc.nat()), fc.boolean(), async (drafts, random, one) => {
        await emptyKpis(database.pool);
        await emptyWorld(database.pool);
        await ingest(drafts);
        const inOrder = await readKpiWorld(database.pool);
        expect(await storedKpis()).toEqual([...(await expectedKpis(database.pool, timeZone))]);

        await emptyKpis(database.pool);
        await emptyWorld(database.pool);
        const shuffled = drafts
          .map((draft) => ({ draft, place: random.next().value }))
          .sort((a, b) => a.place - b.place)
          .map(({ draft }) => draft);
        if (one) for (const draft of shuffled) await ingest([draft]);
        else await ingest(shuffled);
        expect(withoutRevision(await readKpiWorld(database.pool))).toEqual(withoutRevision(inOrder));
      }),
      { numRuns: propertyRuns(25) },
    );
  });

  test('nets an order by the returns that name it, on the day of the order', async () => {
    const at = (day: string) => ({ occurredAt: `2026-10-${day}T10:00:00Z`, identifiers: [ada] });
    await ingest([
      order('100', { ...at('01'), properties: { orderId: 'a', cost: '60' } }),
      order('50', { ...at('03'), properties: { orderId: 'b' } }),
      order('30', { ...at('06'), properties: { orderId: 'c' } }),
      order('20', { ...at('06'), properties: { orderId: 'c' } }),
      order('70', { ...at('10') }),
    ]);
    const back = { type: 'order.returned', identifiers: [ada], occurredAt: '2026-10-20T10:00:00Z' };
    await ingest([
      order('40', { ...back, properties: { orderId: 'a' } }),
      order('50', { ...back, properties: { orderId: 'b' } }),
      order('30', { ...back, properties: { orderId: 'c' } }),
    ]);
    const [row] = await storedKpis();
    expect(row).toMatchObject({
      ...{ orders: 4, netOrders: 3, returns: 3, grossMinor: 27_000n, returnedMinor: 12_000n },
      ...{ costedMinor: 10_000n, costMinor: 6_000n },
      // The 3rd is none any more; the days are worth 60, 20 and 70.
      ...{ purchaseDays: 3, meanRepeatMinor: 4_500, gapMedian: 4.5 },
    });
  });

  test('is none of an unidentified receipt, and none of who has only looked', async () => {
    await ingest([order('10', { source: 'pos' }), touchpoint({ identifiers: [ada] })]);
    expect(await storedKpis()).toEqual([]);
  });
});

function withoutRevision({ lifecycles, ...world }: Awaited<ReturnType<typeof readKpiWorld>>) {
  return { ...world, lifecycles: lifecycles.map(({ row: { revision: _, ...row } }) => row) };
}

/** People who come and go for years, turn out to be one another, and buy now and then. */
const lives = fc.array(
  fc
    .record({
      key: fc.constantFrom('k1', 'k2', 'k3'),
      email: fc.constantFrom(null, null, null, 'one@example.com', 'two@example.com'),
      week: fc.integer({ min: 0, max: 200 }),
      what: fc.constantFrom<Partial<TouchpointDraft>>(
        ...[{}, {}, {}, {}],
        { type: 'order.completed', value: { amount: '20', currency: 'CHF' } },
        { type: 'survey.answered', properties: { survey: 'NPS', score: 1 } },
        { type: 'case.opened', properties: { caseId: 'c', complaint: true } },
        { type: 'customer.left' },
      ),
    })
    .map(
      ({ key, email, week, what }): Partial<TouchpointDraft> => ({
        ...{ key, ...what },
        identifiers: email === null ? [] : [{ kind: 'email', value: email }],
        occurredAt: new Date(Date.UTC(2023, 0, 2, 10) + week * 7 * 86_400_000).toISOString(),
      }),
    ),
  { minLength: 1, maxLength: 9 },
);

describe('stages', () => {
  test('depend on no order of arrival, and nobody is left behind', async () => {
    let archived = 0;
    await fc.assert(
      fc.asyncProperty(lives, fc.infiniteStream(fc.nat()), async (drafts, random) => {
        await emptyKpis(database.pool);
        await emptyWorld(database.pool);
        const sent = drafts.map((draft, index) => touchpoint({ ...draft, messageId: `life-${index}` }));
        await ingest(sent);
        const atOnce = withoutRevision(await readKpiWorld(database.pool));
        archived += atOnce.transitions.filter(({ row }) => row.to_stage === 'ARCHIVED').length;

        await emptyKpis(database.pool);
        await emptyWorld(database.pool);
        const shuffled = sent.map((draft) => ({ draft, place: random.next().value })).sort((a, b) => a.place - b.place);
        for (const { draft } of shuffled) await ingest([draft]);
        const oneByOne = withoutRevision(await readKpiWorld(database.pool));
        expect(oneByOne).toEqual(atOnce);

        const customerIds = await customersNow();
        await database.pool.begin((tx) => node.folder.refold(tx, { at: node.clock.now(), customerIds }));
        expect(withoutRevision(await readKpiWorld(database.pool))).toEqual(oneByOne);
      }),
      { numRuns: propertyRuns(40) },
    );
    expect(archived).toBeGreaterThan(10);
  });
});

describe('merging and parting', () => {
  test('an unmerge leaves what would be there had nobody been merged', async () => {
    const drafts = [
      order('10', { identifiers: [ada], properties: { orderId: '1' }, occurredAt: '2026-09-01T10:00:00Z' }),
      order('25', { identifiers: [ada], properties: { orderId: '2' }, occurredAt: '2026-09-05T10:00:00Z' }),
      order('40', { identifiers: [adaWork], properties: { orderId: '1' }, occurredAt: '2026-09-07T10:00:00Z' }),
      order('10', {
        type: 'order.returned',
        identifiers: [adaWork],
        properties: { orderId: '1' },
        occurredAt: '2026-09-09T10:00:00Z',
      }),
      touchpoint({
        identifiers: [adaWork],
        type: 'survey.answered',
        properties: { survey: 'NPS', score: 2 },
        occurredAt: '2026-09-10T10:00:00Z',
      }),
    ];
    const later = [
      order('15', { identifiers: [ada], occurredAt: '2026-10-01T10:00:00Z' }),
      order('35', { identifiers: [adaWork], occurredAt: '2026-10-02T10:00:00Z' }),
    ];
    await ingest([...drafts, ...later]);
    const never = await readKpiWorld(database.pool);
    expect(never.kpis).toHaveLength(2);
    expect(never.lifecycles).toHaveLength(2);

    await emptyKpis(database.pool);
    await emptyWorld(database.pool);
    await ingest(drafts);
    const records = await recordIds();
    const decision = await node.decisions.linkRecords(node.ctx, {
      recordIds: records,
      reason: 'one person',
      idempotencyKey: 'link',
    });
    const merged = await storedKpis();
    expect(merged).toMatchObject([{ orders: 3, netOrders: 3, returns: 1 }]);
    expect((await readKpiWorld(database.pool)).lifecycles).toHaveLength(1);
    await ingest(later);
    await node.decisions.revokeDecision(node.ctx, { decisionId: decision.decision.id, reason: 'two after all' });
    expect(withoutRevision(await readKpiWorld(database.pool))).toEqual(withoutRevision(never));
  });

  test('whoever was absorbed keeps no row, and no score', async () => {
    await ingest([order('10', { identifiers: [ada] }), order('10', { identifiers: [adaWork] })]);
    await node.scoring.run(node.ctx);
    const [one, other] = await storedKpis();
    await ingest([order('5', { identifiers: [ada, adaWork] })]);
    const left = await storedKpis();
    expect(left).toMatchObject([{ orders: 3 }]);
    const scored = await database.pool`select customer_id as id from customer_scores`;
    expect(scored).toEqual([{ id: left[0]!.customerId }]);
    const gone = [one!, other!].find(({ customerId }) => customerId !== left[0]!.customerId)!;
    for (const table of ['customer_kpis', 'customer_scores', 'customer_lifecycles', 'lifecycle_transitions']) {
      const rows = await database.pool`
        select from ${database.pool(table)} where customer_id = ${gone.customerId}`;
      expect(rows).toEqual([]);
    }
  });
});

async function customersNow(): Promise<string[]> {
  const rows = await database.pool<{ id: string }[]>`select id from customers order by id`;
  return rows.map(({ id }) => id);
}

async function recordIds(): Promise<string[]> {
  const rows = await database.pool<{ id: string }[]>`select id from records order by id`;
  return rows.map(({ id }) => id);
}
