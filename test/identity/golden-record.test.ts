import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../../src/kernel/json.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openListeningPool } from '../access/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { emptyWorld } from '../support/world.ts';
import { expectGoldenRecords, type GoldenFixture, openGolden } from './golden-record-fixture.ts';

let database: TestDatabase;
let golden: GoldenFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  golden = await openGolden(database.pool);
});
afterAll(() => database.close());

const email = (value: string) => [{ kind: 'email', value: `${value}@example.com` }];

/** Somebody's record in a source. Two with the same person are one customer. */
function says(source: string, person: string, traits: Record<string, Json>, day = 1): TouchpointDraft {
  const occurredAt = `2026-10-${String(day).padStart(2, '0')}T10:00:00Z`;
  return touchpoint({ source, key: person, identifiers: email(person), type: 'identify', occurredAt, traits });
}

describe('regressions that others shipped', () => {
  test('turns strings to arrays: a merge leaves a text a text', async () => {
    const id = await golden.send(says('web', 'text', { nickname: 'Jo' }), says('crm', 'text', { nickname: 'Joe' }, 2));
    expect(await golden.golden(id)).toEqual({ nickname: 'Joe' });
    await expect(golden.define({ name: 'nickname', survivorship: { strategy: 'SET_UNION' } })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: 'SET_UNION needs a trait of type LIST, and this one is TEXT. Give `type` with it if that is wrong.',
    });
    expect(await golden.golden(id)).toEqual({ nickname: 'Joe' });
  });

  test('merge loses PII: what either side knew is known, and comes back whole when they part', async () => {
    const ann = await golden.send(
      touchpoint({
        source: 'web',
        key: 'ann',
        identifiers: [
          { kind: 'userId', value: 'pii-ann' },
          { kind: 'anonymousId', value: 'pii-t' },
        ],
        occurredAt: '2026-10-05T10:00:00Z',
        traits: { firstName: 'Ann', phone: '1' },
      }),
    );
    const before = await golden.golden(ann);
    const device = touchpoint({
      source: 'tablet',
      key: 'pii-t',
      identifiers: [{ kind: 'anonymousId', value: 'pii-t' }],
      occurredAt: '2026-10-06T10:00:00Z',
      traits: { phone: '2', street: 'Lindenweg 1' },
    });
    const both = await golden.send(device);
    expect(await golden.golden(both)).toEqual({ firstName: 'Ann', phone: '2', street: 'Lindenweg 1' });
    // Bob used the tablet before Ann did: its record is his after all.
    const bob = await golden.send(
      touchpoint({
        source: 'web',
        key: 'bob',
        identifiers: [
          { kind: 'userId', value: 'pii-bob' },
          { kind: 'anonymousId', value: 'pii-t' },
        ],
        occurredAt: '2026-10-01T10:00:00Z',
        traits: { firstName: 'Bob' },
      }),
    );
    expect(await golden.golden(ann)).toEqual(before);
    expect(await golden.golden(bob)).toEqual({ firstName: 'Bob', phone: '2', street: 'Lindenweg 1' });
  });

  test('only the last rule works: each trait of a customer follows its own', async () => {
    await golden.define({ name: 'rule.first', survivorship: { strategy: 'OLDEST' } });
    await golden.define({
      name: 'rule.trusted',
      survivorship: { strategy: 'SOURCE_PRIORITY', sources: ['crm', 'web'] },
    });
    await golden.define({ name: 'rule.best', type: 'NUMBER', survivorship: { strategy: 'MAX' } });
    await golden.define({ name: 'rule.consent', type: 'BOOLEAN', survivorship: { strategy: 'MOST_RESTRICTIVE' } });
    const traits = (value: number) => ({
      'rule.first': value,
      'rule.trusted': value,
      'rule.best': value,
      'rule.last': value,
      'rule.consent': value !== 7,
    });
    const id = await golden.send(
      says('pos', 'rules', traits(9), 1),
      says('crm', 'rules', traits(7), 2),
      says('web', 'rules', traits(8), 3),
    );
    expect(await golden.golden(id)).toEqual({
      'rule.first': 9,
      'rule.trusted': 7,
      'rule.best': 9,
      'rule.last': 8,
      'rule.consent': false,
    });
  });

  test('doubles counters: neither a repeat, nor a new total, nor a merge adds one twice', async () => {
    await golden.define({ name: 'visits', type: 'NUMBER', survivorship: { strategy: 'SUM' } });
    const web = says('web', 'counter', { visits: 3 }, 1);
    const id = await golden.send(web, says('pos', 'counter', { visits: 4.5 }, 2));
    expect(await golden.golden(id)).toEqual({ visits: 7.5 });
    await golden.ingest.submit(golden.ctx, [web]);
    expect(await golden.golden(id)).toEqual({ visits: 7.5 });
    await golden.send(says('web', 'counter', { visits: 5 }, 3));
    expect(await golden.golden(id)).toEqual({ visits: 9.5 });
    const other = await golden.send(says('app', 'counter-2', { visits: 1 }, 4));
    expect(await golden.golden(other)).toEqual({ visits: 1 });
    const merged = await golden.send(
      touchpoint({
        source: 'app',
        key: 'counter-2',
        identifiers: email('counter'),
        occurredAt: '2026-10-05T10:00:00Z',
      }),
    );
    expect(merged).toBe(id);
    expect(await golden.golden(id)).toEqual({ visits: 10.5 });
  });
});

