import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition, DateCondition } from '../../src/conditions/condition.ts';
import type { Json, JsonObject } from '../../src/kernel/json.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { insertCustomers } from './customers.ts';
import { evaluateEach, expectAgreement, language } from './fixture.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase({ max: 2 });
});

afterAll(() => database.close());

const zurich = 'Europe/Zurich';
const days = (count: number) => ({ count, unit: 'DAY' }) as const;
const on = (one: Omit<DateCondition, 'trait'>): Condition => ({ date: { trait: 'on', ...one } });

/** The only customers are those who have these values. */
async function customersWith(values: readonly (Json | undefined)[]): Promise<string[]> {
  await database.pool`delete from customers`;
  return insertCustomers(
    database.pool,
    values.map((on): JsonObject => (on === undefined ? {} : { on })),
  );
}

/** What the test says of the value at this instant, and until when. */
async function answer(value: Json, one: Omit<DateCondition, 'trait'>, now: string, timeZone = zurich) {
  const [id] = await customersWith([value]);
  const each = await expectAgreement(database.pool, [on(one)], { now: new Date(now), timeZone });
  const { verdicts, nexts } = each.get(id!)!;
  return [verdicts[0], nexts[0]?.toISOString() ?? null];
}

describe('the distance of a date', () => {
  test('a day begins at midnight of the organisation', async () => {
    const bound = { before: '2026-03-28T23:00:00Z' };
    expect(await answer('2026-03-29', bound, '2026-11-01T12:00:00Z')).toEqual([false, null]);
    expect(await answer('2026-03-28', bound, '2026-11-01T12:00:00Z')).toEqual([true, null]);
    expect(await answer('2026-03-29', { after: '2026-03-28T23:00:00Z' }, '2026-11-01T12:00:00Z')).toEqual([true, null]);
  });

  test('within the last days: from the instant on, and not a millisecond too long', async () => {
    const last = { withinLast: days(2) };
    const at = '2026-03-29T10:00:00.5Z';
    expect(await answer(at, last, '2026-03-29T10:00:00.499Z')).toEqual([false, '2026-03-29T10:00:00.500Z']);
    expect(await answer(at, last, '2026-03-29T10:00:00.500Z')).toEqual([true, '2026-03-31T10:00:00.500Z']);
    expect(await answer(at, last, '2026-03-31T10:00:00.499Z')).toEqual([true, '2026-03-31T10:00:00.500Z']);
    expect(await answer(at, last, '2026-03-31T10:00:00.500Z')).toEqual([false, null]);
  });

  test('within the next days: up to the instant itself', async () => {
    const next = { withinNext: days(2) };
    const at = '2026-03-29T12:00:00+02:00';
    expect(await answer(at, next, '2026-03-27T09:59:59.999Z')).toEqual([false, '2026-03-27T10:00:00.000Z']);
    expect(await answer(at, next, '2026-03-27T10:00:00Z')).toEqual([true, '2026-03-29T10:00:00.001Z']);
    expect(await answer(at, next, '2026-03-29T10:00:00Z')).toEqual([true, '2026-03-29T10:00:00.001Z']);
    expect(await answer(at, next, '2026-03-29T10:00:00.001Z')).toEqual([false, null]);
  });

  test('older than days begins where within the last days ends', async () => {
    const older = { olderThan: days(2) };
    expect(await answer('2026-03-29', older, '2026-03-30T22:59:59.999Z')).toEqual([false, '2026-03-30T23:00:00.000Z']);
    expect(await answer('2026-03-29', older, '2026-03-30T23:00:00Z')).toEqual([true, null]);
    expect(await answer('2026-05-29', older, '2026-03-30T23:00:00Z')).toEqual([false, '2026-05-30T22:00:00.000Z']);
  });
});

