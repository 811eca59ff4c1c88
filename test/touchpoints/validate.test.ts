import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/kernel/json.ts';
import type { LineDraft, TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { accept, judge, receivedAt } from '../support/accepted.ts';

const eur = (amount: string | number) => ({ amount, currency: 'EUR' });
const line = (part: Partial<LineDraft> = {}): LineDraft => ({ sku: 'A1', quantity: 1, price: '1.00', ...part });
const traits = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, index]));
const identifiers = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ kind: 'email', value: `p${index}@example.com` }));
const after = (milliseconds: number) => new Date(receivedAt.getTime() + milliseconds).toISOString();
const day = 86_400_000;

/** Properties that bring an event of `bytes` bytes about; the canonical text around them is measured first. */
function sized(bytes: number, unit = 'x'): Partial<TouchpointDraft> {
  const draft = {
    messageId: 'm',
    source: 'web',
    type: 't',
    occurredAt: '2026-10-01T10:00:00Z',
    properties: { filler: '' },
  };
  const room = bytes - Buffer.byteLength(JSON.stringify(draft));
  const size = Buffer.byteLength(unit);
  return { ...draft, properties: { filler: unit.repeat(Math.floor(room / size)) + 'x'.repeat(room % size) } };
}

function nested(levels: number): JsonObject {
  let value: JsonObject = {};
  for (let level = 1; level < levels; level += 1) value = { in: value };
  return value;
}

const loose = (draft: object) => draft as Partial<TouchpointDraft>;

