import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition, EventMatch, PropertyTest } from '../../src/conditions/condition.ts';
import { checkEventMatch } from '../../src/conditions/event-match.ts';
import { propertyTests } from './event-arbitraries.ts';
import { expectAgreement } from './fixture.ts';
import { openPeople, type People } from './people.ts';

let people: People;

const occurredAt = '2026-10-30T10:00:00Z';
const now = '2026-11-01T12:00:00Z';

beforeAll(async () => {
  people = await openPeople();
  const seen = (properties: object) => ({ type: 'seen', occurredAt, properties: properties as never });
  await people.tell('plain', seen({ category: 'shoes', 'address.city': 'no path', size: 42 }));
  await people.tell('deep', seen({ address: { city: 'Bern', tags: ['a', 'b'] }, size: null }));
  await people.tell('odd', seen({ address: ['Bern'], '0': 'zero', toString: 'mine', category: { city: 1 } }));
  await people.tell('bare', {
    type: 'seen',
    occurredAt,
    campaign: 'spring',
    channel: 'EMAIL',
    source: 'crm',
    key: 'x',
  });
  await people.tell('euro', { type: 'order.completed', occurredAt, value: { amount: '12.50', currency: 'EUR' } });
  await people.tell('yen', { type: 'order.completed', occurredAt, value: { amount: '1250', currency: 'JPY' } });
  await people.tell('dinar', { type: 'order.completed', occurredAt, value: { amount: '12.505', currency: 'KWD' } });
  await people.tell('unidad', { type: 'paid', occurredAt, value: { amount: '-0.1250', currency: 'CLF' } });
  await people.tell('lines', {
    type: 'order.completed',
    occurredAt,
    value: { amount: '1', currency: 'EUR' },
    lines: [
      { sku: 'A', quantity: 1, price: '1' },
      { sku: 'B', quantity: 2, price: '1', category: 'toys' },
    ],
  });
});

afterAll(() => people.close());

const happened = (match: EventMatch): Condition => ({
  event: { match, count: { comparison: 'AT_LEAST', value: '1' }, window: { ever: true } },
});

async function matching(match: EventMatch): Promise<string[]> {
  const answers = await people.ask(happened(match), now);
  return Object.keys(answers).filter((person) => answers[person]!.verdict);
}

const where = (property: string, test: Omit<PropertyTest, 'property'>): EventMatch => ({
  where: [{ property, ...test }],
});

