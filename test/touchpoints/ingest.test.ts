import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fromPublicId } from '../../src/kernel/ids.ts';
import { IngestPayload } from '../../src/touchpoints/ingest.type.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { contextWith } from '../access/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type IngestFixture, openIngest, touchpoint } from '../support/ingest.ts';
import { emptyWorld, readWorld } from '../support/world.ts';

let database: TestDatabase;
let fixture: IngestFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  fixture = await openIngest(database.pool);
});
beforeEach(() => emptyWorld(database.pool));
afterAll(() => database.close());

function submit(...drafts: TouchpointDraft[]) {
  return fixture.ingest.submit(fixture.ctx, drafts);
}

async function statusesOf(...drafts: TouchpointDraft[]) {
  return (await submit(...drafts)).map((result) => result.status);
}

/** The customer of a record, found by the record's key. */
async function customerOf(key: string) {
  const [row] = await database.pool`
    select c.id, c.records, c.touchpoints::int, c.first_seen_at, c.last_seen_at, c.orders, c.first_order_at, c.last_order_at,
           c.revenue, c.traits, c.identified
    from customers c join records r on r.customer_id = c.id where r.key = ${key}`;
  return row;
}

const email = (value: string) => ({ kind: 'email', value });
const eur = (amount: string) => ({ amount, currency: 'EUR' });

describe('a message that comes again', () => {
  test('is a duplicate of the stored one, and changes nothing', async () => {
    const message = touchpoint({ key: 'k', type: 'order.completed', value: eur('5.00'), traits: { city: 'Bern' } });
    const [stored] = await submit(message);
    const world = await readWorld(database.pool);
    expect(await submit(message)).toEqual([{ ...stored, status: 'DUPLICATE' }]);
    expect(await submit({ ...message, sentAt: '2026-11-01T12:00:00Z' })).toEqual([{ ...stored, status: 'DUPLICATE' }]);
    expect(await readWorld(database.pool)).toEqual(world);
  });

  test('with another body is a conflict, says what it conflicts with, and changes nothing', async () => {
    const message = touchpoint({ key: 'k', traits: { city: 'Bern' } });
    const [stored] = await submit(message);
    const world = await readWorld(database.pool);
    expect(await submit({ ...message, traits: { city: 'Basel' } })).toEqual([
      {
        ...stored,
        status: 'CONFLICT',
        code: 'MESSAGE_ID_CONFLICT',
        message:
          'This message id was used before with another body. The stored touchpoint was kept; nothing was changed.',
      },
    ]);
    expect(await readWorld(database.pool)).toEqual(world);
  });

  test('within one call is judged against the first of it', async () => {
    const message = touchpoint({ key: 'k' });
    expect(await statusesOf(message, message, { ...message, type: 'other' }, message)).toEqual([
      'STORED',
      'DUPLICATE',
      'CONFLICT',
      'DUPLICATE',
    ]);
    const [row] = await database.pool`select type from touchpoints`;
    expect(row!.type).toBe('page.viewed');
  });

  test('within one batch of several callers is judged against the stored one, or else the first', async () => {
    const [old, fresh] = [touchpoint({ key: 'k' }), touchpoint({ key: 'k' })];
    await submit(old);
    const calls = [[{ ...old, type: 'other' }, fresh], [old, { ...fresh, type: 'other' }], [fresh]];
    const results = await Promise.all(calls.map((call) => statusesOf(...call)));
    expect(results).toEqual([['CONFLICT', 'STORED'], ['DUPLICATE', 'CONFLICT'], ['DUPLICATE']]);
    const [row] = await database.pool`select count(distinct tx::text)::int as transactions from changes`;
    expect(row!.transactions, 'the three calls were one batch').toBe(2);
  });

  test('from another source is another message', async () => {
    expect(await statusesOf(touchpoint({ messageId: 'm' }), touchpoint({ messageId: 'm', source: 'pos' }))).toEqual([
      'STORED',
      'STORED',
    ]);
  });
});