describe('an event is rejected', () => {
  test.each<[code: string, what: string, draft: Partial<TouchpointDraft>]>([
    ['MESSAGE_ID_INVALID', 'no message id', { messageId: '' }],
    ['MESSAGE_ID_INVALID', 'a blank message id', { messageId: ' \u00a0' }],
    ['MESSAGE_ID_INVALID', '257 characters', { messageId: 'x'.repeat(257) }],
    ['MESSAGE_ID_INVALID', 'a control character', { messageId: 'a\nb' }],
    ['MESSAGE_ID_INVALID', 'a number', loose({ messageId: 7 })],
    ['SOURCE_INVALID', 'no source', { source: '' }],
    ['SOURCE_INVALID', '65 characters', { source: 'x'.repeat(65) }],
    ['TYPE_INVALID', 'no type', { type: '' }],
    ['TYPE_INVALID', '129 characters', { type: 'x'.repeat(129) }],
    ['KEY_INVALID', 'an empty key', { key: '' }],
    ['KEY_INVALID', '513 characters', { key: 'x'.repeat(513) }],
    ['KEY_INVALID', 'a NUL', { key: 'a\u0000' }],
    ['CAMPAIGN_INVALID', '257 characters', { campaign: 'x'.repeat(257) }],
    ['TRAIT_NAME_INVALID', 'a trait without a name', { traits: { '': 1 } }],
    ['TRAIT_NAME_INVALID', 'a trait name of 129 characters', { traits: { ['x'.repeat(129)]: 1 } }],
    ['TOO_MANY_TRAITS', '201 traits', { traits: traits(201) }],
    ['TOO_MANY_IDENTIFIERS', '21 identifiers', { identifiers: identifiers(21) }],
    ['IDENTIFIER_KIND_INVALID', 'a kind that is no name', { identifiers: [{ kind: 'e-mail', value: 'x' }] }],
    ['IDENTIFIER_KIND_INVALID', 'a kind of 65 characters', { identifiers: [{ kind: 'k'.repeat(65), value: 'x' }] }],
    ['IDENTIFIER_KIND_INVALID', 'a kind that is no text', loose({ identifiers: [{ kind: null, value: 'x' }] })],
    ['IDENTIFIER_VALUE_INVALID', 'a value that is no text', loose({ identifiers: [{ kind: 'userId', value: 7 }] })],
    ['OCCURRED_AT_INVALID', 'a time without an offset', { occurredAt: '2026-10-01T10:00:00' }],
    ['OCCURRED_AT_INVALID', 'a day', { occurredAt: '2026-10-01' }],
    ['OCCURRED_AT_INVALID', 'a day that is none', { occurredAt: '2026-02-29T10:00:00Z' }],
    ['OCCURRED_AT_INVALID', 'a month that is none', { occurredAt: '2026-13-01T10:00:00Z' }],
    ['OCCURRED_AT_INVALID', 'an hour that is none', { occurredAt: '2026-10-01T25:00:00Z' }],
    ['OCCURRED_AT_INVALID', 'a time in words', { occurredAt: 'yesterday' }],
    ['OCCURRED_AT_INVALID', 'a number', loose({ occurredAt: 1_790_000_000_000 })],
    ['OCCURRED_AT_IN_FUTURE', 'more than 24 hours ahead', { occurredAt: after(day + 1) }],
    ['OCCURRED_AT_TOO_OLD', 'the end of 1989', { occurredAt: '1989-12-31T23:59:59.999Z' }],
    ['SENT_AT_INVALID', 'a time of sending that is none', { sentAt: 'now' }],
    ['VALUE_REQUIRED', 'an order without a value', { type: 'order.completed' }],
    ['VALUE_REQUIRED', 'a return without a value', { type: 'order.returned' }],
    ['VALUE_REQUIRED', 'lines without a value', { lines: [line()] }],
    ['VALUE_NEGATIVE', 'a negative order', { type: 'order.completed', value: eur('-0.01') }],
    ['VALUE_NEGATIVE', 'a negative return', { type: 'order.returned', value: eur(-1) }],
    ['CURRENCY_UNKNOWN', 'a currency that is none', { value: { amount: '1', currency: 'EURO' } }],
    ['CURRENCY_UNKNOWN', 'a currency in small letters', { value: { amount: '1', currency: 'eur' } }],
    ['VALUE_INVALID', 'a third decimal place in euro', { value: eur('1.005') }],
    ['VALUE_INVALID', 'a decimal place in yen', { value: { amount: '1.5', currency: 'JPY' } }],
    ['VALUE_INVALID', 'more than a trillion cents', { value: eur('10000000000.01') }],
    ['VALUE_INVALID', 'less than minus a trillion cents', { value: eur('-10000000000.01') }],
    ['VALUE_INVALID', 'a decimal comma', { value: eur('1,50') }],
    ['VALUE_INVALID', 'a sum that floating point spoilt', { value: eur(0.1 + 0.2) }],
    ['VALUE_INVALID', 'no number', { value: eur(Number.NaN) }],
    ['LINE_INVALID', 'a line without a sku', { value: eur('1'), lines: [line(), line({ sku: '' })] }],
    ['LINE_INVALID', 'a name of 513 characters', { value: eur('1'), lines: [line({ name: 'x'.repeat(513) })] }],
    ['LINE_INVALID', 'an empty category', { value: eur('1'), lines: [line({ category: '' })] }],
    ['LINE_INVALID', 'no quantity', { value: eur('1'), lines: [line({ quantity: Number.NaN })] }],
    ['LINE_INVALID', 'more than a billion pieces', { value: eur('1'), lines: [line({ quantity: 1e9 + 1 })] }],
    ['LINE_INVALID', 'a negative price', { value: eur('1'), lines: [line({ price: '-1' })] }],
    ['LINE_INVALID', 'a price of 9 decimal places', { value: eur('1'), lines: [line({ price: '0.123456789' })] }],
    ['TOO_MANY_LINES', '2,001 lines', { value: eur('1'), lines: Array.from({ length: 2001 }, () => line()) }],
    ['EVENT_TOO_LARGE', 'one byte more than 32 KB', sized(32 * 1024 + 1)],
    ['EVENT_TOO_LARGE', 'more than 32 KB in few characters', sized(32 * 1024 + 1, '語')],
    ['EVENT_TOO_LARGE', '65 levels of nesting', { properties: nested(64) }],
    [
      'EVENT_TOO_LARGE',
      'nesting that would exhaust the stack',
      { properties: { deep: JSON.parse('['.repeat(1e5) + ']'.repeat(1e5)) } },
    ],
    ['TEXT_INVALID', 'a NUL in a property', { properties: { a: ['b\u0000'] } }],
    ['TEXT_INVALID', 'a NUL in the name of a property', { context: { 'a\u0000': 1 } }],
    ['TEXT_INVALID', 'half a character', { traits: { name: 'J\ud83d' } }],
    ['TEXT_INVALID', 'the other half first', { traits: { name: '\udc4d\ud83d' } }],
    ['TEXT_INVALID', 'half a character in the message id', { messageId: 'a\ud83d' }],
    ['TEXT_INVALID', 'a NUL in a line', { value: eur('1'), lines: [line({ name: 'a\u0000' })] }],
  ])('%s: %s', (code, _, draft) => {
    expect(judge(draft)).toMatchObject({ ok: false, code });
  });

  test('with a message that stays one short line, whatever came', () => {
    const verdict = judge({ occurredAt: `\n${'x'.repeat(10_000)}` });
    expect(verdict).toMatchObject({ message: expect.stringMatching(/^occurredAt must be an RFC 3339 .{0,200}$/) });
  });
});

