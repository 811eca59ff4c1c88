import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openListeningPool } from '../access/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { earningRule, exampleProgram } from './example-program.ts';
import { type LoyaltyFixture, openLoyalty, publishAt } from './fixture.ts';
import { orderOf } from './support.ts';

let database: TestDatabase;
let listening: ReturnType<typeof openListeningPool>;
let node: LoyaltyFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  listening = openListeningPool(database.url);
  node = await openLoyalty(listening.pool, { concurrency: 1 });
  const eligibility = { given: { everyone: true }, resolved: { everyone: true } } as const;
  await publishAt(
    node,
    exampleProgram({
      rules: [
        earningRule({ expiry: { count: 1, unit: 'YEAR', endOf: 'MONTH' } }),
        earningRule({ key: 'judged', eligibility, qualifies: false }),
        earningRule({ key: 'first come', budget: '1000000', earns: { event: { points: '1' } }, qualifies: false }),
      ],
    }),
  );
  await submit([buys(0, '2026-10-01T10:00:00Z')]);
});

afterAll(async () => {
  await listening.pool.end();
  await database.close();
});

async function submit(drafts: readonly TouchpointDraft[]): Promise<number> {
  listening.statements.length = 0;
  const results = await node.ingest.submit(node.ctx, [...drafts]);
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['STORED']));
  return listening.statements.length;
}

function buys(number: number, occurredAt: string, more: Partial<TouchpointDraft> = {}): TouchpointDraft {
  return orderOf(`card-${number}`, occurredAt, 120, { properties: { orderId: `o-${number}` }, ...more });
}

const people = (first: number, count: number, draft: (number: number) => TouchpointDraft) =>
  Array.from({ length: count }, (_, index) => draft(first + index));

test('purchases take as many statements for one member as for three hundred', async () => {
  const purchase = (number: number) => buys(number, '2026-10-31T10:00:00Z');
  const counts: number[] = [];
  for (const [first, count] of [
    [1_000, 1],
    [2_000, 20],
    [3_000, 300],
  ] as const) {
    counts.push(await submit(people(first, count, purchase)));
  }
  expect(counts).toEqual([counts[0], counts[0], counts[0]]);
  expect(counts[0]).toBeLessThanOrEqual(19 + 20);
});

test('so do returns, and purchases that arrive late', async () => {
  const back = (number: number) => buys(number, '2026-10-31T11:00:00Z', { type: 'order.returned' });
  const late = (number: number) => buys(number, '2026-09-01T10:00:00Z', { properties: { orderId: `late-${number}` } });
  for (const draft of [back, late]) {
    // The first one of a month makes its partition.
    await submit(people(2_000, 1, draft));
    const counts = [await submit(people(3_000, 1, draft)), await submit(people(3_001, 250, draft))];
    expect(counts[1]).toBe(counts[0]);
  }
  const [row] = await database.pool<{ reversed: number }[]>`select sum(reversed)::int as reversed from loyalty_lots`;
  expect(row!.reversed).toBeGreaterThan(251 * 200);
});
