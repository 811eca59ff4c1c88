import { describe, expect, it } from 'vitest';
import { compileDraftMapper } from '../../src/touchpoints/import-draft.ts';
import { columnsNamed, parseMapping } from '../../src/touchpoints/import-mapping.ts';
import type { Row } from '../../src/touchpoints/import-row.ts';
import { invoices } from './import-support.ts';

const minimal = { source: 'crm', messageId: '{id}', type: 'identify', occurredAt: { value: '{at}' } };

function row(values: Row['values'], line = 2): Row {
  return { line, values: { id: '1', at: '2026-01-31T10:00:00Z', ...values } };
}

function draftOf(mapping: object, values: Row['values']) {
  const result = compileDraftMapper(parseMapping({ ...minimal, ...mapping }))([row(values)]);
  if ('refusal' in result) throw new Error(`${result.refusal.code}: ${result.refusal.reason}`);
  return result.draft;
}

function refusalOf(mapping: object, values: Row['values']) {
  const result = compileDraftMapper(parseMapping({ ...minimal, ...mapping }))([row(values)]);
  return 'refusal' in result ? result.refusal : undefined;
}

describe('a mapping', () => {
  it.each([
    [{ ...minimal, souce: 'crm' }, /mapping: Unrecognized key: "souce"/],
    [{ ...minimal, messageId: 'x-{id' }, /messageId: braces must enclose a column name/],
    [{ ...minimal, occurredAt: { value: '{at}', zone: 'Europe/Zürich' } }, /occurredAt\.zone: is not a time zone/],
    [{ ...minimal, type: [{ type: 'a', when: { column: 'x' } }] }, /type\[0\]\.when: needs a test: matches/],
    [
      { ...minimal, skip: [{ when: { column: 'x', matches: '(' }, reason: 'r' }] },
      /skip\[0\]\.when\.matches: is not a regular expression/,
    ],
    [
      { ...minimal, skip: [{ when: [{ column: 'x', equals: '5' }], reason: 'r' }] },
      /skip\[0\]\.when\[0\]\.equals: .*expected number/,
    ],
    [{ ...minimal, type: [{ typ: 'a' }] }, /type\[0\]/],
    [{ ...minimal, value: { amount: '{a}' } }, /value\.currency/],
    [{ ...minimal, traits: { a: { value: '{a}', as: 'int' } } }, /traits\.a\.as/],
    [{ ...minimal, key: 5 }, /key: .*expected string/],
    [[], /mapping: .*expected object/],
    [{ ...minimal, value: { sum: 'lines', currency: 'EUR' } }, /lines: is needed for "sum": "lines"/],
    [{ ...minimal, channel: 'TELEX' }, /channel: expected one of WEB, APP/],
    [{ ...minimal, format: { type: 'csv', encoding: 'ebcdic' } }, /format\.encoding: is not an encoding known here/],
  ])('says what is wrong where: %#', (mapping, message) => {
    expect(() => parseMapping(mapping)).toThrow(message);
  });

  it('lists the columns that it needs, with the places that name them', () => {
    const mapping = parseMapping({
      ...minimal,
      key: '{a}-{b}',
      skip: [{ when: { column: 'c', empty: true }, reason: '{no}' }],
      traits: { x: '{d}' },
    });
    const named = columnsNamed(mapping).map(({ column, path }) => `${path}=${column}`);
    expect(named.sort()).toEqual([
      'key=a',
      'key=b',
      'messageId=id',
      'occurredAt.value=at',
      'skip[0].when[0].column=c',
      'traits.x=d',
    ]);
  });
});