describe('an event is accepted', () => {
  test.each<[what: string, draft: Partial<TouchpointDraft>]>([
    [
      'the longest texts',
      {
        messageId: 'x'.repeat(256),
        source: 'x'.repeat(64),
        type: 'x'.repeat(128),
        key: 'x'.repeat(512),
        campaign: 'x'.repeat(256),
      },
    ],
    ['200 traits', { traits: traits(200) }],
    ['20 identifiers', { identifiers: identifiers(20) }],
    ['2,000 lines', { value: eur('1'), lines: Array.from({ length: 2000 }, () => line()) }],
    ['exactly 32 KB', sized(32 * 1024)],
    ['exactly 32 KB in few characters', sized(32 * 1024, '語')],
    [
      'lines of any size beside a large event',
      { ...sized(20_000), value: eur('1'), lines: Array.from({ length: 100 }, () => line({ name: 'ü'.repeat(500) })) },
    ],
    ['64 levels of nesting', { properties: nested(63) }],
    ['exactly 24 hours ahead', { occurredAt: after(day) }],
    ['the first instant of 1990', { occurredAt: '1990-01-01T00:00:00Z' }],
    ['a trillion cents', { value: eur('10000000000.00') }],
    ['a free order', { type: 'order.completed', value: eur('0') }],
    ['a negative value of what is no order', { type: 'account.adjusted', value: eur('-5') }],
    ['a price of 8 decimal places', { value: eur('1'), lines: [line({ price: '0.12345678' })] }],
    ['the text \\u0000 that is no NUL', { properties: { path: 'C:\\u0000\\ud83d' } }],
    ['whole characters beyond the first plane', { traits: { name: '👩‍👩‍👧 𠮷' } }],
    [
      'traits named like parts of an object',
      { traits: JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3}') },
    ],
  ])('with %s', (_, draft) => {
    expect(judge(draft)).toMatchObject({ ok: true });
  });

  test('with what is usual where it says nothing', () => {
    expect(accept({ source: 'pos', type: 'page.viewed', traits: {}, properties: null, lines: [] })).toMatchObject({
      channel: 'POS',
      direction: 'INBOUND',
      valueMinor: null,
      currency: null,
      campaign: null,
      traits: null,
      properties: null,
      lines: null,
      context: null,
      warnings: [],
      receivedAt,
    });
    expect(accept({ source: 'erp' }).channel).toBe('OTHER');
    expect(accept({ source: 'pos', channel: 'PHONE' }).channel).toBe('PHONE');
    expect(accept({ type: 'email.sent' }).direction).toBe('OUTBOUND');
    expect(accept({ type: 'email.sent', direction: 'INBOUND' }).direction).toBe('INBOUND');
  });

  test('with its amount in minor units and its lines as decimals', () => {
    expect(accept({ value: eur(12.5), lines: [line({ price: 2.55, quantity: -0.5 })] })).toMatchObject({
      valueMinor: 1250n,
      currency: 'EUR',
      lines: [{ sku: 'A1', name: null, category: null, quantity: -0.5, price: '2.55' }],
    });
  });
});