describe('a match', () => {
  test.each<[match: EventMatch, people: string[]]>([
    [{ campaigns: ['spring', 'autumn'] }, ['bare']],
    [{ campaigns: ['autumn'] }, []],
    [{ sources: ['crm'] }, ['bare']],
    [{ channels: ['EMAIL', 'SMS'] }, ['bare']],
    [{ directions: ['OUTBOUND'] }, []],
    [{ types: ['paid'], directions: ['INBOUND'] }, ['unidad']],
    [where('category', { operator: 'EQUALS', value: 'shoes' }), ['plain']],
    [where('address.city', { operator: 'EQUALS', value: 'Bern' }), ['deep']],
    [where('address.city', { operator: 'EXISTS' }), ['deep']],
    [where('category.city', { operator: 'EQUALS', value: 1 }), ['odd']],
    [where('address.0', { operator: 'EXISTS' }), []],
    [where('toString', { operator: 'EXISTS' }), ['odd']],
    [where('constructor', { operator: 'EXISTS' }), []],
    [where('size', { operator: 'IS_NULL' }), ['deep']],
    [where('size', { operator: 'GREATER', value: 41.5 }), ['plain']],
    [where('address.tags', { operator: 'ANY_OF', values: ['b', 'z'] }), ['deep']],
    // In units of the currency, whatever its decimal places.
    [where('value.amount', { operator: 'EQUALS', value: 12.5 }), ['euro']],
    [where('value.amount', { operator: 'EQUALS', value: 1250 }), ['yen']],
    [where('value.amount', { operator: 'EQUALS', value: 12.505 }), ['dinar']],
    [where('value.amount', { operator: 'LESS', value: 0 }), ['unidad']],
    [where('value.currency', { operator: 'IN', values: ['JPY', 'KWD'] }), ['yen', 'dinar']],
    [
      { types: ['seen', 'order.completed'], ...where('value.amount', { operator: 'MISSING' }) },
      ['plain', 'deep', 'odd', 'bare'],
    ],
    [where('lines.sku', { operator: 'EQUALS', value: 'B' }), ['lines']],
    [where('lines.category', { operator: 'EXISTS' }), ['lines']],
    // Some line is something else than A.
    [where('lines.sku', { operator: 'NOT_EQUALS', value: 'A' }), ['lines']],
    [where('lines.category', { operator: 'IS_NULL' }), ['lines']],
    [
      { types: ['paid', 'order.completed'], ...where('lines.colour', { operator: 'MISSING' }) },
      ['euro', 'yen', 'dinar', 'unidad', 'lines'],
    ],
    [{ types: ['order.completed'], ...where('lines.sku', { operator: 'MISSING' }) }, ['euro', 'yen', 'dinar']],
    [
      {
        where: [
          { property: 'lines.sku', operator: 'EQUALS', value: 'A' },
          { property: 'lines.quantity', operator: 'EQUALS', value: 2 },
        ],
      },
      ['lines'],
    ],
    [{ types: ["'; drop table touchpoints; --"], sources: ['{"}', '\\'] }, []],
  ])('%j', async (match, expected) => {
    expect(await matching(match)).toEqual(expected);
  });

  test('says the same in SQL and by the facts, whatever it asks for', async () => {
    const moment = { now: new Date(now), timeZone: 'Europe/Zurich' };
    const names = fc.constantFrom(
      'category',
      'size',
      'address',
      'address.city',
      'address.tags',
      'category.city',
      'a.b',
    );
    const tests = fc
      .tuple(propertyTests, fc.option(names, { nil: undefined }))
      .map(([test, property]) => happened({ where: [{ ...test, ...(property && { property }) }] }));
    const property = fc.asyncProperty(fc.array(tests, { minLength: 4, maxLength: 8 }), async (conditions) => {
      await expectAgreement(people.database.pool, conditions, moment);
    });
    await fc.assert(property, { numRuns: 15 });
  });
});

describe('a match as it is given', () => {
  test('has one spelling: lists sorted and each entry once, what is null left out', () => {
    const given = { types: ['b', 'a', 'b'], sources: null, where: [] } as unknown as EventMatch;
    expect(checkEventMatch(given, 'm')).toStrictEqual({ types: ['a', 'b'] });
  });

  test.each<[given: unknown, field: string]>([
    [undefined, 'm'],
    [{ types: 'a' }, 'm.types'],
    [{ types: [] }, 'm.types'],
    [{ types: ['a', ''] }, 'm.types[1]'],
    [{ sources: ['\u0000'] }, 'm.sources[0]'],
    [{ campaigns: ['\ud800'] }, 'm.campaigns[0]'],
    [{ types: Array.from({ length: 101 }, (_, place) => `t${place}`) }, 'm.types'],
    [{ channels: ['WEB', 'FAX'] }, 'm.channels'],
    [{ directions: ['SIDEWAYS'] }, 'm.directions'],
    [
      {
        where: [
          { property: 'a', operator: 'EXISTS' },
          { property: '', operator: 'EXISTS' },
        ],
      },
      'm.where[1].property',
    ],
    [{ where: [{ operator: 'EXISTS' }] }, 'm.where[0].property'],
    [{ where: [{ property: 'a.b.c.d.e.f.g.h.i', operator: 'EXISTS' }] }, 'm.where[0].property'],
    [{ where: [{ property: 'a', operator: 'EQUALS' }] }, 'm.where[0].value'],
    [{ where: Array.from({ length: 11 }, () => ({ property: 'a', operator: 'EXISTS' })) }, 'm.where'],
  ])('is refused with the path of the fault: %j', (given, field) => {
    expect(() => checkEventMatch(given as EventMatch, 'm')).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field } }),
    );
  });
});
