import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition, IdentityCondition, PlaceCondition, TraitCondition } from '../../src/conditions/condition.ts';
import type { Json, JsonObject } from '../../src/kernel/json.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openIngest, touchpoint } from '../support/ingest.ts';
import { insertCustomers } from './customers.ts';
import { evaluateEach, expectAgreement, language } from './fixture.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase({ max: 4 });
});

afterAll(() => database.close());

const moment = { now: new Date('2026-11-01T12:00:00Z'), timeZone: 'Europe/Zurich' };

/** Which of the only customers there are the condition holds for, by their place in the list. */
async function holders(traits: readonly JsonObject[], condition: Condition): Promise<number[]> {
  await database.pool`delete from customers`;
  const ids = await insertCustomers(database.pool, traits);
  const each = await expectAgreement(database.pool, [condition], moment);
  return [...ids.keys()].filter((place) => each.get(ids[place]!)!.verdicts[0]);
}

function expectRefusal(condition: object, message: string, field: string): void {
  const check = () => language.check(condition as Condition);
  expect(check).toThrow(message);
  expect(check).toThrow(expect.objectContaining({ details: { field } }));
}

describe('a golden trait', () => {
  const trait = (one: TraitCondition): Condition => ({ trait: one });

  test('is tested by its value', async () => {
    const traits: JsonObject[] = [{ plan: 'pro' }, { plan: 'free' }, { plan: null }, {}, { constructor: 'pro' }];
    expect(await holders(traits, trait({ trait: 'plan', operator: 'EQUALS', value: 'pro' }))).toEqual([0]);
    expect(await holders(traits, { not: trait({ trait: 'plan', operator: 'EQUALS', value: 'pro' }) })).toEqual([
      1, 2, 3, 4,
    ]);
    expect(await holders(traits, trait({ trait: 'plan', operator: 'MISSING' }))).toEqual([3, 4]);
    expect(await holders(traits, trait({ trait: 'constructor', operator: 'EXISTS' }))).toEqual([4]);
    expect(await holders(traits, trait({ trait: "pl'an\\", operator: 'MISSING' }))).toEqual([0, 1, 2, 3, 4]);
  });

  test('needs a name and a test', () => {
    expectRefusal({ trait: { trait: ' ', operator: 'EXISTS' } }, 'printable characters', 'definition.trait.trait');
    expectRefusal({ trait: { trait: 'a', operator: 'IN', values: [] } }, 'Expected 1 to', 'definition.trait.values');
    expect(language.needs(trait({ trait: 'plan', operator: 'EXISTS' })).traits).toEqual(new Set(['plan']));
  });
});