describe('one call', () => {
  test('answers every event for itself, in order, and counts', async () => {
    const [known, changed] = [touchpoint({ key: 'k' }), touchpoint({ key: 'k' })];
    await submit(known, changed);
    const results = await submit(
      touchpoint({ key: 'new' }),
      known,
      touchpoint({ occurredAt: 'never' }),
      { ...changed, type: 'other' },
      touchpoint({ key: 'new' }),
      touchpoint({ source: '' }),
    );
    expect(results.map(({ status, code }) => [status, code])).toEqual([
      ['STORED', null],
      ['DUPLICATE', null],
      ['REJECTED', 'OCCURRED_AT_INVALID'],
      ['CONFLICT', 'MESSAGE_ID_CONFLICT'],
      ['STORED', null],
      ['REJECTED', 'SOURCE_INVALID'],
    ]);
    expect(new IngestPayload(results)).toMatchObject({
      stored: 2,
      duplicates: 1,
      conflicts: 1,
      rejected: 2,
      quarantined: 0,
    });
  });

  test('leaves no trace of what was rejected', async () => {
    const world = await readWorld(database.pool);
    const bad = {
      type: 'order.completed',
      value: eur('-1'),
      identifiers: [email('trace@example.com')],
      key: 'trace',
      traits: { a: 1 },
    };
    expect(await statusesOf(touchpoint(bad))).toEqual(['REJECTED']);
    expect(await readWorld(database.pool)).toEqual(world);
    const left =
      await database.pool`select from receipts union all select from changes union all select from quarantine`;
    expect(left).toHaveLength(0);
  });

  test('takes a message that was rejected once it has been mended', async () => {
    const bad = touchpoint({ messageId: 'mended', key: 'k', occurredAt: 'never' });
    expect(await statusesOf(bad)).toEqual(['REJECTED']);
    expect(await statusesOf({ ...bad, occurredAt: '2026-10-01T10:00:00Z' })).toEqual(['STORED']);
  });

  test('may be empty, and may have 1,000 events but not one more', async () => {
    expect(await submit()).toEqual([]);
    expect(await statusesOf(...Array.from({ length: 1000 }, () => touchpoint({ key: 'many' })))).toEqual(
      Array(1000).fill('STORED'),
    );
    await expect(submit(...Array.from({ length: 1001 }, () => touchpoint()))).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: 'At most 1000 events a call, got 1001.',
    });
    expect((await customerOf('many'))!.touchpoints).toBe(1000);
  });

  test('needs the scope ingest', async () => {
    const reader = contextWith(fixture.ctx, 'customers:read', 'pii:read');
    await expect(fixture.ingest.submit(reader, [touchpoint()])).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await database.pool`select from receipts`).toHaveLength(0);
  });

  test('stores an event whose identifier is useless, with a warning, and keeps what was given', async () => {
    const [result] = await submit(
      touchpoint({ key: 'w', identifiers: [{ kind: 'email', value: 'not@an@address' }, email('ok@example.com')] }),
    );
    expect(result).toMatchObject({ status: 'STORED', warnings: [{ code: 'IDENTIFIER_INVALID' }] });
    const [row] = await database.pool`select context from touchpoints`;
    expect(row!.context).toEqual({
      ignoredIdentifiers: [{ kind: 'email', value: 'not@an@address', code: 'IDENTIFIER_INVALID' }],
    });
    expect(await database.pool`select from claims`).toHaveLength(1);
  });

  test('keeps every part of a touchpoint as it was given', async () => {
    const given = touchpoint({
      key: 'whole',
      source: 'crm',
      type: 'order.completed',
      channel: 'PHONE',
      direction: 'OUTBOUND',
      campaign: 'spring "26"',
      occurredAt: '2026-10-01T10:00:00.123+02:00',
      value: eur('12.5'),
      traits: { name: 'Zoë {NULL}, "\\n"', tags: ['a', null] },
      properties: { nested: { deep: [1, 2.5, true, null] }, text: "'; drop table records; --" },
      lines: [{ sku: 'A', name: 'Käse, "rezent"', category: null, quantity: 0.25, price: '19.90' }],
      context: { ip: '::1' },
    });
    const [result] = await submit(given);
    const [row] = await database.pool`select * from touchpoints`;
    expect(row).toMatchObject({
      id: fromPublicId('tp', result!.touchpointId!),
      source: 'crm',
      message_id: given.messageId,
      type: 'order.completed',
      channel: 'PHONE',
      direction: 'OUTBOUND',
      campaign: 'spring "26"',
      occurred_at: new Date('2026-10-01T08:00:00.123Z'),
      value_minor: 1250n,
      currency: 'EUR',
      traits: given.traits,
      properties: given.properties,
      lines: given.lines,
      context: { ip: '::1' },
    });
  });
});