describe('the time of an event', () => {
  test.each([
    ['2026-03-01T09:30:00Z', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01t09:30:00z', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01 09:30:00.1Z', '2026-03-01T09:30:00.100Z'],
    ['2026-03-01T09:30:00.123456789+01:00', '2026-03-01T08:30:00.123Z'],
    ['2026-03-29T02:30:00-11:30', '2026-03-29T14:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('%s is %s', (given, instant) => {
    expect(accept({ occurredAt: given }).occurredAt.toISOString()).toBe(instant);
  });

  test.each([
    ['a clock ten seconds slow is taken as it is', -10_000, 0],
    ['a clock a hair slower is put right', -10_001, 10_001],
    ['a clock ten seconds fast is taken as it is', 10_000, 0],
    ['a clock a hair faster is put right', 10_001, -10_001],
    ['a clock three years slow is put right', -3 * 365 * day, 3 * 365 * day],
  ])('%s', (_, clock, correction) => {
    const occurred = receivedAt.getTime() - 60_000;
    const told = accept({ occurredAt: new Date(occurred + clock).toISOString(), sentAt: after(clock) });
    expect(told.occurredAt.getTime()).toBe(occurred + clock + correction);
  });

  test('is judged after its clock was put right', () => {
    expect(judge({ occurredAt: after(30 * day), sentAt: after(30 * day) })).toMatchObject({ ok: true });
    expect(judge({ occurredAt: after(2 * day), sentAt: after(-day) })).toMatchObject({ code: 'OCCURRED_AT_IN_FUTURE' });
  });
});

describe('two messages are the same', () => {
  const body = {
    messageId: 'm',
    source: 'web',
    type: 't',
    occurredAt: '2026-10-01T10:00:00Z',
    properties: { a: 1, b: [1, null] },
  };
  const fingerprint = (change: Partial<TouchpointDraft>) => accept({ ...body, ...change }).fingerprint;

  test.each<[string, Partial<TouchpointDraft>]>([
    ['sent at another time', { sentAt: after(0) }],
    ['with null for what was absent', { key: null, traits: null, value: null, campaign: null }],
    ['with their members in another order', { properties: { b: [1, null], a: 1 } }],
  ])('%s', (_, change) => {
    expect(fingerprint(change)).toBe(fingerprint({}));
  });

  test.each<[string, Partial<TouchpointDraft>]>([
    ['another property', { properties: { a: 2, b: [1, null] } }],
    ['a number that was text', { properties: { a: '1', b: [1, null] } }],
    ['null inside of a property', { properties: { a: 1, b: [1, null], c: null } }],
    ['another time', { occurredAt: '2026-10-01T10:00:01Z' }],
    ['a key', { key: 'k' }],
    ['another type', { type: 'u' }],
  ])('but not with %s', (_, change) => {
    expect(fingerprint(change)).not.toBe(fingerprint({}));
  });

  test('in every version: a database keeps fingerprints for ever', () => {
    const draft: TouchpointDraft = {
      ...{ type: 'order.completed', source: 'web', messageId: 'm "1"', occurredAt: '2026-10-01T10:00:00Z', key: null },
      identifiers: [
        { value: 'Jo@Example.com', kind: 'email' },
        { kind: 'anonymousId', value: 'a\\u1' },
      ],
      traits: { name: 'Zoë', address: { street: 'Weg 1', city: null, 10: 'b', 9: 'a' }, more: [3, { b: [], a: {} }] },
      ...{ properties: { a: 1, b: true, c: 'x' }, campaign: 'c', context: {}, channel: 'WEB', direction: 'INBOUND' },
      ...{ value: { currency: 'EUR', amount: '12.50' }, lines: [{ sku: '1', quantity: 2, price: 6.25, name: null }] },
    };
    const { fingerprint, id, recordId } = accept(draft);
    expect({ fingerprint, id, recordId }).toEqual({
      fingerprint: '877ac781-143e-8aec-86ef-4c78b485b8cd',
      id: '86c0b032-74d3-8203-b9fc-138c6e60cf5e',
      recordId: '2feaa71b-1f81-8931-b9e4-4900c855cffc',
    });
  });

  test('by source and message id alone they have one id', () => {
    expect(accept({ ...body, type: 'u', key: 'k' }).id).toBe(accept(body).id);
    expect(accept({ ...body, source: 'app' }).id).not.toBe(accept(body).id);
    expect(accept({ ...body, messageId: 'n' }).id).not.toBe(accept(body).id);
  });
});

describe('the record of an event', () => {
  const email = { kind: 'email', value: 'Jo@Example.com' };
  const browser = { kind: 'anonymousId', value: 'b-1' };
  const user = { kind: 'userId', value: '42' };

  test.each<[string, Partial<TouchpointDraft>, string]>([
    ['its key', { key: 'c-7', identifiers: [user] }, 'c-7'],
    ['its strongest identifier', { identifiers: [browser, email, user] }, 'userId:42'],
    ['its match key', { identifiers: [browser, email] }, 'email:jo@example.com'],
    [
      'the first by name of equally strong ones',
      {
        identifiers: [
          { kind: 'email', value: 'b@x.ch' },
          { kind: 'email', value: 'a@x.ch' },
        ],
      },
      'email:a@x.ch',
    ],
    ['its message, where nothing else is known', { messageId: 'm-9' }, 'receipt:m-9'],
    [
      'its message, where its identifiers are useless',
      { messageId: 'm-9', identifiers: [{ kind: 'userId', value: 'null' }] },
      'receipt:m-9',
    ],
    [
      'its strongest identifier, where its key is useless',
      { key: 'undefined', identifiers: [browser] },
      'anonymousId:b-1',
    ],
  ])('is named by %s', (_, draft, key) => {
    expect(accept(draft).key).toBe(key);
  });

  test('is nobody’s without a key and a usable identifier', () => {
    expect(
      [{}, { key: 'null' }, { key: 'c-7' }, { identifiers: [browser] }].map((draft) => accept(draft).unidentified),
    ).toEqual([true, true, false, false]);
  });

  test('is another one in every source', () => {
    expect(accept({ source: 'web', key: 'k' }).recordId).not.toBe(accept({ source: 'pos', key: 'k' }).recordId);
  });
});

describe('an identifier that is of no use', () => {
  test('is left out, reported, and kept with the touchpoint', () => {
    const told = accept({
      identifiers: [
        { kind: 'email', value: 'jo@' },
        { kind: 'userId', value: 'NULL' },
        { kind: 'userId', value: '7' },
      ],
      context: { ip: '::1' },
    });
    expect(told.identifiers.map(({ value }) => value)).toEqual(['7']);
    expect(told.warnings).toEqual([
      {
        code: 'IDENTIFIER_INVALID',
        message: 'The email was left out: expected an e-mail address such as jo@example.com.',
      },
      { code: 'IDENTIFIER_BLOCKED', message: 'The userId was left out: its value identifies nobody.' },
    ]);
    expect(told.context).toEqual({
      ip: '::1',
      ignoredIdentifiers: [
        { kind: 'email', value: 'jo@', code: 'IDENTIFIER_INVALID' },
        { kind: 'userId', value: 'NULL', code: 'IDENTIFIER_BLOCKED' },
      ],
    });
  });

  test.each([
    ['loyaltyCard', '-1'],
    ['loyaltyCard', '[object Object]'],
    ['loyaltyCard', '0000 0000'],
    ['deviceId', '00000000-0000-0000-0000-000000000000'],
    ['anonymousId', ' Null '],
    ['email', 'no-reply@example.com'],
    ['customerNo', '０'],
  ])('is found however its kind is written: %s %j', (kind, value) => {
    expect(accept({ identifiers: [{ kind, value }] })).toMatchObject({
      identifiers: [],
      warnings: [{ code: 'IDENTIFIER_BLOCKED' }],
    });
  });

  test('can be the key, which would make everybody one record', () => {
    expect(accept({ key: 'null', identifiers: [{ kind: 'userId', value: '7' }] })).toMatchObject({
      key: 'userId:7',
      warnings: [{ code: 'IDENTIFIER_BLOCKED', message: 'The key was left out: its value identifies nobody.' }],
      context: { ignoredIdentifiers: [{ kind: 'key', value: 'null', code: 'IDENTIFIER_BLOCKED' }] },
    });
  });
});

test('one identifier in two spellings is one', () => {
  const spellings = ['jo.doe@gmail.com', 'JoDoe+x@googlemail.com'].map((value) => ({ kind: 'email', value }));
  expect(accept({ identifiers: spellings }).identifiers).toHaveLength(1);
});
