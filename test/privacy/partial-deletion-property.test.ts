import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Condition } from '../../src/conditions/condition.ts';
import { defaultRules, type IdentityRules, ruleFor } from '../../src/identity/rules.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { earningRule, exampleProgram } from '../loyalty/example-program.ts';
import { publishAt } from '../loyalty/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { createSegments, openSubjectNode, type SubjectNode } from './subject-fixture.ts';
import { emptyEverything, expectEverythingTrue, readEverything } from './subject-world.ts';

/** Limits so tight that random histories pass them all the time. */
const tightRules: IdentityRules = {
  ...defaultRules,
  kinds: new Map([
    ['userId', { ...ruleFor(defaultRules, 'userId'), recordsPerValue: null }],
    ['email', { ...ruleFor(defaultRules, 'email'), valuesPerCustomer: 2, recordsPerValue: 3 }],
    ['anonymousId', { ...ruleFor(defaultRules, 'anonymousId'), valuesPerCustomer: 2, recordsPerValue: 2 }],
  ]),
};

const conditions: readonly Condition[] = [
  { trait: { trait: 'city', operator: 'EQUALS', value: 'x' } },
  { fact: { fact: 'TOUCHPOINTS', comparison: 'AT_LEAST', value: '3' } },
  {
    event: {
      match: { types: ['order.completed'] },
      count: { comparison: 'AT_LEAST', value: '2' },
      window: { ever: true },
    },
  },
  { identity: { carries: 'email' } },
];

const identifier = fc.oneof(
  fc.record({ kind: fc.constant('userId'), value: fc.constantFrom('u1', 'u2', 'u3') }),
  fc.record({
    kind: fc.constant('email'),
    value: fc.constantFrom('a@x.ch', 'B@x.ch', 'j.o@gmail.com', 'jo+1@gmail.com', 'J.O@gmail.com'),
  }),
  fc.record({ kind: fc.constant('anonymousId'), value: fc.constantFrom('a1', 'a2', 'a3', 'a4') }),
);

const order = fc.record({
  type: fc.constantFrom('order.completed', 'order.completed', 'order.returned'),
  value: fc.record({ amount: fc.constantFrom('10', '25', '300'), currency: fc.constantFrom('CHF', 'CHF', 'EUR') }),
  properties: fc.record(
    { orderId: fc.constantFrom('o1', 'o2'), store: fc.constantFrom('s1', 's2'), cost: fc.constantFrom('4', '4.5') },
    { requiredKeys: [] },
  ),
  lines: fc.option(fc.constant([{ sku: 'a', quantity: 1.5, price: '2' }])),
});
const answer = fc.record({
  type: fc.constant('survey.answered'),
  properties: fc.record({ survey: fc.constantFrom('NPS', 'CSAT'), score: fc.constantFrom(1, 5, 9) }),
});
const incident = fc.record({
  type: fc.constantFrom('case.opened', 'case.resolved', 'customer.left', 'page.viewed', 'page.viewed'),
  properties: fc.constant({ caseId: 'c1' }),
});

const draft = fc
  .tuple(
    fc.oneof({ weight: 2, arbitrary: order }, answer, incident),
    fc.record({
      source: fc.constantFrom('web', 'pos', 'crm'),
      key: fc.option(fc.constantFrom('k1', 'k2', 'receipt:0', 'receipt:1'), { freq: 3 }),
      identifiers: fc.array(identifier, { maxLength: 3 }),
      occurredAt: fc.integer({ min: 0, max: 30 }).map((days) => new Date(Date.UTC(2026, 8, 25 + days)).toISOString()),
      traits: fc.option(
        fc.dictionary(fc.constantFrom('city', 'name'), fc.constantFrom('x', 'y', null), { maxKeys: 2 }),
      ),
      campaign: fc.option(fc.constant('spring')),
    }),
  )
  .map(([what, where]) => ({ ...where, ...what }) as Omit<TouchpointDraft, 'messageId'>);

const history = fc.array(draft, { minLength: 2, maxLength: 14 }).map((drafts) =>
  drafts.map((one, index): TouchpointDraft => {
    // A key that somebody gave and that is made as one of nobody's receipts would be can't be told from it afterwards.
    const key = one.key === `receipt:${index}` ? 'k1' : one.key;
    return { ...one, key, messageId: String(index) };
  }),
);

const selection = fc.oneof(
  fc.record({ types: fc.constantFrom(['order.*'], ['page.viewed'], ['*'], ['order.completed', 'case.*']) }),
  fc.record({ sources: fc.constantFrom(['web'], ['pos', 'crm']) }),
  fc.record({ period: fc.constantFrom({ from: new Date('2026-10-05') }, { to: new Date('2026-10-12') }) }),
  fc.constant({ types: ['order.*'], sources: ['pos'] }),
);

let database: TestDatabase;
let node: SubjectNode;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openSubjectNode(database.pool, { rules: tightRules });
  const rules = [
    earningRule({ expiry: { count: 6, unit: 'MONTH', endOf: 'MONTH' } }),
    earningRule({
      key: 'view',
      match: { types: ['page.viewed'] },
      earns: { event: { points: '3' } },
      qualifies: false,
      budget: '100000',
    }),
  ];
  await publishAt(node, exampleProgram({ rules }));
  await createSegments(node, conditions);
});
afterAll(() => database.close());

async function send(drafts: readonly TouchpointDraft[]): Promise<void> {
  const results = await node.ingest.submit(node.ctx, [...drafts]);
  expect(results.filter(({ status }) => status !== 'STORED')).toEqual([]);
}

async function customerBehind({ messageId }: TouchpointDraft): Promise<string | null | undefined> {
  const [found] = await database.pool<{ id: string | null }[]>`
    select record.customer_id as id
    from touchpoints touchpoint join records record on record.id = touchpoint.record_id
    where touchpoint.message_id = ${messageId}`;
  return found?.id;
}

test('afterwards the world is one in which the deleted touchpoints had never been sent', async () => {
  let deletions = 0;
  await fc.assert(
    fc.asyncProperty(
      history,
      fc.array(fc.tuple(fc.nat(), selection), { minLength: 1, maxLength: 2 }),
      async (drafts, asked) => {
        await emptyEverything(database.pool);
        await send(drafts);
        for (const [which, selected] of asked) {
          const customerId = await customerBehind(drafts[which % drafts.length]!);
          if (!customerId) continue;
          const done = await node.deletions.deleteTouchpoints(node.ctx, { ...selected, customerId, reason: 'a test' });
          deletions += done.touchpoints;
        }
        const left = await database.pool<{ id: string }[]>`select message_id as id from touchpoints`;
        const kept = new Set(left.map(({ id }) => id));
        const world = await readEverything(database.pool);
        await expectEverythingTrue(node, tightRules);
        expect(new Set(await node.send(...drafts))).toEqual(new Set(['DUPLICATE']));
        await emptyEverything(database.pool);
        await send(drafts.filter(({ messageId }) => kept.has(messageId)));
        expect(world).toEqual(await readEverything(database.pool));
      },
    ),
    { numRuns: propertyRuns(25) },
  );
  expect(deletions).toBeGreaterThan(15);
}, 600_000);