describe('a receipt of nobody', () => {
  test('is stored without a customer, and a record of its own', async () => {
    const results = await submit(
      ...['r1', 'r2'].map((messageId) =>
        touchpoint({ source: 'pos', messageId, type: 'order.completed', value: eur('3.00') }),
      ),
    );
    expect(results.map(({ status, customerId }) => [status, customerId])).toEqual([
      ['STORED', null],
      ['STORED', null],
    ]);
    const rows = await database.pool`select key, customer_id from records order by key`;
    expect([...rows]).toEqual([
      { key: 'receipt:r1', customer_id: null },
      { key: 'receipt:r2', customer_id: null },
    ]);
    expect(await database.pool`select from customers`).toHaveLength(0);
  });

  test('belongs to the customer who claims it later, with its money and its time', async () => {
    await submit(
      touchpoint({
        source: 'pos',
        messageId: 'till-7',
        type: 'order.completed',
        value: eur('30.00'),
        occurredAt: '2026-09-01T10:00:00Z',
      }),
    );
    await submit(
      touchpoint({
        source: 'crm',
        key: 'jo',
        identifiers: [email('jo@example.com')],
        occurredAt: '2026-09-15T10:00:00Z',
      }),
    );
    const [claim] = await submit(
      touchpoint({ source: 'pos', key: 'receipt:till-7', type: 'identify', identifiers: [email('jo@example.com')] }),
    );
    const customer = await customerOf('jo');
    expect(claim!.customerId && fromPublicId('cus', claim!.customerId)).toBe(customer!.id);
    expect(customer).toMatchObject({
      records: 2,
      touchpoints: 3,
      orders: 1,
      first_seen_at: new Date('2026-09-01T10:00:00Z'),
      first_order_at: new Date('2026-09-01T10:00:00Z'),
      revenue: { EUR: { orders: 1, returns: 0, gross: 3000, returned: 0 } },
    });
    const [again] = await submit(
      touchpoint({
        source: 'pos',
        messageId: 'till-7',
        type: 'order.completed',
        value: eur('30.00'),
        occurredAt: '2026-09-01T10:00:00Z',
      }),
    );
    expect(again).toMatchObject({ status: 'DUPLICATE', customerId: claim!.customerId });
  });

  test('claimed by a key alone becomes a customer of its own', async () => {
    await submit(touchpoint({ source: 'pos', messageId: 'till-8' }));
    const [claim] = await submit(touchpoint({ source: 'pos', key: 'receipt:till-8' }));
    expect(await customerOf('receipt:till-8')).toMatchObject({
      id: fromPublicId('cus', claim!.customerId!),
      records: 1,
      touchpoints: 2,
    });
  });
});

