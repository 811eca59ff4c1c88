import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition } from '../../src/conditions/condition.ts';
import { addBuilds, deleteBuildsOf, upsertBuilds } from '../../src/segments/segment-states.queries.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { openSegments, type SegmentsFixture } from './fixture.ts';
import { expectTruth } from './truth.ts';

let database: TestDatabase;
let one: SegmentsFixture;
let other: SegmentsFixture;

beforeAll(async () => {
  database = await openTestDatabase({ max: 20 });
  one = await openSegments(database.pool);
  other = await openSegments(database.pool);
});

afterAll(() => database.close());

const people = Array.from({ length: 12 }, (_, index) => `person-${index}`);

/** Somebody does something; now and then an address shows that two of them are one. */
function happening(number: number): TouchpointDraft {
  const person = people[(number * 7) % people.length]!;
  const order = number % 3 === 0;
  const shares = number % 11 === 0;
  return touchpoint({
    source: number % 2 === 0 ? 'web' : 'pos',
    type: order ? 'order.completed' : 'page.viewed',
    occurredAt: new Date(Date.parse('2026-11-01T11:00:00Z') - ((number * 37) % 50) * 3_600_000).toISOString(),
    value: order ? { amount: String(10 + (number % 40)), currency: 'CHF' } : null,
    traits: number % 5 === 0 ? { city: number % 10 === 0 ? 'Bern' : 'Basel' } : null,
    identifiers: [
      { kind: 'userId', value: person },
      ...(shares ? [{ kind: 'email', value: `home-${number % 4}@example.com` }] : []),
    ],
  });
}

const often = (least: number, hours: number): Condition => ({
  event: {
    match: { types: ['page.viewed'] },
    count: { comparison: 'AT_LEAST', value: String(least) },
    window: { last: { count: hours, unit: 'HOUR' } },
  },
});
const fromBern: Condition = { trait: { trait: 'city', operator: 'EQUALS', value: 'Bern' } };
const spends: Condition = {
  total: {
    match: {},
    measure: 'NET_REVENUE',
    currency: 'CHF',
    comparison: 'MORE',
    value: '60',
    window: { ever: true },
  },
};

async function submit(node: SegmentsFixture, first: number, count: number): Promise<void> {
  const results = await node.ingest.submit(
    node.ctx,
    Array.from({ length: count }, (_, index) => happening(first + index)),
  );
  expect(results.filter(({ status }) => status !== 'STORED')).toEqual([]);
}

describe('two nodes at once', () => {
  test('leave memberships as recomputing them would, while definitions are built, changed and archived', async () => {
    const { id: visitors } = await one.create('visitors', often(2, 24));
    const { id: locals } = await one.create('locals', { all: [fromBern, { segment: { id: visitors } }] });
    for (let round = 0; round < 25; round += 1) {
      const first = round * 40;
      const definition = round % 2 === 0 ? { any: [spends, often(3, 48)] } : { all: [{ not: fromBern }, often(1, 12)] };
      const made = await one.service.create(one.ctx, { name: `round ${round}`, definition });
      await Promise.all([
        submit(one, first, 12),
        one.builder.finish(),
        submit(other, first + 12, 12),
        other.builder.finish(),
        other.service.update(other.ctx, { segmentId: visitors, definition: often(2 + (round % 3), 24 + round) }),
        submit(one, first + 24, 8),
        submit(other, first + 32, 8),
        one.ticker.catchUp(),
      ]);
      if (round % 3 === 0) {
        await Promise.all([submit(other, 10_000 + first, 5), one.service.archive(one.ctx, { segmentId: made.id })]);
      }
      await one.builder.finish();
      await one.ticker.catchUp();
      await expectTruth(one);
    }
    expect(await one.members(locals)).not.toEqual([]);
  }, 240_000);

  test('write verdicts of a version that is being built without waiting for each other in a circle', async () => {
    const segmentId = one.ctx.ids.uuid();
    const shuffled = (ids: readonly string[], step: number) =>
      ids.map((_, index) => ({
        segmentId,
        customerId: ids[(index * step) % ids.length]!,
        version: 1,
        verdict: true,
        dueAt: null,
      }));
    for (let round = 0; round < 12; round += 1) {
      const ids = Array.from({ length: 1_009 }, () => one.ctx.ids.uuid());
      const [early, gone] = [shuffled(ids.slice(0, 8), 1), ids.slice(0, 4)];
      await addBuilds(database.pool, early);
      await Promise.all([
        addBuilds(database.pool, shuffled(ids, 500)),
        addBuilds(database.pool, shuffled(ids, 77)),
        database.pool.begin((tx) => Promise.all([upsertBuilds(tx, shuffled(ids, 3)), deleteBuildsOf(tx, gone)])),
      ]);
    }
    const [left] = await database.pool<{ builds: number }[]>`
      select count(*)::int as builds from segment_builds where segment_id = ${segmentId}`;
    expect(left?.builds).toBeGreaterThanOrEqual(12 * 1_005);
    await database.pool`delete from segment_builds where segment_id = ${segmentId}`;
  });

  test('pop what is due once, whoever is quicker', async () => {
    const segment = await one.create('just now', often(1, 60));
    const before = await one.members(segment.id);
    expect(before.length).toBeGreaterThan(3);
    one.clock.set('2026-11-08T12:00:00Z');
    other.clock.set('2026-11-08T12:00:00Z');
    await Promise.all([one.ticker.catchUp(), other.ticker.catchUp(), submit(one, 50_000, 6), other.ticker.catchUp()]);
    await one.ticker.catchUp();
    await expectTruth(one);
    const exits = await database.pool`
      select customer_id from segment_log where segment_id = ${segment.id} and not entered and cause = 'CLOCK'
      group by customer_id having count(*) > 1`;
    expect(exits.length).toBe(0);
  });
});