test('a record that takes its statement back is silent again; the last one that does leaves nothing', async () => {
  await golden.define({ name: 'points', type: 'NUMBER', survivorship: { strategy: 'SUM' } });
  const id = await golden.send(says('web', 'silent', { points: 1 }, 1), says('pos', 'silent', { points: 2 }, 1));
  await golden.send(says('web', 'silent', { points: null }, 2));
  expect(await golden.golden(id)).toEqual({ points: 2 });
  await golden.send(says('pos', 'silent', { points: null }, 2));
  expect(await golden.golden(id)).toEqual({});
});

describe('any history', () => {
  const survivorships = [
    { name: 'recent' },
    { name: 'oldest', survivorship: { strategy: 'OLDEST' } },
    { name: 'frequent', survivorship: { strategy: 'MOST_FREQUENT' } },
    { name: 'trusted', survivorship: { strategy: 'SOURCE_PRIORITY', sources: ['crm', 'web'] } },
    { name: 'longest', type: 'TEXT', survivorship: { strategy: 'LONGEST' } },
    { name: 'least', type: 'NUMBER', survivorship: { strategy: 'MIN' } },
    { name: 'latest', type: 'DATE', survivorship: { strategy: 'MAX' } },
    { name: 'sum', type: 'NUMBER', survivorship: { strategy: 'SUM' } },
    { name: 'union', type: 'LIST', survivorship: { strategy: 'SET_UNION' } },
    { name: 'consent', survivorship: { strategy: 'MOST_RESTRICTIVE', ranking: ['no', 'ask', 'yes'] } },
  ] as const;

  const value = fc.constantFrom<Json>(
    null,
    1,
    2.5,
    0.1,
    'no',
    'yes',
    'longer',
    '2026-01-01',
    '2025-12-31',
    ['a', 'b'],
    { k: 1 },
  );
  const identifier = fc.oneof(
    fc.record({ kind: fc.constant('userId'), value: fc.constantFrom('u1', 'u2') }),
    fc.record({ kind: fc.constant('email'), value: fc.constantFrom('a@x.ch', 'b@x.ch', 'c@x.ch') }),
  );
  const draft = fc.record({
    source: fc.constantFrom('web', 'pos', 'crm'),
    key: fc.constantFrom('k1', 'k2', 'k3'),
    identifiers: fc.array(identifier, { maxLength: 2 }),
    occurredAt: fc.integer({ min: 0, max: 9 }).map((hour) => new Date(Date.UTC(2026, 8, 30, hour)).toISOString()),
    type: fc.constant('identify'),
    traits: fc.dictionary(fc.constantFrom(...survivorships.map(({ name }) => name)), value, { maxKeys: 4 }),
  });
  /** The same events in the order in which they were made, and as they may arrive. */
  const arrival = fc.array(draft, { minLength: 1, maxLength: 12 }).chain((drafts) => {
    const events = drafts.map((one, index): TouchpointDraft => ({ ...one, messageId: String(index) }));
    return fc.record({
      events: fc.constant(events),
      order: fc.shuffledSubarray(events, { minLength: events.length }),
      cut: fc.nat({ max: events.length }),
    });
  });

  beforeAll(async () => {
    for (const definition of survivorships) await golden.define(definition);
  });

  test('what is stored is what folding the statements in TypeScript gives, in whatever order they came', async () => {
    const goldenTraits = () => database.pool`select id, traits from customers order by id`;
    await fc.assert(
      fc.asyncProperty(arrival, async ({ events, order, cut }) => {
        await emptyWorld(database.pool);
        await golden.send(...events);
        await expectGoldenRecords(database.pool);
        const reference = await goldenTraits();
        await emptyWorld(database.pool);
        for (const call of [order.slice(0, cut), order.slice(cut)]) if (call.length > 0) await golden.send(...call);
        expect(await goldenTraits()).toEqual(reference);
      }),
      { numRuns: propertyRuns(60) },
    );
  });
});

test('golden traits take one statement, or three where strategies differ, for 1 and 99 customers', async () => {
  const listening = openListeningPool(database.url);
  const counting = await openGolden(listening.pool);
  await counting.define({ name: 'counted', type: 'NUMBER', survivorship: { strategy: 'SUM' } });
  const folds = async (count: number, traits: Record<string, Json>) => {
    const people = Object.keys(traits).join() + count;
    const drafts = Array.from({ length: count }, (_, index) => says('count', `${people}-${index}`, traits));
    listening.statements.length = 0;
    await counting.send(...drafts);
    return listening.statements.filter((text) => /record_traits t\b/.test(text)).length;
  };
  for (const count of [1, 99]) {
    expect(await folds(count, { plain: count })).toBe(1);
    expect(await folds(count, { plain: 0, counted: 1 })).toBe(3);
  }
  await listening.pool.end();
});