describe('a customer', () => {
  test('keeps answering to every id that was ever given for it', async () => {
    const [a, b] = await submit(
      touchpoint({ key: 'a', identifiers: [email('a@example.com')] }),
      touchpoint({ key: 'b', identifiers: [email('b@example.com')] }),
    );
    expect(a!.customerId).not.toBe(b!.customerId);
    const [both] = await submit(
      touchpoint({ key: 'c', identifiers: [email('a@example.com'), email('b@example.com')] }),
    );
    const given = [a, b, both].map((result) => fromPublicId('cus', result!.customerId!));
    const rows = await database.pool`select distinct customer_id as id from records where id = any(${given})`;
    expect([...rows]).toEqual([{ id: (await customerOf('a'))!.id }]);
    expect(await database.pool`select from customers`).toHaveLength(1);
  });

  test('is named for another record when a late event shows that it came first', async () => {
    const shared = { identifiers: [email('late@example.com')] };
    await submit(
      touchpoint({ key: 'first', occurredAt: '2026-10-02T00:00:00Z', ...shared }),
      touchpoint({ key: 'second', occurredAt: '2026-10-03T00:00:00Z', ...shared }),
    );
    const before = await customerOf('first');
    await submit(touchpoint({ key: 'second', occurredAt: '2026-10-01T00:00:00Z' }));
    const after = await customerOf('first');
    const [founder] = await database.pool`select id from records where key = 'second'`;
    expect(after).toMatchObject({ id: founder!.id, first_seen_at: new Date('2026-10-01T00:00:00Z'), touchpoints: 3 });
    expect(after!.id).not.toBe(before!.id);
    const [resolved] = await database.pool`select customer_id as id from records where id = ${before!.id}`;
    expect(resolved!.id).toBe(after!.id);
  });

  test('sums orders with returns beside them, for each currency', async () => {
    await submit(
      touchpoint({ key: 'm', type: 'order.completed', value: eur('100.00'), occurredAt: '2026-10-01T00:00:00Z' }),
      touchpoint({ key: 'm', type: 'order.completed', value: eur('0.05'), occurredAt: '2026-10-03T00:00:00Z' }),
      touchpoint({ key: 'm', type: 'order.returned', value: eur('40.00'), occurredAt: '2026-10-04T00:00:00Z' }),
      touchpoint({
        key: 'm',
        type: 'order.completed',
        value: { amount: '1500', currency: 'JPY' },
        occurredAt: '2026-10-02T00:00:00Z',
      }),
      touchpoint({ key: 'm', type: 'cart.updated', value: eur('999.00') }),
    );
    expect(await customerOf('m')).toMatchObject({
      orders: 3,
      first_order_at: new Date('2026-10-01T00:00:00Z'),
      last_order_at: new Date('2026-10-03T00:00:00Z'),
      revenue: {
        EUR: { orders: 2, returns: 1, gross: 10_005, returned: 4000 },
        JPY: { orders: 1, returns: 0, gross: 1500, returned: 0 },
      },
    });
  });

  test('has of each trait the latest by the time of the event, over all its records', async () => {
    const shared = { identifiers: [email('traits@example.com')] };
    await submit(
      touchpoint({
        key: 't1',
        occurredAt: '2026-10-05T00:00:00Z',
        traits: { city: 'Bern', name: 'Jo', vip: true },
        ...shared,
      }),
      touchpoint({ key: 't2', occurredAt: '2026-10-04T00:00:00Z', traits: { city: 'Basel', phone: '1' }, ...shared }),
    );
    await submit(touchpoint({ key: 't2', occurredAt: '2026-10-06T00:00:00Z', traits: { name: null } }));
    await submit(
      touchpoint({
        key: 't1',
        occurredAt: '2026-10-01T00:00:00Z',
        traits: { city: 'Chur', vip: false, since: '2026' },
      }),
    );
    expect((await customerOf('t1'))!.traits).toEqual({
      city: 'Bern',
      name: null,
      vip: true,
      phone: '1',
      since: '2026',
    });
  });

  test('has of two traits of one instant that of the higher touchpoint id, in whatever order they came', async () => {
    const pair = (key: string, other: string) =>
      ['a', 'b'].map((city, index) =>
        touchpoint({
          messageId: `tie-${index}`,
          key: index ? other : key,
          identifiers: [email('tie@example.com')],
          traits: { city },
        }),
      );
    const drafts = pair('tie-x', 'tie-y');
    const results = await submit(...drafts);
    const winner =
      fromPublicId('tp', results[0]!.touchpointId!) > fromPublicId('tp', results[1]!.touchpointId!) ? 'a' : 'b';
    expect((await customerOf('tie-x'))!.traits).toEqual({ city: winner });
    await emptyWorld(database.pool);
    for (const draft of drafts.toReversed()) await submit(draft);
    expect((await customerOf('tie-x'))!.traits).toEqual({ city: winner });
  });

  test('is identified once an identifier names a person', async () => {
    await submit(touchpoint({ key: 'i', identifiers: [{ kind: 'anonymousId', value: 'b-1' }] }));
    expect((await customerOf('i'))!.identified).toBe(false);
    await submit(touchpoint({ key: 'i', identifiers: [email('i@example.com')] }));
    expect((await customerOf('i'))!.identified).toBe(true);
  });
});
