import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { randomIds } from '../../../src/kernel/ids.ts';
import { CellCompactor } from '../../../src/kpis/facts/cell-compactor.service.ts';
import { rebuildFacts } from '../../../src/kpis/facts/facts-rebuild.service.ts';
import { verifyFacts } from '../../../src/kpis/facts/facts-verifier.service.ts';
import { recordFacts } from '../../../src/kpis/facts/record-facts.service.ts';
import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { type IngestFixture, openIngest, touchpoint } from '../../support/ingest.ts';
import { emptyWorld } from '../../support/world.ts';
import { history } from './arbitraries.ts';

let database: TestDatabase;
let fixture: IngestFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  fixture = await openIngest(database.pool, { reactions: [recordFacts(randomIds)] });
});
afterAll(() => database.close());

async function empty(): Promise<void> {
  await emptyWorld(database.pool);
  for (const table of ['purchases', 'signals', 'metric_cells', 'metric_cell_changes'])
    await database.pool`delete from ${database.pool(table)}`;
}
beforeEach(empty);

async function ingest(calls: readonly TouchpointDraft[][]): Promise<void> {
  for (const call of calls) {
    const results = await fixture.ingest.submit(fixture.ctx, [...call]);
    expect(results.filter(({ status }) => status !== 'STORED' && status !== 'DUPLICATE')).toEqual([]);
  }
}

async function readFacts() {
  const { pool } = database;
  return {
    purchases: await pool`select * from purchases order by id`,
    signals: await pool`select * from signals order by id, kind`,
    cells: await pool`
      select hour, type, channel, source, campaign, currency, sum(touchpoints) as touchpoints, sum(orders) as orders,
             sum(value_minor) as value, sum(costed_minor) as costed, sum(cost_minor) as cost, sum(items) as items
      from (select * from metric_cells
            union all
            select hour, type, channel, source, campaign, currency, touchpoints, orders, value_minor, costed_minor,
                   cost_minor, items from metric_cell_changes) as parts
      group by 1, 2, 3, 4, 5, 6 having sum(touchpoints) <> 0 order by 1, 2, 3, 4, 5, 6`,
  };
}

function order(draft: Partial<TouchpointDraft>): TouchpointDraft {
  return touchpoint({ type: 'order.completed', key: 'a', value: { amount: '10', currency: 'EUR' }, ...draft });
}

test('in whatever order and batches touchpoints come, facts are what follows from all of them', async () => {
  const arrival = history.chain((drafts) =>
    fc.record({
      drafts: fc.constant(drafts),
      order: fc.shuffledSubarray([...drafts.keys()], { minLength: drafts.length }),
      size: fc.integer({ min: 1, max: 5 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(arrival, async ({ drafts, order, size }) => {
      await empty();
      await ingest([drafts]);
      expect(await verifyFacts(database.pool)).toEqual([]);
      const expected = await readFacts();
      await empty();
      const shuffled = order.map((index) => drafts[index]!);
      const calls = Array.from({ length: Math.ceil(shuffled.length / size) }, (_, call) =>
        shuffled.slice(call * size, (call + 1) * size),
      );
      await ingest([...calls, drafts.slice(0, 3)]);
      expect(await readFacts()).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test('shipments of one order are one order, which opens with the first of them', async () => {
  const shipment = (messageId: string, hour: number) =>
    order({ messageId, occurredAt: `2026-10-01T0${hour}:30:00Z`, properties: { orderId: 'o1' } });
  await ingest([[shipment('late', 5)], [shipment('later', 7)], [shipment('early', 3)]]);
  const { purchases, cells } = await readFacts();
  expect(purchases.filter((row) => row.opens_order).map((row) => row.occurred_at)).toEqual([
    new Date('2026-10-01T03:30:00Z'),
  ]);
  expect(cells.map((cell) => [cell.hour.getUTCHours(), Number(cell.orders), Number(cell.value)])).toEqual([
    [3, 1, 1000],
    [5, 0, 1000],
    [7, 0, 1000],
  ]);
});

test('a return opens nothing, and its quantities have no sign', async () => {
  const lines = [
    { sku: 'a', quantity: -1.25, price: '8' },
    { sku: 'b', quantity: -0.75, price: '0' },
  ];
  await ingest([[order({ type: 'order.returned', lines, properties: { orderId: 'o1', cost: '4.50' } })]]);
  const { purchases } = await readFacts();
  expect(purchases).toMatchObject([
    { kind: 'RETURN', opens_order: false, order_id: 'o1', items: '2.000000', cost_minor: 450n },
  ]);
});

test('two batches that bring shipments of one order at once agree on the first', async () => {
  for (let round = 0; round < 20; round += 1) {
    const ship = (messageId: string, minute: number) =>
      order({
        key: `r${round}`,
        messageId: `${round}-${messageId}`,
        occurredAt: `2026-10-01T00:${minute}:00Z`,
        properties: { orderId: 'o' },
      });
    await Promise.all([ingest([[ship('a', 20)]]), ingest([[ship('b', 10)]]), ingest([[ship('c', 30)]])]);
  }
  expect(await verifyFacts(database.pool)).toEqual([]);
});

test('compaction moves changes into cells, adds nothing and loses nothing, beside ingestion and another node', async () => {
  const compactors = [new CellCompactor(fixture.ctx), new CellCompactor(fixture.ctx)];
  const calls = Array.from({ length: 30 }, (_, call) =>
    Array.from({ length: 10 }, (_, index) => order({ key: `k${(call + index) % 7}`, properties: { orderId: call } })),
  );
  let done = false;
  const compacting = compactors.map(async (compactor) => {
    while (!done) await compactor.step(15);
  });
  await Promise.all(calls.map((call) => ingest([call])));
  done = true;
  await Promise.all(compacting);
  expect(await verifyFacts(database.pool)).toEqual([]);
  while ((await compactors[0]!.step(15)) > 0);
  const [left] = await database.pool`select count(*)::int as count from metric_cell_changes`;
  expect(left?.count).toBe(0);
  expect(await verifyFacts(database.pool)).toEqual([]);
});

test('facts can be derived anew, beside ingestion', async () => {
  const calls = fc
    .sample(history, 12)
    .map((drafts, call) => drafts.map((draft) => ({ ...draft, messageId: `${call}-${draft.messageId}` })));
  await ingest(calls.slice(0, 6));
  await database.pool`delete from purchases`;
  await database.pool`update metric_cell_changes set touchpoints = 0`;
  await Promise.all([rebuildFacts(fixture.ctx), ...calls.slice(6).map((call) => ingest([call]))]);
  expect(await verifyFacts(database.pool)).toEqual([]);
});

test('the verifier tells what is wrong with each of the tables', async () => {
  await ingest([[order({}), touchpoint({ type: 'survey.answered', properties: { survey: 'NPS', score: 9 } })]]);
  const { pool } = database;
  await pool`update purchases set value_minor = value_minor + 1`;
  await pool`delete from signals`;
  await pool`update metric_cell_changes set touchpoints = touchpoints + 1`;
  const differences = await verifyFacts(pool);
  const counted = Map.groupBy(differences, ({ table, stored }) => `${table} ${stored}`);
  expect(Object.fromEntries([...counted].map(([name, rows]) => [name, rows.length]))).toEqual({
    'purchases true': 1,
    'purchases false': 1,
    'signals false': 1,
    'metric_cells true': 2,
    'metric_cells false': 2,
  });
});