describe('a place', () => {
  const place = (one: PlaceCondition): Condition => ({ place: one });

  test('is one of each list that is given, whatever its case', async () => {
    const traits: JsonObject[] = [
      { country: 'CH', city: 'ZÜRICH', postalCode: '8001' },
      { country: 'ch', city: 'Bern', postalCode: '3011' },
      { country: 'DE', city: 'Zürich' },
      { country: 'Ch', city: null, postalCode: 8001 },
      {},
    ];
    expect(await holders(traits, place({ countries: ['CH', 'AT'] }))).toEqual([0, 1, 3]);
    expect(await holders(traits, place({ cities: ['zürich'] }))).toEqual([0, 2]);
    expect(await holders(traits, place({ cities: ['zürich'], countries: ['ch'] }))).toEqual([0]);
    expect(await holders(traits, place({ postalCodes: ['80', '3011'] }))).toEqual([0, 1]);
    expect(await holders(traits, { not: place({ regions: ['ZH'] }) })).toEqual([0, 1, 2, 3, 4]);
  });

  const bern = { latitude: 46.948, longitude: 7.4474 };

  test('is near by the great circle', async () => {
    const location = (latitude: number, longitude: number) => ({ location: { latitude, longitude } });
    const traits = [location(47.3769, 8.5417), location(46.948, 7.4474), location(-46.948, -172.5526), location(91, 0)];
    expect(await holders(traits, place({ near: { ...bern, kilometres: 95 } }))).toEqual([1]);
    expect(await holders(traits, place({ near: { ...bern, kilometres: 96 } }))).toEqual([0, 1]);
    expect(await holders(traits, place({ near: { ...bern, kilometres: 20_016 } }))).toEqual([0, 1, 2]);
    expect(await holders(traits, place({ near: { latitude: 0, longitude: 179.9, kilometres: 1 } }))).toEqual([]);
    const across = [location(0, -179.9), location(0, 179.8)];
    expect(await holders(across, place({ near: { latitude: 0, longitude: 179.9, kilometres: 23 } }))).toEqual([0, 1]);
  });

  test('is nowhere where the location is none', async () => {
    const near = place({ near: { ...bern, kilometres: 20_100 } });
    const odd: Json[] = [
      'Bern',
      null,
      {},
      { latitude: 1 },
      { latitude: '46', longitude: '7' },
      [46, 7],
      { latitude: 1, longitude: 181 },
    ];
    const traits: JsonObject[] = [...odd.map((location) => ({ location })), {}];
    expect(await holders(traits, near)).toEqual([]);
  });

  test('SQL and interpreter agree on random places', async () => {
    const angle = (most: number) =>
      fc.oneof(
        fc.double({ min: -most, max: most, noNaN: true }),
        fc.constantFrom(0, -0, 5e-324, 1e-200, -1e-9, most, -most, most + 1e-7, 1e308),
      );
    const locations = fc.array(fc.record({ latitude: angle(90), longitude: angle(180) }, { noNullPrototype: true }), {
      minLength: 60,
      maxLength: 60,
    });
    const spot = fc.record({
      latitude: fc.double({ min: -90, max: 90, noNaN: true }),
      longitude: fc.double({ min: -180, max: 180, noNaN: true }),
      kilometres: fc.double({ min: 0.001, max: 20_100, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(locations, fc.array(spot, { minLength: 8, maxLength: 8 }), async (given, spots) => {
        await database.pool`delete from customers`;
        await insertCustomers(
          database.pool,
          given.map((location) => ({ location })),
        );
        await expectAgreement(
          database.pool,
          [...spots, { latitude: 0, longitude: 0, kilometres: 1 }].map((near) => place({ near })),
          moment,
        );
      }),
      { numRuns: 5 },
    );
  });

  test('has to be on Earth', () => {
    expectRefusal({ place: {} }, 'Give at least one of countries', 'definition.place');
    expectRefusal({ place: { cities: [] } }, 'a list of 1 to 100', 'definition.place.cities');
    expectRefusal({ place: { cities: ['a', '\0'] } }, 'printable characters', 'definition.place.cities[1]');
    const near = { latitude: 91, longitude: 0, kilometres: 1 };
    expectRefusal({ place: { near } }, 'from -90 to 90, got 91', 'definition.place.near.latitude');
    const far = { latitude: 1, longitude: 0, kilometres: Number.NaN };
    expectRefusal({ place: { near: far } }, 'Expected a number', 'definition.place.near.kilometres');
  });

  test('is stored with sorted lists and without what is not given', () => {
    const given = { place: { countries: ['DE', 'CH', 'DE'], cities: null, near: null } } as unknown as Condition;
    expect(language.check(given)).toStrictEqual({ place: { countries: ['CH', 'DE'] } });
  });
});

describe('an identity', () => {
  const identity = (one: IdentityCondition): Condition => ({ identity: one });
  const hours = (count: number) => ({ count, unit: 'HOUR' }) as const;
  let idOf: Map<string, string>;

  /** Which of `known`, `device` and `merged` it holds for. */
  async function people(condition: Condition, now = moment.now): Promise<string[]> {
    const each = await expectAgreement(database.pool, [condition], { ...moment, now });
    return [...idOf].filter(([, id]) => each.get(id)!.verdicts[0]).map(([name]) => name);
  }

  beforeAll(async () => {
    await database.pool`delete from customers`;
    const { ingest, ctx } = await openIngest(database.pool);
    const user = (value: string) => ({ kind: 'userId', value });
    const email = (value: string) => ({ kind: 'email', value });
    await ingest.submit(ctx, [
      touchpoint({ identifiers: [user('known'), email('known@example.com')], traits: { emailVerified: true } }),
      touchpoint({ source: 'kiosk', identifiers: [{ kind: 'deviceId', value: 'device-4711' }] }),
      touchpoint({ identifiers: [user('merged')], traits: { emailVerified: 'true' } }),
      touchpoint({ source: 'crm', identifiers: [email('merged@example.com')] }),
    ]);
    await ingest.submit(ctx, [touchpoint({ identifiers: [user('merged'), email('merged@example.com')] })]);
    const rows = await database.pool<{ value: string; id: string }[]>`
      select i.value, r.customer_id as id
      from identifiers i join claims k on k.identifier_id = i.id join records r on r.id = k.record_id`;
    const found = new Map(rows.map(({ value, id }) => [value, id]));
    idOf = new Map(['known', 'device-4711', 'merged'].map((value) => [value, found.get(value)!]));
  });

  test('is known by what names a person, and by what it carries', async () => {
    expect(await people(identity({ identified: true }))).toEqual(['known', 'merged']);
    expect(await people(identity({ carries: 'email' }))).toEqual(['known', 'merged']);
    expect(await people(identity({ carries: 'deviceId' }))).toEqual(['device-4711']);
    expect(await people(identity({ recordFrom: 'crm' }))).toEqual(['merged']);
    expect(await people(identity({ recordFrom: 'pos' }))).toEqual([]);
  });

  test('is verified by a trait that is true, and an identifier that is there', async () => {
    expect(await people(identity({ verified: 'email' }))).toEqual(['known']);
    expect(await people(identity({ verified: 'phone' }))).toEqual([]);
    expect(language.needs(identity({ verified: 'email' })).traits).toEqual(new Set(['emailVerified']));
  });

  test('carries nothing of which a steward has said that it is not theirs', async () => {
    await database.pool`update claims set removed_by = gen_random_uuid() where kind = 'deviceId'`;
    expect(await people(identity({ carries: 'deviceId' }))).toEqual([]);
  });

  test('was merged so recently, until the last merge is that old', async () => {
    const id = idOf.get('merged')!;
    await database.pool`
      insert into regroupings (id, at, kind, customer_id, other_id, record_ids, other_record_ids, cause)
      select gen_random_uuid(), at::timestamptz, 'MERGED', gen_random_uuid(), ${id}::uuid, '{}', '{}', 'DECISION'
      from unnest(array['2026-11-01T09:00:00Z', '2026-11-01T07:00:00Z', '2026-11-03T07:00:00Z']) as at`;
    await database.pool`delete from regroupings where at = ${moment.now}`;
    const merged = identity({ mergedWithin: hours(4) });
    expect(await people(merged)).toEqual(['merged']);
    const each = await expectAgreement(database.pool, [merged], moment);
    expect(each.get(id)!.nexts).toEqual([new Date('2026-11-01T13:00:00Z')]);
    expect(await people(merged, new Date('2026-11-01T12:59:59.999Z'))).toEqual(['merged']);
    expect(await people(merged, new Date('2026-11-01T13:00:00Z'))).toEqual([]);
  });

  test('is asked for by one thing at a time', () => {
    expectRefusal({ identity: {} }, 'Expected exactly one of identified', 'definition.identity');
    const two = { identified: true, carries: 'email' };
    expectRefusal({ identity: two }, 'got identified and carries', 'definition.identity');
    expectRefusal({ identity: { identified: false } }, 'use `not`', 'definition.identity.identified');
    expectRefusal({ identity: { carries: '' } }, 'printable characters', 'definition.identity.carries');
  });
});

describe('a bucket', () => {
  const bucket = (seed: string, from: number, to: number): Condition => ({ bucket: { seed, from, to } });
  const customers = 5000;

  test('is a stable share: evenly many, apart from each other, and of another seed others', async () => {
    const conditions = [
      ...Array.from({ length: 10 }, (_, tenth) => bucket('test', tenth * 1000, (tenth + 1) * 1000)),
      bucket('other', 0, 1000),
    ];
    await database.pool`delete from customers`;
    const some = await insertCustomers(database.pool, Array<JsonObject>(100).fill({}));
    await expectAgreement(database.pool, conditions, moment);
    const ids = [
      ...some,
      ...(await insertCustomers(database.pool, Array<JsonObject>(customers - some.length).fill({}))),
    ];
    const each = [...(await evaluateEach(database.pool, conditions, { moment, ids })).values()];
    for (const { verdicts, nexts } of each) {
      expect(verdicts.slice(0, 10).filter((verdict) => verdict)).toHaveLength(1);
      expect(nexts.filter((next) => next !== null)).toEqual([]);
    }
    // Chi-squared of ten classes: one try in ten million is above 50.
    const expected = customers / 10;
    const counts = Array.from({ length: 10 }, (_, tenth) => each.filter(({ verdicts }) => verdicts[tenth]).length);
    expect(counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(50);
    const both = each.filter(({ verdicts }) => verdicts[0] && verdicts[10]).length;
    expect(both).toBeGreaterThan(10);
    expect(both).toBeLessThan(110);
  });

  test('never changes', () => {
    const facts = { id: '0197a3f0-0000-7000-8000-000000000001' } as never;
    const found = ['a', 'b', 'Übung'].map((seed) => language.judge(bucket(seed, 0, 1), facts, moment).found);
    expect(found).toEqual([4675, 5718, 273]);
  });

  test('has a beginning before its end', () => {
    expectRefusal(bucket('a', 5, 5), 'Expected a whole number from 6 to 10000, got 5', 'definition.bucket.to');
    expectRefusal(bucket('a', -1, 5), 'from 0 to 9999', 'definition.bucket.from');
    expectRefusal(bucket('', 0, 5), 'printable characters', 'definition.bucket.seed');
  });
});
