import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition, KeyedCondition, NumberTest, TotalCondition } from '../../src/conditions/condition.ts';
import { loadFacts } from '../../src/conditions/facts.service.ts';
import type { Json } from '../../src/kernel/json.ts';
import { language } from './fixture.ts';
import { openPeople, type People } from './people.ts';

let people: People;

const now = '2026-11-01T12:00:00Z';
const window = { last: { count: 30, unit: 'DAY' } } as const;

const played = (occurredAt: string, points: Json, more: Record<string, Json> = {}) => ({
  type: 'played',
  occurredAt,
  properties: { points, ...more },
});
const order = (occurredAt: string, amount: string, currency: string, more = {}) => ({
  type: 'order.completed',
  occurredAt,
  value: { amount, currency },
  ...more,
});
const line = (sku: string, quantity: number) => ({ sku, quantity, price: '1.00', category: null });

beforeAll(async () => {
  people = await openPeople();
  await people.tell(
    'player',
    played('2026-10-10T10:00:00Z', 0.1, { game: 'go' }),
    played('2026-10-20T10:00:00Z', 0.2, { game: 'go' }),
    played('2026-10-30T10:00:00Z', 1, { game: 'chess' }),
    played('2026-10-30T11:00:00Z', '100', { game: null }),
  );
  await people.tell('huge', played('2026-10-30T10:00:00Z', 1e21), played('2026-10-30T11:00:00Z', 1.5e-7));
  await people.tell('idle', { type: 'identify', occurredAt: '2026-10-30T10:00:00Z' });
  await people.tell(
    'buyer',
    order('2026-10-10T10:00:00Z', '100.10', 'EUR', { lines: [line('A', 1), line('B', 2.5), line('A', 1)] }),
    order('2026-10-20T10:00:00Z', '0.20', 'EUR', { channel: 'POS', lines: [line('A', 4)] }),
    order('2026-10-20T11:00:00Z', '5000', 'JPY'),
    order('2026-10-20T12:00:00Z', '1.234', 'KWD'),
    { ...order('2026-10-25T10:00:00Z', '50.05', 'EUR'), type: 'order.returned' },
  );
});

afterAll(() => people.close());

type Total = Omit<TotalCondition, keyof NumberTest | 'match' | 'window'> & Partial<TotalCondition>;

/** The measure itself: the interpreter's, after every way has agreed that it is this and nothing else. */
async function measure(person: string, total: Total, expected: string | null): Promise<void> {
  const of = (test: NumberTest): Condition => ({ total: { match: {}, window, ...total, ...test } });
  const value = expected ?? '0';
  const holds = expected !== null;
  expect((await people.ask(of({ comparison: 'EQUALS', value }), now))[person]!.verdict).toBe(holds);
  expect((await people.ask(of({ comparison: 'NOT_EQUALS', value }), now))[person]!.verdict).toBe(false);
  const id = people.ids.get(person)!;
  const facts = await loadFacts(people.database.pool, [id], { now: new Date(now) });
  const moment = { now: new Date(now), timeZone: 'Europe/Zurich' };
  const { found } = language.judge(language.check(of({ comparison: 'MORE', value })), facts.get(id)!, moment);
  expect(found === null ? null : String(found)).toBe(expected);
}

