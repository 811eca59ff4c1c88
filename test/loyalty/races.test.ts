import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { earningRule, exampleProgram } from './example-program.ts';
import { type LoyaltyFixture, openLoyalty, publishAt } from './fixture.ts';
import { expectAllocationTrue, expectEarningTrue, expectLedgerTrue } from './truth.ts';

let database: TestDatabase;
let one: LoyaltyFixture;
let other: LoyaltyFixture;

beforeAll(async () => {
  database = await openTestDatabase({ max: 24 });
  one = await openLoyalty(database.pool);
  other = await openLoyalty(database.pool);
  await publishAt(
    one,
    exampleProgram({
      rules: [
        earningRule({ expiry: { count: 1, unit: 'MONTH', endOf: 'DAY' } }),
        earningRule({ key: 'more', tiers: ['silver', 'gold'], earns: { multiplier: { factor: '2', of: ['base'] } } }),
        earningRule({ key: 'first come', earns: { event: { points: '3' } }, budget: '300', qualifies: false }),
        earningRule({ key: 'capped', earns: { event: { points: '7' } }, caps: [{ per: 'MONTH', points: '20' }] }),
      ],
    }),
  );
});

afterAll(() => database.close());

const people = Array.from({ length: 10 }, (_, index) => `person-${index}`);
const start = Date.parse('2026-10-31T11:00:00Z');

/** Somebody buys, brings something back, or leaves an address that shows that two of them are one. */
function happening(number: number): TouchpointDraft {
  const person = people[(number * 7) % people.length]!;
  const isReturn = number % 6 === 5;
  const shares = number % 9 === 0;
  return touchpoint({
    source: number % 2 === 0 ? 'web' : 'pos',
    type: isReturn ? 'order.returned' : 'order.completed',
    occurredAt: new Date(start - ((number * 37) % 80) * 86_400_000).toISOString(),
    value: { amount: String(5 + ((number * 13) % 90)), currency: 'CHF' },
    properties: { orderId: `o-${person}-${number % 5}` },
    identifiers: [
      { kind: 'loyaltyCard', value: person },
      ...(shares ? [{ kind: 'email', value: `home-${number % 4}@example.com` }] : []),
    ],
  });
}

async function submit(node: LoyaltyFixture, first: number, count: number): Promise<void> {
  const drafts = Array.from({ length: count }, (_, index) => happening(first + index));
  const results = await node.ingest.submit(node.ctx, drafts);
  expect(results.filter(({ status }) => status !== 'STORED')).toEqual([]);
}

describe('two nodes at once', () => {
  test('keep the ledger, lots and tiers what folding everything gives, while people become one and time goes by', async () => {
    for (let round = 0; round < 20; round += 1) {
      const first = round * 60;
      await Promise.all([
        submit(one, first, 15),
        submit(other, first + 15, 15),
        one.ticker.catchUp(),
        submit(one, first + 30, 15),
        other.ticker.catchUp(),
        submit(other, first + 45, 15),
      ]);
      const now = new Date(Date.parse('2026-11-01T12:00:00Z') + round * 86_400_000);
      one.clock.set(now);
      other.clock.set(now);
      await Promise.all([one.ticker.catchUp(), other.ticker.catchUp()]);
      await expectLedgerTrue(database.pool);
      await expectEarningTrue(database.pool, now);
      await expectAllocationTrue(database.pool, now);
    }
    const [budget] = await database.pool<{ granted: number }[]>`select granted::int from loyalty_budgets`;
    expect(budget).toEqual({ granted: 300 });
    const [merged] = await database.pool<{ customers: number }[]>`select count(*)::int as customers from customers`;
    expect(merged!.customers).toBeLessThan(people.length * 2);
  }, 240_000);
});