describe('an anniversary', () => {
  const within = (anniversaryWithinDays: number) => ({ anniversaryWithinDays });

  test('changes at midnights of the organisation only', async () => {
    const birthday = '1984-04-05';
    expect(await answer(birthday, within(7), '2026-03-01T12:00:00Z')).toEqual([false, '2026-03-28T23:00:00.000Z']);
    expect(await answer(birthday, within(7), '2026-03-28T23:00:00Z')).toEqual([true, '2026-04-05T22:00:00.000Z']);
    expect(await answer(birthday, within(0), '2026-04-05T21:59:59Z')).toEqual([true, '2026-04-05T22:00:00.000Z']);
    expect(await answer(birthday, within(7), '2026-04-05T22:00:00Z')).toEqual([false, '2027-03-28T22:00:00.000Z']);
  });

  test('crosses the turn of the year', async () => {
    expect(await answer('1984-01-03', within(7), '2026-12-29T12:00:00Z')).toEqual([true, '2027-01-03T23:00:00.000Z']);
  });

  test('of February 29 is kept on February 28 in other years', async () => {
    expect(await answer('2000-02-29', within(0), '2026-02-28T12:00:00Z')).toEqual([true, '2026-02-28T23:00:00.000Z']);
    expect(await answer('2000-02-29', within(0), '2028-02-28T12:00:00Z')).toEqual([false, '2028-02-28T23:00:00.000Z']);
    expect(await answer('2000-02-29', within(0), '2028-02-29T12:00:00Z')).toEqual([true, '2028-02-29T23:00:00.000Z']);
  });

  test('is not the day itself, and not before the first year is over', async () => {
    expect(await answer('2026-04-05', within(0), '2026-04-05T12:00:00Z')).toEqual([false, '2027-04-04T22:00:00.000Z']);
    expect(await answer('2028-04-05', within(3), '2026-04-05T12:00:00Z')).toEqual([false, '2029-04-01T22:00:00.000Z']);
  });

  test('of an instant is that of its day in the zone of the organisation', async () => {
    expect(await answer('2025-06-30T22:30:00Z', within(0), '2026-07-01T12:00:00Z')).toEqual([
      true,
      '2026-07-01T22:00:00.000Z',
    ]);
  });
});

const everyTest: Condition[] = [
  { before: '2026-03-29T00:00:00Z' },
  { after: '2026-03-29T00:00:00Z' },
  { withinLast: days(30) },
  { withinLast: { count: 90, unit: 'MINUTE' } as const },
  { withinNext: days(30) },
  { olderThan: { count: 5, unit: 'HOUR' } as const },
  { olderThan: days(365) },
  ...[0, 1, 30, 364, 365].map((anniversaryWithinDays) => ({ anniversaryWithinDays })),
].map(on);