describe('a row', () => {
  it('becomes a touchpoint by templates; what is empty is left out', () => {
    const mapping = {
      key: 'c{no}',
      identifiers: [
        { kind: 'email', value: '{mail}' },
        { kind: 'phone', value: '{phone}' },
      ],
      traits: { firstName: '{first}', lastName: '{last}' },
      properties: { line: '{$line}', full: '{first} {last}' },
    };
    expect(draftOf(mapping, { no: '7', mail: 'jo@example.org', phone: '', first: 'Jo', last: '' })).toEqual({
      messageId: '1',
      source: 'crm',
      key: 'c7',
      identifiers: [{ kind: 'email', value: 'jo@example.org' }],
      type: 'identify',
      occurredAt: '2026-01-31T10:00:00.000Z',
      traits: { firstName: 'Jo' },
      properties: { line: 2 },
    });
  });

  it('is nobody’s without key and identifiers', () => {
    const draft = draftOf({ key: '{no}', identifiers: [{ kind: 'email', value: '{mail}' }] }, { no: '', mail: '' });
    expect([draft.key, draft.identifiers]).toEqual([undefined, undefined]);
  });

  it('keeps JSON types of single columns, and converts where the mapping says so', () => {
    const mapping = {
      properties: {
        tags: '{o.tags}',
        age: { value: '{age}', as: 'number' },
        vip: { value: '{vip}', as: 'boolean' },
        zip: { value: '{zip}', as: 'text' },
      },
    };
    const values = { o: { tags: ['a', 'b'] }, age: '1’042', vip: 'No', zip: 8001 };
    expect(draftOf(mapping, values).properties).toEqual({ tags: ['a', 'b'], age: 1042, vip: false, zip: '8001' });
  });

  it('takes whole objects, and lines from a nested list', () => {
    const mapping = {
      traits: '{person}',
      value: { amount: '{total}', currency: '{currency}' },
      lines: { each: 'items', sku: '{sku}', quantity: '{n}', price: '{price}' },
    };
    const values = {
      person: { city: 'Bern' },
      total: 20.5,
      currency: 'CHF',
      items: [{ sku: 'a', n: 2, price: 10.25 }],
    };
    const draft = draftOf(mapping, values);
    expect(draft).toMatchObject({
      traits: { city: 'Bern' },
      value: { amount: '20.5', currency: 'CHF' },
      lines: [{ sku: 'a', quantity: 2, price: '10.25' }],
    });
    expect(refusalOf(mapping, { ...values, items: 'none' })).toMatchObject({ code: 'NOT_A_LIST', line: 2 });
    expect(refusalOf(mapping, { ...values, person: 'Jo' })).toMatchObject({ code: 'NOT_AN_OBJECT' });
  });

  it.each([
    ['31.03.2026 10:15', 'dd.MM.yyyy HH:mm', 'Europe/Zurich', '2026-03-31T08:15:00.000Z'],
    ['2026-01-31 10:15', 'yyyy-MM-dd HH:mm', 'Europe/Zurich', '2026-01-31T09:15:00.000Z'],
    ['2026-01-31', 'iso', 'America/New_York', '2026-01-31T05:00:00.000Z'],
    ['2026-01-31T10:00:00+05:30', 'iso', 'Europe/Zurich', '2026-01-31T04:30:00.000Z'],
    ['1767225600', 'unix', 'UTC', '2026-01-01T00:00:00.000Z'],
    ['1767225600123', 'unix-ms', 'UTC', '2026-01-01T00:00:00.123Z'],
    ['3/7/26 4:05 PM', 'M/d/yy h:mm a', 'UTC', '2026-03-07T16:05:00.000Z'],
  ])('happened at %s (%s, %s)', (at, format, zone, expected) => {
    expect(draftOf({ occurredAt: { value: '{at}', format, zone } }, { at }).occurredAt).toBe(expected);
  });

  it.each([
    [{}, { at: '31.02.2026' }, 'OCCURRED_AT_INVALID'],
    [{ occurredAt: { value: '{at}', format: 'dd.MM.yyyy' } }, { at: '31.02.2026' }, 'OCCURRED_AT_INVALID'],
    [{}, { at: '' }, 'VALUE_MISSING'],
    [{}, { id: '' }, 'VALUE_MISSING'],
    [{ value: { amount: '{a}', currency: 'EUR' } }, { a: '1,5' }, 'NUMBER_INVALID'],
    [{ properties: { a: { value: '{a}', as: 'boolean' } } }, { a: 'perhaps' }, 'BOOLEAN_INVALID'],
    [{ type: [{ type: 'a', when: { column: 'x', above: 5 } }] }, { x: '5' }, 'NO_TYPE'],
  ])('is refused with its line and a code: %#', (mapping, values, code) => {
    expect(refusalOf(mapping, values)).toMatchObject({ line: 2, rows: 1, code });
  });

  it('reads numbers with the decimal mark of the file', () => {
    const mapping = { decimal: ',', value: { amount: '{a}', currency: 'EUR' } };
    expect(draftOf(mapping, { a: '1.234,50' }).value).toEqual({ amount: '1234.5', currency: 'EUR' });
  });
});

describe('rows of one invoice', () => {
  const line = (at: number, values: Record<string, string>): Row => ({
    line: at,
    values: { Invoice: '1', Sku: 'a', Quantity: '1', Price: '1', Time: '2026-01-01 10:00', Customer: '7', ...values },
  });
  const map = compileDraftMapper(invoices);

  it('add up exactly and are rounded once, halves away from zero', () => {
    const result = map([
      line(2, { Quantity: '3.0', Price: '0.335' }),
      line(3, { Quantity: '1', Price: '0.01' }),
      line(4, { Price: '0' }),
    ]);
    expect(result).toMatchObject({ draft: { type: 'order.completed', value: { amount: '1.02', currency: 'GBP' } } });
  });

  it('become a return with positive value and quantities', () => {
    const result = map([line(2, { Invoice: 'C1', Quantity: '-2', Price: '1.5' })]);
    expect(result).toMatchObject({
      draft: { type: 'order.returned', value: { amount: '3' }, lines: [{ quantity: 2, price: '1.5' }] },
    });
  });

  it('write a negative price as a negative quantity: the same money', () => {
    const result = map([line(2, { Quantity: '2', Price: '-5' })]);
    expect(result).toMatchObject({ draft: { value: { amount: '-10' }, lines: [{ quantity: -2, price: '5' }] } });
  });

  it('have a type of their own when they come to nothing', () => {
    expect(map([line(2, { Price: '0' })])).toMatchObject({
      draft: { type: 'order.complimentary', value: { amount: '0' } },
    });
  });

  it('are left out as a whole for one bad line, which is the line reported', () => {
    const result = map([line(2, {}), line(3, { Price: 'free' }), line(4, {})]);
    expect(result).toEqual({
      refusal: {
        line: 3,
        rows: 3,
        code: 'NUMBER_INVALID',
        reason: 'lines.price: expected a decimal number, got "free".',
      },
    });
  });

  it('can’t name two people', () => {
    expect(map([line(2, {}), line(3, { Customer: '8' })])).toMatchObject({
      refusal: { line: 3, rows: 2, code: 'GROUP_OF_SEVERAL_PEOPLE' },
    });
  });
});
