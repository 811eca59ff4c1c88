import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition, CustomerFact, FactCondition, NumberTest } from '../../src/conditions/condition.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openIngest, touchpoint } from '../support/ingest.ts';
import { expectAgreement, language } from './fixture.ts';

let database: TestDatabase;
const people = ['buyer', 'returner', 'onlooker', 'future'];
const ids = new Map<string, string>();

beforeAll(async () => {
  database = await openTestDatabase({ max: 2 });
  const { ingest, ctx } = await openIngest(database.pool);
  const did = (person: string, occurredAt: string, what: object) =>
    touchpoint({ type: 'page.viewed', occurredAt, identifiers: [{ kind: 'userId', value: person }], ...what });
  const order = (amount: string, currency = 'EUR', type = 'order.completed') => ({ type, value: { amount, currency } });
  await ingest.submit(ctx, [
    did('buyer', '2026-10-01T10:00:00Z', order('10.00')),
    did('buyer', '2026-10-20T10:00:00.5Z', order('0.01')),
    did('buyer', '2026-10-21T10:00:00Z', order('0.02')),
    did('buyer', '2026-10-22T10:00:00Z', order('2.50', 'EUR', 'order.returned')),
    did('buyer', '2026-10-22T11:00:00Z', { source: 'crm', ...order('1500', 'JPY') }),
    did('buyer', '2026-10-22T12:00:00Z', order('1.234', 'KWD')),
    did('returner', '2026-10-22T12:00:00Z', order('99999999.99', 'EUR', 'order.returned')),
    did('onlooker', '2026-10-30T12:00:00Z', {}),
    did('future', '2026-11-02T06:00:00Z', order('5.00')),
  ]);
  const rows = await database.pool<{ value: string; id: string }[]>`
    select distinct i.value, r.customer_id as id
    from identifiers i join claims k on k.identifier_id = i.id join records r on r.id = k.record_id`;
  for (const { value, id } of rows) ids.set(value, id);
});

afterAll(() => database.close());

const zone = { timeZone: 'Europe/Zurich' };
const noon = '2026-11-01T12:00:00Z';

const fact = (name: CustomerFact, test_: NumberTest, currency?: string): Condition => ({
  fact: { fact: name, ...test_, ...(currency ? { currency } : {}) },
});

/** For whom it holds. */
async function holders(condition: Condition, now = noon): Promise<string[]> {
  const each = await expectAgreement(database.pool, [condition], { now: new Date(now), ...zone });
  return people.filter((name) => each.get(ids.get(name)!)!.verdicts[0]);
}

/** What it says of this customer, and until when. */
async function answer(name: string, condition: Condition, now: string) {
  const each = await expectAgreement(database.pool, [condition], { now: new Date(now), ...zone });
  const { verdicts, nexts } = each.get(ids.get(name)!)!;
  return [verdicts[0], nexts[0]?.toISOString() ?? null];
}

const equals = (value: string) => ({ comparison: 'EQUALS', value }) as const;
const atLeast = (value: string) => ({ comparison: 'AT_LEAST', value }) as const;