describe('SQL and interpreter agree', () => {
  test('where clocks are put forward or back to midnight, and where a day is left out', async () => {
    const edges: [zone: string, day: string, now: string][] = [
      ['America/Havana', '2024-11-03', '2024-11-03T04:30:00Z'],
      ['America/Havana', '2024-03-10', '2024-03-10T05:30:00Z'],
      ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:10:00Z'],
      ['America/Sao_Paulo', '2018-02-18', '2018-02-18T02:10:00Z'],
      ['Africa/Cairo', '2024-04-26', '2024-04-25T22:10:00Z'],
      ['Pacific/Apia', '2011-12-30', '2011-12-30T09:59:00Z'],
      ['Pacific/Apia', '2011-12-31', '2011-12-30T10:01:00Z'],
      ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T15:00:00Z'],
      ['Asia/Kathmandu', '1986-01-01', '2026-12-31T18:20:00Z'],
      [zurich, '1921-02-28', '2026-02-27T23:00:00Z'],
    ];
    for (const [timeZone, day, now] of edges) {
      await customersWith([day, `2001${day.slice(4)}`, '2000-02-29', now, '2024-12-31T23:30:00-05:00']);
      await expectAgreement(database.pool, everyTest, { now: new Date(now), timeZone });
    }
  });

  test('on what is a date and what is not', async () => {
    const values: (Json | undefined)[] = [
      ...['2026-02-29', '2026-02-30', '2024-02-29', '2100-02-29', '2000-02-29', '2026-13-01', '2026-00-10', '2026-4-5'],
      ...[
        '0000-01-01',
        '0999-01-01',
        '1000-02-29',
        '1600-02-29',
        '1900-02-29',
        '9999-12-31',
        '10000-01-01',
        '-002026-01-01',
        '2026-04-31',
        ' 2026-04-30',
      ],
      ...['2026-04-30\n', '20260430', '2026-04-30T', '2026-04-30T10:00', '2026-04-30T10:00Z', '2026-04-30t10:00:00z'],
      ...['2026-04-30T24:00:00Z', '2026-04-30T23:59:60Z', '2026-04-30T10:00:00+15:59', '2026-04-30T10:00:00+16:00'],
      ...[
        '2026-04-30T10:00:00.9999999Z',
        '2026-04-30T10:00:00.1Z',
        '2026-02-30T10:00:00Z',
        '2026-04-30T10:00:00-00:00',
      ],
      ...[
        '9999-12-31T23:59:59-15:00',
        '1000-01-01T00:00:00+15:00',
        '1969-12-31T23:59:59.9999Z',
        '2026-04-30 10:00:00Z',
      ],
      ...[
        '2026-04-30T10:00:00+0200',
        'yesterday',
        'infinity',
        'now',
        '',
        '2026-٠4-30',
        `2026-04-30T10:00:00.${'9'.repeat(500)}Z`,
      ],
      ...[20260430, null, undefined, true, ['2026-04-30'], { on: '2026-04-30' }],
    ];
    await customersWith(values);
    await expectAgreement(database.pool, everyTest, { now: new Date('2026-04-30T12:00:00Z'), timeZone: zurich });
  });

  test('on random dates, instants and garbage at random times', async () => {
    const two = fc.integer({ min: 0, max: 61 }).map((number) => String(number).padStart(2, '0'));
    const few = fc.constantFrom('01', '02', '04', '12', '28', '29', '30', '31');
    const year = fc.oneof(fc.integer({ min: 1900, max: 2060 }), fc.constantFrom(2024, 2025, 2026, 2027)).map(String);
    const day = fc.tuple(year, fc.oneof(few, two), fc.oneof(few, two)).map((parts) => parts.join('-'));
    const fraction = fc.constantFrom('', '.1', '.999', '.0005', '.9999');
    const zone = fc.constantFrom('Z', 'z', '+02:00', '-11:30', '+15:59', '-16:00', '', '+2');
    const time = fc
      .tuple(fc.constantFrom('T', 't', ' '), fc.oneof(few, two), fc.oneof(few, two), fc.oneof(few, two), fraction, zone)
      .map(([t, hour, minute, second, rest, offset]) => `${t}${hour}:${minute}:${second}${rest}${offset}`);
    const recent = fc
      .date({ min: new Date('2025-10-01Z'), max: new Date('2027-06-01Z'), noInvalidDate: true })
      .map((date) => date.toISOString());
    const values = fc.array(
      fc.oneof(
        day,
        fc.tuple(day, time).map((parts) => parts.join('')),
        recent,
        recent.map((text) => text.slice(0, 10)),
      ),
      { minLength: 150, maxLength: 150 },
    );
    const now = fc.date({ min: new Date('2026-01-01Z'), max: new Date('2027-01-01Z'), noInvalidDate: true });
    const timeZone = fc.constantFrom(zurich, 'America/Havana', 'Asia/Kolkata', 'America/New_York', 'Pacific/Auckland');
    await fc.assert(
      fc.asyncProperty(values, now, timeZone, async (given, at, inZone) => {
        await customersWith(given);
        await expectAgreement(database.pool, everyTest, { now: at, timeZone: inZone });
      }),
      { numRuns: 6 },
    );
  });
});

describe('a date condition that makes no sense is refused', () => {
  test.each<[string, string, object]>([
    ['Expected exactly one of before, after', 'definition.date', { trait: 'on' }],
    [
      'got before and withinLast',
      'definition.date',
      { trait: 'on', before: '2026-01-01T00:00:00Z', withinLast: days(1) },
    ],
    ['Expected an RFC 3339 instant', 'definition.date.before', { trait: 'on', before: '2026-01-01' }],
    ['from 0 to 365, got 366', 'definition.date.anniversaryWithinDays', { trait: 'on', anniversaryWithinDays: 366 }],
    ['printable characters', 'definition.date.trait', { trait: '', olderThan: days(1) }],
  ])('%s at %s', (message, field, date) => {
    const check = () => language.check({ date } as unknown as Condition);
    expect(check).toThrow(message);
    expect(check).toThrow(expect.objectContaining({ details: { field } }));
  });

  test('and stored without what is not given', () => {
    const given = { date: { trait: 'on', before: null, after: '2026-01-01T01:00:00+01:00' } } as unknown as Condition;
    expect(language.check(given)).toStrictEqual({ date: { trait: 'on', after: '2026-01-01T00:00:00.000Z' } });
  });
});

test('whoever has no date is in none of them, whatever is asked', async () => {
  const ids = await customersWith([undefined, null, 'soon']);
  const found = await evaluateEach(database.pool, everyTest, {
    moment: { now: new Date('2026-04-30Z'), timeZone: zurich },
    ids,
  });
  for (const { verdicts, nexts } of found.values()) {
    expect(verdicts).not.toContain(true);
    expect(nexts.filter((next) => next !== null)).toEqual([]);
  }
});
