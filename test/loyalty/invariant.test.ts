import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { earningRule, exampleProgram } from './example-program.ts';
import { type LoyaltyFixture, openLoyalty, publishAt } from './fixture.ts';
import { expectAllocationTrue, expectEarningTrue, expectLedgerTrue } from './truth.ts';

let database: TestDatabase;
let node: LoyaltyFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openLoyalty(database.pool);
  await publishAt(
    node,
    exampleProgram({
      rules: [
        earningRule({ expiry: { count: 6, unit: 'MONTH', endOf: 'MONTH' } }),
        earningRule({
          key: 'coffee',
          earns: { item: { points: '2.5' } },
          lines: { skus: ['coffee'], categories: [] },
          rounding: 'HALF_UP',
          pendingDays: 14,
          caps: [{ per: 'MONTH', points: '20' }],
        }),
        earningRule({ key: 'silver', tiers: ['silver', 'gold'], earns: { multiplier: { factor: '2', of: ['base'] } } }),
        earningRule({
          key: 'visit',
          match: { types: ['store.visited'] },
          earns: { event: { points: '5' } },
          qualifies: false,
        }),
      ],
    }),
  );
});

afterAll(() => database.close());

type Step =
  | { do: 'BUY'; person: number; day: number; francs: number; coffee: number; order: number }
  | { do: 'RETURN'; person: number; day: number; francs: number; coffee: number; order: number | null }
  | { do: 'VISIT'; person: number; day: number }
  | { do: 'MEET'; person: number; day: number; home: number };

const person = fc.nat({ max: 3 });
const day = fc.nat({ max: 300 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('BUY' as const),
      person,
      day,
      francs: fc.nat({ max: 150 }),
      coffee: fc.nat({ max: 4 }),
      order: fc.nat({ max: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('RETURN' as const),
      person,
      day,
      francs: fc.nat({ max: 80 }),
      coffee: fc.nat({ max: 3 }),
      order: fc.option(fc.nat({ max: 4 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('VISIT' as const), person, day }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('MEET' as const), person, day, home: fc.nat({ max: 1 }) }) },
);

let world = 0;

function draftOf(step: Step, index: number, name: string): TouchpointDraft {
  const key = `${name}-${step.person}`;
  const base = {
    messageId: `${name}-${index}`,
    source: step.person % 2 === 0 ? 'web' : 'pos',
    key,
    identifiers: [{ kind: 'userId', value: key }],
    occurredAt: new Date(Date.parse('2026-10-30T10:00:00Z') - step.day * 86_400_000 - index).toISOString(),
  };
  if (step.do === 'VISIT') return touchpoint({ ...base, type: 'store.visited' });
  if (step.do === 'MEET') {
    const home = { kind: 'email', value: `${name}-${step.home}@example.com` };
    return touchpoint({ ...base, identifiers: [...base.identifiers, home] });
  }
  const lines = [
    { sku: 'bread', quantity: 1, price: '3.50' },
    ...(step.coffee > 0 ? [{ sku: 'coffee', category: 'drinks', quantity: step.coffee, price: '4.20' }] : []),
  ];
  const properties = step.order === null ? null : { orderId: `${name}-${step.order}` };
  return touchpoint({
    ...base,
    type: step.do === 'BUY' ? 'order.completed' : 'order.returned',
    value: { amount: String(step.francs), currency: 'CHF' },
    lines: step.francs % 3 === 0 ? null : lines,
    properties,
  });
}

/** What customers have in the end, by names that don't depend on the order of arrival. */
async function standing(name: string): Promise<unknown> {
  return node.pool`
    select r.key, a.wallet, a.pending::text, a.available::text, a.expired::text, m.tier
    from records r
    left join loyalty_accounts a on a.record_id = r.id
    left join loyalty_members m on m.customer_id = r.customer_id
    where r.key like ${`${name}-%`} order by r.key`;
}

async function submit(drafts: readonly TouchpointDraft[]): Promise<void> {
  const results = await node.ingest.submit(node.ctx, [...drafts]);
  expect(results.filter(({ status }) => status !== 'STORED')).toEqual([]);
}

describe('whatever happens, in whichever order', () => {
  test('points, lots and tiers are what a fold over everything gives', async () => {
    const histories = [
      fc.array(step, { minLength: 1, maxLength: 25 }),
      fc.array(fc.nat(), { minLength: 25, maxLength: 25 }),
      fc.integer({ min: 1, max: 6 }),
    ] as const;
    await fc.assert(fc.asyncProperty(...histories, hold), {
      numRuns: propertyRuns(20),
      seed: Number(process.env.FC_SEED ?? 20261128),
      endOnFailure: true,
    });
  }, 240_000);
});

async function hold(steps: readonly Step[], keys: readonly number[], size: number): Promise<void> {
  world += 1;
  const drafts = steps.map((one, index) => draftOf(one, index, `w${world}`));
  const shuffled = drafts.map((draft, index) => ({ draft, key: keys[index]! })).sort((a, b) => a.key - b.key);
  for (let from = 0; from < shuffled.length; from += size) {
    await submit(shuffled.slice(from, from + size).map(({ draft }) => draft));
    await expectEarningTrue(node.pool, node.clock.now());
  }
  await expectLedgerTrue(node.pool);
  await expectAllocationTrue(node.pool, node.clock.now());
  // The same again under other names, in the order in which it happened.
  const renamed = steps
    .map((one, index) => draftOf(one, index, `v${world}`))
    .sort((a, b) => Date.parse(a.occurredAt) - Date.parse(b.occurredAt));
  await submit(renamed);
  const strip = (rows: unknown) => JSON.stringify(rows).replaceAll(`"v${world}-`, '"').replaceAll(`"w${world}-`, '"');
  expect(strip(await standing(`v${world}`))).toEqual(strip(await standing(`w${world}`)));
  await node.pool.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    for (const table of [
      'loyalty_postings',
      'loyalty_lots',
      'loyalty_accounts',
      'loyalty_members',
      'loyalty_verdicts',
      'loyalty_memberships',
    ]) {
      await tx`delete from ${tx(table)}`;
    }
    for (const table of [
      'touchpoints',
      'receipts',
      'records',
      'customers',
      'claims',
      'identifiers',
      'record_revenue',
    ]) {
      await tx`delete from ${tx(table)}`;
    }
  });
}
