import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition } from '../../src/conditions/condition.ts';
import { DomainError } from '../../src/kernel/errors.ts';
import type { JsonObject } from '../../src/kernel/json.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { conditions, present, touchpoints } from '../conditions/event-arbitraries.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { emptyWorld } from '../support/world.ts';
import { openSegments, type SegmentsFixture } from './fixture.ts';
import { expectTruth } from './truth.ts';

let database: TestDatabase;
let node: SegmentsFixture;
let messages = 0;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(() => database.close());

const hour = 3_600_000;

/** Traits, and identifiers by which people turn out to be one another. */
const drafts: fc.Arbitrary<Partial<TouchpointDraft>> = fc
  .tuple(
    touchpoints,
    fc.constantFrom<JsonObject>(
      {},
      {},
      { city: 'Bern' },
      { city: 'Basel' },
      { city: null },
      { until: '2026-10-28' },
      { until: '2026-11-20' },
    ),
    fc.constantFrom(null, null, null, null, 'home@example.com', 'work@example.com'),
  )
  .map(([draft, traits, email]) => ({
    ...draft,
    traits,
    identifiers: [...(draft.identifiers ?? []), ...(email === null ? [] : [{ kind: 'email', value: email }])],
  }));

const otherLeaves: fc.Arbitrary<Condition> = fc.constantFrom<Condition>(
  { trait: { trait: 'city', operator: 'EQUALS', value: 'Bern' } },
  { trait: { trait: 'city', operator: 'MISSING' } },
  { traitHeld: { trait: 'city', value: 'Bern', atLeast: { count: 2, unit: 'DAY' } } },
  { fact: { fact: 'TOUCHPOINTS', comparison: 'AT_LEAST', value: '4' } },
  { fact: { fact: 'DAYS_SINCE_LAST_SEEN', comparison: 'AT_LEAST', value: '2' } },
  { date: { trait: 'until', withinNext: { count: 2, unit: 'DAY' } } },
  { date: { trait: 'until', olderThan: { count: 1, unit: 'DAY' } } },
  { identity: { carries: 'email' } },
  { identity: { mergedWithin: { count: 1, unit: 'DAY' } } },
  { bucket: { seed: 'x', from: 0, to: 5000 } },
);

const definition: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 4, arbitrary: conditions },
  { weight: 1, arbitrary: otherLeaves },
  { weight: 2, arbitrary: fc.tuple(conditions, otherLeaves).map((all) => ({ all })) },
  { weight: 1, arbitrary: fc.tuple(conditions, otherLeaves).map(([one, other]) => ({ any: [one, { not: other }] })) },
);

interface Defining {
  readonly do: 'create' | 'update';
  readonly definition: Condition;
  readonly which: number;
  readonly inner: boolean;
}

const choice = fc.nat({ max: 20 });
type Step =
  | { readonly do: 'ingest'; readonly drafts: readonly Partial<TouchpointDraft>[] }
  | { readonly do: 'wait'; readonly ms: number }
  | Defining
  | { readonly do: 'merge' | 'revoke' | 'separate' | 'archive'; readonly a: number; readonly b: number };

const waits = fc.constantFrom(
  1,
  hour - 1,
  hour,
  11 * hour,
  12 * hour,
  24 * hour,
  48 * hour,
  7 * 24 * hour,
  31 * 24 * hour,
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('ingest' as const),
      drafts: fc.array(drafts, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: waits }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('create' as const, 'update' as const),
      definition,
      which: choice,
      inner: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('merge' as const, 'revoke' as const, 'separate' as const, 'archive' as const),
      a: choice,
      b: choice,
    }),
  },
);

async function begin(): Promise<void> {
  await emptyWorld(database.pool);
  await database.pool.unsafe(
    ['segments', 'segment_versions', 'segment_states', 'segment_builds', 'segment_log', 'segment_tallies']
      .map((table) => `delete from ${table};`)
      .join(''),
  );
  node = await openSegments(database.pool, { now: new Date(present.getTime() - 2 * hour).toISOString() });
}

