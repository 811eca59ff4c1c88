import { afterAll, beforeAll, expect, test } from 'vitest';
import { openListeningPool } from '../access/fixture.ts';
import { fiftySegments } from '../bench/segment-definitions.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { openSegments, type SegmentsFixture } from './fixture.ts';

let database: TestDatabase;
let listening: ReturnType<typeof openListeningPool>;
let node: SegmentsFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  listening = openListeningPool(database.url);
  node = await openSegments(listening.pool, { concurrency: 1 });
  for (const [index, definition] of fiftySegments().entries()) {
    await node.service.create(node.ctx, { name: `Segment ${index}`, definition });
  }
  await node.builder.finish();
  await order(0, 1);
});

afterAll(async () => {
  await listening.pool.end();
  await database.close();
});

/** One order of each of so many new people, in one batch; answers how many statements that took. */
async function order(first: number, count: number): Promise<number> {
  listening.statements.length = 0;
  const results = await node.ingest.submit(
    node.ctx,
    Array.from({ length: count }, (_, index) =>
      touchpoint({
        source: 'pos',
        key: `card-${first + index}`,
        type: 'order.completed',
        value: { amount: '120.00', currency: 'CHF' },
        traits: { city: 'Bern', language: 'de', country: 'CH' },
        identifiers: [{ kind: 'loyaltyCard', value: `card-${first + index}` }],
        occurredAt: '2026-10-31T10:00:00Z',
      }),
    ),
  );
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['STORED']));
  return listening.statements.length;
}

test('fifty segments take as many statements for one person as for three hundred, all of whom they move', async () => {
  expect(fiftySegments()).toHaveLength(50);
  const counts = [await order(1_000, 1), await order(2_000, 20), await order(3_000, 300)];
  expect(counts).toEqual([counts[0], counts[0], counts[0]]);
  expect(counts[0]).toBeLessThanOrEqual(19 + 18);
  const [row] = await database.pool<
    { entered: number }[]
  >`select count(*)::int as entered from segment_log where entered`;
  expect(row!.entered).toBeGreaterThan(320 * 5);
});

test('a thousand people whose time has come are a few transactions', async () => {
  await order(10_000, 1_000);
  node.clock.set('2027-02-01T12:00:00Z');
  listening.statements.length = 0;
  await node.ticker.catchUp();
  expect(listening.statements.filter((text) => text.startsWith('begin')).length).toBeLessThan(40);
});