describe('a number of the customer view', () => {
  test('counts', async () => {
    expect(await holders(fact('TOUCHPOINTS', equals('6')))).toEqual(['buyer']);
    expect(await holders(fact('RECORDS', atLeast('2')))).toEqual(['buyer']);
    expect(await holders(fact('ORDERS', { comparison: 'BETWEEN', value: '1', to: '5' }))).toEqual(['buyer', 'future']);
    expect(await holders(fact('RETURNS', equals('1')))).toEqual(['buyer', 'returner']);
    expect(await holders(fact('RETURNS', equals('0')))).toEqual(['onlooker', 'future']);
  });

  test('net revenue is exact in units of its currency, and 0 of who never bought in it', async () => {
    expect(await holders(fact('NET_REVENUE', equals('7.53'), 'EUR'))).toEqual(['buyer']);
    expect(await holders(fact('NET_REVENUE', equals('-99999999.99'), 'EUR'))).toEqual(['returner']);
    expect(await holders(fact('NET_REVENUE', equals('1500'), 'JPY'))).toEqual(['buyer']);
    expect(await holders(fact('NET_REVENUE', equals('1.234'), 'KWD'))).toEqual(['buyer']);
    expect(await holders(fact('NET_REVENUE', { comparison: 'LESS', value: '0.01' }, 'CHF'))).toEqual([
      'buyer',
      'returner',
      'onlooker',
      'future',
    ]);
  });

  test('the average is the rounded one of the view, and nothing without orders', async () => {
    expect(await holders(fact('AVERAGE_ORDER_VALUE', equals('3.34'), 'EUR'))).toEqual(['buyer']);
    expect(await holders(fact('AVERAGE_ORDER_VALUE', { comparison: 'NOT_EQUALS', value: '3.34' }, 'EUR'))).toEqual([
      'future',
    ]);
    expect(await holders(fact('AVERAGE_ORDER_VALUE', atLeast('0'), 'EUR'))).toEqual(['buyer', 'future']);
  });

  test('days pass at the hour of the day, to the millisecond', async () => {
    const since: CustomerFact = 'DAYS_SINCE_FIRST_SEEN';
    expect(await answer('buyer', fact(since, atLeast('30')), '2026-10-31T09:59:59.999Z')).toEqual([
      false,
      '2026-10-31T10:00:00.000Z',
    ]);
    expect(await answer('buyer', fact(since, atLeast('30')), '2026-10-31T10:00:00Z')).toEqual([true, null]);
    expect(await answer('buyer', fact(since, equals('30')), '2026-10-31T10:00:00Z')).toEqual([
      true,
      '2026-11-01T10:00:00.000Z',
    ]);
    expect(await answer('buyer', fact(since, { comparison: 'NOT_EQUALS', value: '0' }), noon)).toEqual([true, null]);
    expect(await answer('buyer', fact(since, atLeast('0')), noon)).toEqual([true, null]);
  });

  test('no day has passed since what is dated in the future', async () => {
    expect(await answer('future', fact('DAYS_SINCE_LAST_SEEN', equals('0')), noon)).toEqual([
      true,
      '2026-11-03T06:00:00.000Z',
    ]);
    expect(await holders(fact('DAYS_SINCE_LAST_ORDER', { comparison: 'LESS', value: '1' }))).toEqual(['future']);
  });

  test('no comparison holds for the days since an order that there never was', async () => {
    const tests: NumberTest[] = [
      atLeast('0'),
      { comparison: 'NOT_EQUALS', value: '5' },
      { comparison: 'LESS', value: '9' },
    ];
    for (const one of tests) {
      expect(await answer('onlooker', fact('DAYS_SINCE_LAST_ORDER', one), noon)).toEqual([false, null]);
    }
  });

  test('every fact and comparison agrees at several times', async () => {
    const tests: NumberTest[] = ['EQUALS', 'NOT_EQUALS', 'LESS', 'AT_MOST', 'MORE', 'AT_LEAST'].flatMap((comparison) =>
      ['0', '1', '3', '9', '30'].map((value) => ({ comparison, value }) as NumberTest),
    );
    const facts: [CustomerFact, string?][] = [
      ['TOUCHPOINTS'],
      ['RETURNS'],
      ['NET_REVENUE', 'EUR'],
      ['AVERAGE_ORDER_VALUE', 'JPY'],
      ['DAYS_SINCE_FIRST_SEEN'],
      ['DAYS_SINCE_LAST_SEEN'],
      ['DAYS_SINCE_LAST_ORDER'],
    ];
    const between: NumberTest = { comparison: 'BETWEEN', value: '1', to: '10' };
    const conditions = facts.flatMap(([name, currency]) => [...tests, between].map((one) => fact(name, one, currency)));
    for (const now of ['2026-10-01T10:00:00Z', '2026-10-21T10:00:00.5Z', '2026-10-31T12:00:00Z', noon]) {
      await expectAgreement(database.pool, conditions, { now: new Date(now), ...zone });
    }
  });
});

describe('a fact that makes no sense is refused', () => {
  test.each<[string, string, object]>([
    ['got "AGE"', 'definition.fact.fact', { fact: 'AGE', ...equals('1') }],
    ['Expected an ISO 4217 code', 'definition.fact.currency', { fact: 'NET_REVENUE', ...equals('1') }],
    ['Expected an ISO 4217 code', 'definition.fact.currency', { fact: 'NET_REVENUE', ...equals('1'), currency: 'XYZ' }],
    ['ORDERS has no currency', 'definition.fact.currency', { fact: 'ORDERS', ...equals('1'), currency: 'EUR' }],
    ['Expected a whole number', 'definition.fact.value', { fact: 'ORDERS', ...equals('1.5') }],
  ])('%s at %s', (message, field, given) => {
    const check = () => language.check({ fact: given as FactCondition });
    expect(check).toThrow(message);
    expect(check).toThrow(expect.objectContaining({ details: { field } }));
  });
});