async function ingest(given: readonly Partial<TouchpointDraft>[]): Promise<void> {
  const calls = given.map((draft): TouchpointDraft => {
    messages += 1;
    return { source: 'web', type: 'page.viewed', ...draft, occurredAt: draft.occurredAt!, messageId: `m-${messages}` };
  });
  const ahead = calls.map(({ occurredAt }) => Date.parse(occurredAt)).reduce((a, b) => Math.max(a, b), 0) - 24 * hour;
  if (node.clock.now().getTime() < ahead) node.clock.set(new Date(ahead));
  const results = await node.ingest.submit(node.ctx, calls);
  expect(results.filter(({ status }) => status !== 'STORED')).toEqual([]);
}

const active = () => database.pool<{ id: string }[]>`select id from segments where status = 'ACTIVE' order by id`;

async function carryOut(given: Step): Promise<void> {
  if (given.do === 'ingest') return ingest(given.drafts);
  if (given.do === 'wait') {
    node.clock.set(new Date(node.clock.now().getTime() + given.ms));
    return;
  }
  if ('definition' in given) return define(given);
  const reason = 'a test';
  if (given.do === 'archive') {
    const segments = await active();
    const segmentId = segments[given.a % segments.length]?.id;
    if (segmentId && segments.length > 2) await node.service.archive(node.ctx, { segmentId });
    return node.builder.finish();
  }
  const customers = await database.pool<{ id: string }[]>`select id from customers order by id`;
  const [a, b] = [customers[given.a % customers.length]?.id, customers[given.b % customers.length]?.id];
  if (given.do === 'merge' && a && b && a !== b)
    await node.decisions.mergeCustomers(node.ctx, { customerIds: [a, b], reason });
  if (given.do === 'separate' && a) await separate(a, reason);
  if (given.do === 'revoke') {
    const made = await database.pool<{ id: string }[]>`select id from decisions where revoked_at is null order by id`;
    const decisionId = made[given.a % made.length]?.id;
    if (decisionId) await node.decisions.revokeDecision(node.ctx, { decisionId, reason });
  }
}

async function separate(customerId: string, reason: string): Promise<void> {
  const records = await database.pool<
    { id: string }[]
  >`select id from records where customer_id = ${customerId} order by id`;
  if (records.length > 1)
    await node.decisions.unmergeCustomer(node.ctx, { customerId, recordIds: [records[0]!.id], reason });
}

/** Some definitions name another segment. */
async function define({ do: what, definition: given, which, inner }: Defining): Promise<void> {
  const segments = await active();
  const other = segments[which % segments.length]?.id;
  const definition_: Condition = inner && other ? { all: [given, { not: { segment: { id: other } } }] } : given;
  const segmentId = segments[(which + 1) % segments.length]?.id;
  if (what === 'update' && segmentId) await node.service.update(node.ctx, { segmentId, definition: definition_ });
  else
    await node.service.create(node.ctx, {
      name: `s${which}-${messages}-${segments.length}-${Date.now()}-${Math.random()}`,
      definition: definition_,
    });
  await node.builder.finish();
}

const refusals = [
  'BAD_USER_INPUT',
  'NOT_FOUND',
  'IDENTITY_CONFLICT',
  'SEGMENT_CYCLE',
  'SEGMENT_IN_USE',
  'SEGMENT_TOO_EXPENSIVE',
];

describe('live membership', () => {
  test('is what recomputing everything gives, after any history, at any instant', async () => {
    const story = fc.tuple(
      fc.array(drafts, { minLength: 2, maxLength: 10 }),
      fc.array(definition, { minLength: 2, maxLength: 4 }),
      fc.array(step, { minLength: 3, maxLength: 10 }),
    );
    await fc.assert(
      fc.asyncProperty(story, async ([history, definitions, steps]) => {
        await begin();
        await ingest(history);
        for (const [index, given] of definitions.entries()) {
          await define({ do: 'create', definition: given, which: index, inner: index === 2 });
        }
        await node.ticker.catchUp();
        await expectTruth(node);
        for (const each of steps) {
          await carryOut(each).catch((error: unknown) => {
            if (!(error instanceof DomainError) || !refusals.includes(error.code)) throw error;
          });
          await node.builder.finish();
          await node.ticker.catchUp();
          await expectTruth(node);
        }
      }),
      { numRuns: propertyRuns(16) },
    );
  }, 300_000);
});
