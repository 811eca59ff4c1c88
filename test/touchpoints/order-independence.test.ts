import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultRules, type IdentityRules, ruleFor } from '../../src/identity/rules.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type IngestFixture, openIngest } from '../support/ingest.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { expectRebuildable } from '../support/rebuild.ts';
import { emptyWorld, readWorld } from '../support/world.ts';

/** Limits so tight that random histories pass them all the time. */
const tightRules: IdentityRules = {
  ...defaultRules,
  kinds: new Map([
    ['userId', { ...ruleFor(defaultRules, 'userId'), recordsPerValue: null }],
    ['email', { ...ruleFor(defaultRules, 'email'), valuesPerCustomer: 2, recordsPerValue: 4 }],
    ['anonymousId', { ...ruleFor(defaultRules, 'anonymousId'), valuesPerCustomer: 3, recordsPerValue: 3 }],
  ]),
};

const identifier = fc.oneof(
  fc.record({ kind: fc.constant('userId'), value: fc.constantFrom('u1', 'u2', 'u3') }),
  fc.record({
    kind: fc.constant('email'),
    value: fc.constantFrom('a@x.ch', 'B@x.ch', 'j.o@gmail.com', 'jo+1@gmail.com'),
  }),
  fc.record({ kind: fc.constant('anonymousId'), value: fc.constantFrom('a1', 'a2', 'a3', 'a4', 'a5') }),
);

const money = fc.record({ amount: fc.constantFrom('10.00', '0.05', '99.95'), currency: fc.constantFrom('EUR', 'CHF') });

/** Few names and few instants, so that everything collides. */
const draft = fc
  .record({
    source: fc.constantFrom('web', 'pos', 'crm'),
    key: fc.option(fc.constantFrom('k1', 'k2', 'receipt:0', 'receipt:1'), { freq: 4 }),
    identifiers: fc.array(identifier, { maxLength: 3 }),
    occurredAt: fc.integer({ min: 0, max: 40 }).map((hours) => new Date(Date.UTC(2026, 8, 30, hours)).toISOString()),
    traits: fc.option(fc.dictionary(fc.constantFrom('city', 'name'), fc.constantFrom('x', 'y', null), { maxKeys: 2 })),
    type: fc.constantFrom('page.viewed', 'order.completed', 'order.returned'),
    value: money,
  })
  .map((draft) => (draft.type === 'page.viewed' ? { ...draft, value: null } : draft));

const history = fc
  .array(draft, { minLength: 1, maxLength: 14 })
  .map((drafts): TouchpointDraft[] => drafts.map((draft, index) => ({ ...draft, messageId: String(index) })));

/** The same history as it may arrive: shuffled, with repeats, cut into calls. */
const arrival = history.chain((drafts) =>
  fc.record({
    drafts: fc.constant(drafts),
    order: fc.shuffledSubarray([...drafts.keys()], { minLength: drafts.length }),
    repeats: fc.array(fc.nat({ max: drafts.length - 1 }), { maxLength: 4 }),
    cuts: fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
  }),
);

describe('the order of arrival does not matter', () => {
  let database: TestDatabase;
  let fixture: IngestFixture;

  beforeAll(async () => {
    database = await openTestDatabase();
    fixture = await openIngest(database.pool, { rules: tightRules });
  });
  afterAll(() => database.close());

  async function ingest(calls: TouchpointDraft[][]) {
    await emptyWorld(database.pool);
    for (const call of calls) {
      const results = await fixture.ingest.submit(fixture.ctx, call);
      expect(results.filter((result) => !['STORED', 'DUPLICATE'].includes(result.status))).toEqual([]);
    }
    return readWorld(database.pool);
  }

  test('any permutation, repetition and batching gives the same customers, traits and sums', async () => {
    await fc.assert(
      fc.asyncProperty(arrival, async ({ drafts, order, repeats, cuts }) => {
        const reference = await ingest([drafts]);
        const calls: TouchpointDraft[][] = [[]];
        for (const [position, index] of [...order, ...repeats].entries()) {
          calls.at(-1)!.push(drafts[index]!);
          if (cuts[position]) calls.push([]);
        }
        expect(await ingest(calls)).toEqual(reference);
        await expectRebuildable(database.pool, tightRules);
      }),
      { numRuns: propertyRuns(75), seed: 20260301 },
    );
  }, 120_000);
});