describe('a total', () => {
  test.each<[person: string, total: Total, expected: string | null]>([
    ['player', { measure: 'SUM', property: 'points' }, '1.3'],
    ['player', { measure: 'MINIMUM', property: 'points' }, '0.1'],
    ['player', { measure: 'MAXIMUM', property: 'points' }, '1'],
    ['player', { measure: 'DISTINCT', property: 'points' }, '4'],
    ['player', { measure: 'DISTINCT', property: 'game' }, '2'],
    ['idle', { measure: 'SUM', property: 'points' }, '0'],
    ['idle', { measure: 'DISTINCT', property: 'points' }, '0'],
    ['idle', { measure: 'AVERAGE', property: 'points' }, null],
    ['idle', { measure: 'MINIMUM', property: 'points' }, null],
    ['idle', { measure: 'MAXIMUM', property: 'points' }, null],
    ['idle', { measure: 'NET_REVENUE', currency: 'EUR' }, '0'],
    ['buyer', { measure: 'NET_REVENUE', currency: 'EUR' }, '50.25'],
    ['buyer', { measure: 'NET_REVENUE', currency: 'JPY' }, '5000'],
    ['buyer', { measure: 'NET_REVENUE', currency: 'KWD' }, '1.234'],
    ['buyer', { measure: 'NET_REVENUE', currency: 'CHF' }, '0'],
    ['buyer', { measure: 'NET_REVENUE', currency: 'EUR', match: { channels: ['POS'] } }, '0.2'],
    // Types say nothing about revenue.
    ['buyer', { measure: 'NET_REVENUE', currency: 'EUR', match: { types: ['played'] } }, '50.25'],
    ['buyer', { measure: 'MAXIMUM', property: 'value.amount' }, '5000'],
    ['buyer', { measure: 'MINIMUM', property: 'value.amount' }, '0.2'],
    ['buyer', { measure: 'SUM', property: 'lines.quantity' }, '8.5'],
    ['buyer', { measure: 'DISTINCT', property: 'lines.sku' }, '2'],
    ['buyer', { measure: 'DISTINCT', property: 'lines.category' }, '0'],
    // A price is text.
    ['buyer', { measure: 'SUM', property: 'lines.price' }, '0'],
  ])('of %s: %j', async (person, total, expected) => {
    await measure(person, total, expected);
  });

  test('is exact where binary fractions are not, and where numbers have many digits', async () => {
    const sum = (value: string): Condition => ({
      total: { match: {}, window, measure: 'SUM', property: 'points', comparison: 'MORE', value },
    });
    expect((await people.ask(sum('9999999999999999'), now)).huge!.verdict).toBe(true);
    const average = (comparison: 'LESS' | 'MORE' | 'EQUALS', value: string): Condition => ({
      total: { match: { types: ['played'] }, window, measure: 'AVERAGE', property: 'points', comparison, value },
    });
    // 1.3 / 3
    expect((await people.ask(average('MORE', '0.43333333'), now)).player!.verdict).toBe(true);
    expect((await people.ask(average('LESS', '0.43333334'), now)).player!.verdict).toBe(true);
    expect((await people.ask(average('EQUALS', '0.43333333'), now)).player!.verdict).toBe(false);
  });

  test('turns when so much has left that the rest says otherwise, not with every touchpoint', async () => {
    const ask = async (total: Total, test: NumberTest) =>
      (await people.ask({ total: { match: {}, window, ...total, ...test } }, now)).player;
    // 0.1 leaves on November 9, 0.2 on the 19th, 1 on the 29th.
    expect(await ask({ measure: 'SUM', property: 'points' }, { comparison: 'AT_LEAST', value: '1.2' })).toEqual({
      verdict: true,
      next: '2026-11-19T10:00:00.000Z',
    });
    expect(await ask({ measure: 'AVERAGE', property: 'points' }, { comparison: 'LESS', value: '1' })).toEqual({
      verdict: true,
      next: '2026-11-19T10:00:00.000Z',
    });
    expect(await ask({ measure: 'MAXIMUM', property: 'points' }, { comparison: 'EQUALS', value: '1' })).toEqual({
      verdict: true,
      next: '2026-11-29T10:00:00.000Z',
    });
    expect(await ask({ measure: 'DISTINCT', property: 'game' }, { comparison: 'AT_LEAST', value: '2' })).toEqual({
      verdict: true,
      next: '2026-11-19T10:00:00.000Z',
    });
    expect(await ask({ measure: 'SUM', property: 'points' }, { comparison: 'MORE', value: '5' })).toEqual({
      verdict: false,
      next: null,
    });
  });

  test.each<[given: Partial<TotalCondition>, field: string]>([
    [{ measure: 'MEDIAN' as never }, 'definition.total.measure'],
    [{ measure: 'SUM' }, 'definition.total.property'],
    [{ measure: 'SUM', property: 'a', currency: 'EUR' }, 'definition.total.currency'],
    [{ measure: 'NET_REVENUE' }, 'definition.total.currency'],
    [{ measure: 'NET_REVENUE', currency: 'EURO' }, 'definition.total.currency'],
    [{ measure: 'NET_REVENUE', currency: 'EUR', property: 'a' }, 'definition.total.property'],
    [{ measure: 'DISTINCT', property: 'a', value: '1.5' }, 'definition.total.value'],
    [{ measure: 'SUM', property: 'a', value: 'x' }, 'definition.total.value'],
  ])('is refused with the path of the fault: %j', (given, field) => {
    const total = { match: {}, window, comparison: 'MORE', value: '0', ...given } as TotalCondition;
    expect(() => language.check({ total })).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field } }),
    );
  });
});

describe('so many of the same value', () => {
  const keyed = (property: string, comparison: KeyedCondition['count']['comparison'], value: string): Condition => ({
    keyed: { match: {}, property, count: { comparison, value }, window },
  });
  const says = async (person: string, ...asked: Parameters<typeof keyed>) =>
    (await people.ask(keyed(...asked), now))[person]!;

  test('are enough in any one value, and null is none', async () => {
    expect((await says('player', 'game', 'AT_LEAST', '2')).verdict).toBe(true);
    expect((await says('player', 'game', 'AT_LEAST', '3')).verdict).toBe(false);
    expect((await says('player', 'game', 'EQUALS', '1')).verdict, 'chess').toBe(true);
    expect((await says('player', 'game', 'AT_MOST', '1')).verdict, 'chess').toBe(true);
    expect((await says('player', 'game', 'LESS', '1')).verdict, 'no value comes 0 times').toBe(false);
    expect((await says('idle', 'game', 'AT_MOST', '5')).verdict, 'there is no value').toBe(false);
  });

  test('a touchpoint counts once for a value, in however many of its lines it is', async () => {
    expect((await says('buyer', 'lines.sku', 'EQUALS', '2')).verdict).toBe(true);
    expect((await says('buyer', 'lines.sku', 'AT_LEAST', '3')).verdict).toBe(false);
  });

  test('go on for as long as some value does, and begin with the first that gets there', async () => {
    expect(await says('player', 'game', 'AT_LEAST', '1')).toEqual({ verdict: true, next: '2026-11-29T10:00:00.000Z' });
    expect(await says('player', 'game', 'AT_LEAST', '2')).toEqual({ verdict: true, next: '2026-11-09T10:00:00.000Z' });
    expect(await says('buyer', 'lines.sku', 'EQUALS', '1')).toEqual({
      verdict: true,
      next: '2026-11-09T10:00:00.000Z',
    });
    expect(await says('player', 'game', 'AT_LEAST', '3')).toEqual({ verdict: false, next: null });
  });
});
