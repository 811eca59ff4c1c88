import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openListeningPool } from '../access/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type IngestFixture, openIngest, touchpoint } from '../support/ingest.ts';
import { emptyWorld } from '../support/world.ts';

/** Mistakes that other identity systems shipped. */
let database: TestDatabase;
let fixture: IngestFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  fixture = await openIngest(database.pool);
});
beforeEach(() => emptyWorld(database.pool));
afterAll(() => database.close());

async function store(...drafts: TouchpointDraft[]) {
  for (let from = 0; from < drafts.length; from += 1000) {
    const results = await fixture.ingest.submit(fixture.ctx, drafts.slice(from, from + 1000));
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['STORED']));
  }
}

/** Customers, each as the keys of its records. */
async function people(): Promise<string[]> {
  const rows = await database.pool<{ keys: string }[]>`
    select string_agg(key, '+' order by key) as keys from records where customer_id is not null group by customer_id order by 1`;
  return rows.map((row) => row.keys);
}

async function customerOf(key: string) {
  const [row] = await database.pool`
    select c.id, c.records, c.touchpoints::int, c.traits, c.revenue, c.orders
    from customers c join records r on r.customer_id = c.id where r.key = ${key}`;
  return row!;
}

const email = (value: string) => ({ kind: 'email', value });
const userId = (value: string) => ({ kind: 'userId', value });
const browser = (value: string) => ({ kind: 'anonymousId', value });
const day = (number: number) => new Date(Date.UTC(2026, 8, number)).toISOString();

describe('a mega-person', () => {
  test.each(['null', 'undefined', '0', '[object Object]', 'anonymous', 'NaN'])(
    'does not come of the user id %j',
    async (value) => {
      await store(
        ...Array.from({ length: 20 }, (_, index) =>
          touchpoint({ identifiers: [userId(value), email(`p${index}@example.com`)] }),
        ),
      );
      expect(await people()).toHaveLength(20);
    },
  );

  test.each(['null', 'undefined', '0', '-'])('does not come of the key %j', async (key) => {
    await store(
      ...Array.from({ length: 20 }, (_, index) => touchpoint({ key, identifiers: [email(`p${index}@example.com`)] })),
      ...Array.from({ length: 20 }, (_, index) =>
        touchpoint({ source: 'crm', key: `c${index}`, identifiers: [email(`p${index}@example.com`)] }),
      ),
    );
    expect(await people()).toHaveLength(20);
  });

  test('does not come of a device that many log in on', async () => {
    const logins = Array.from({ length: 30 }, (_, index) =>
      touchpoint({ identifiers: [userId(`u${index}`), browser('kiosk')], occurredAt: day(1 + (index % 28)) }),
    );
    await store(...logins);
    expect(await people()).toHaveLength(30);
  });

  test('does not come of a till’s default card, and 2,000 records that carry it cost the next one nothing', async () => {
    const card = { kind: 'loyaltyCard', value: '2500000000001' };
    const sale = (number: number) =>
      touchpoint({
        source: 'pos',
        key: `sale-${number}`,
        identifiers: [card],
        type: 'order.completed',
        value: { amount: '5', currency: 'EUR' },
      });
    const listening = openListeningPool(database.url);
    const { ingest, ctx } = await openIngest(listening.pool);
    const costOf = async (number: number) => {
      listening.statements.length = 0;
      await ingest.submit(ctx, [sale(number)]);
      const [plan] = await database.pool`
        select count(*)::int as carriers from claims c join identifiers i on i.id = c.identifier_id where i.value = ${card.value}`;
      return { statements: listening.statements.length, carriers: plan!.carriers };
    };
    // The month's partition, and the types that a new connection looks up.
    await ingest.submit(ctx, [touchpoint()]);
    await store(...Array.from({ length: 60 }, (_, number) => sale(number)));
    const few = await costOf(100);
    await store(...Array.from({ length: 1940 }, (_, number) => sale(1000 + number)));
    const many = await costOf(101);
    expect([few.carriers, many.carriers]).toEqual([61, 2002]);
    expect(many.statements).toBe(few.statements);
    expect(
      listening.statements.filter((text) => /claims c join records|component_id in/.test(text)),
      'nobody’s neighbourhood is read',
    ).toEqual([]);
    expect(await people()).toHaveLength(2002);
    const [hot] = await database.pool`select records from identifiers where value = ${card.value}`;
    expect(hot!.records, 'counted no further than the limit').toBe(51);
    await listening.pool.end();
  });

  test('comes apart again when the shared value passes its limit', async () => {
    const card = { kind: 'loyaltyCard', value: '42' };
    const sales = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) =>
        touchpoint({ source: 'pos', key: `s${from + index}`, identifiers: [card] }),
      );
    await store(...sales(0, 50));
    expect(await people()).toHaveLength(1);
    await store(...sales(50, 1));
    expect(await people()).toHaveLength(51);
    const [sum] =
      await database.pool`select sum(touchpoints)::int as touchpoints, count(*)::int as customers from customers`;
    expect(sum).toEqual({ touchpoints: 51, customers: 51 });
  });
});

describe('browsing before the login and after it', () => {
  test('is one person, in either order of arrival', async () => {
    const visit = [
      touchpoint({ identifiers: [browser('b')], occurredAt: day(1), type: 'product.viewed' }),
      touchpoint({ identifiers: [browser('b'), userId('jo')], occurredAt: day(2), type: 'login' }),
      touchpoint({
        identifiers: [userId('jo')],
        occurredAt: day(3),
        type: 'order.completed',
        value: { amount: '1', currency: 'EUR' },
      }),
    ];
    for (const order of [visit, visit.toReversed()]) {
      await emptyWorld(database.pool);
      for (const event of order) await store(event);
      expect(await people()).toEqual(['anonymousId:b+userId:jo']);
      expect(await customerOf('userId:jo')).toMatchObject({ touchpoints: 3, records: 2, orders: 1 });
    }
  });

  test('stays with the first who logged in when another person takes the device over', async () => {
    await store(
      touchpoint({ identifiers: [browser('b')], occurredAt: day(1) }),
      touchpoint({ identifiers: [browser('b'), userId('ann')], occurredAt: day(2) }),
      touchpoint({ identifiers: [browser('b'), userId('bob')], occurredAt: day(3) }),
      touchpoint({ identifiers: [browser('b')], occurredAt: day(4) }),
    );
    expect(await people()).toEqual(['anonymousId:b+userId:ann', 'userId:bob']);
  });
});

test('a late event that shows who used a device first moves its history, though nobody is new', async () => {
  const used = (key: string, on: number, ...devices: string[]) =>
    touchpoint({ key, identifiers: [userId(key), ...devices.map(browser)], occurredAt: day(on) });
  await store(touchpoint({ key: 'device', identifiers: [browser('tablet')], occurredAt: day(1) }));
  await store(used('ann', 1), used('bob', 1), used('ann', 4, 'tablet'), used('bob', 5, 'tablet'));
  expect(await people()).toEqual(['ann+device', 'bob']);
  await store(used('bob', 3, 'tablet'));
  expect(await people()).toEqual(['ann', 'bob+device']);
});

describe('a merge', () => {
  const bridge = touchpoint.bind(null, {
    key: 'bridge',
    identifiers: [email('a@example.com'), email('b@example.com')],
    occurredAt: day(9),
  });

  async function twoPeople(a: Partial<TouchpointDraft> = {}, b: Partial<TouchpointDraft> = {}) {
    await store(
      touchpoint({ key: 'a', identifiers: [email('a@example.com')], occurredAt: day(2), ...a }),
      touchpoint({ key: 'b', identifiers: [email('b@example.com')], occurredAt: day(1), ...b }),
    );
    expect(await people()).toEqual(['a', 'b']);
  }

  test('takes each trait from whoever set it last, not from who absorbed whom', async () => {
    await twoPeople({ traits: { city: 'Bern', email: 'a' } }, { traits: { city: 'Basel', phone: 'b' } });
    await store(bridge());
    expect((await customerOf('a')).traits).toEqual({ city: 'Bern', email: 'a', phone: 'b' });
  });

  test('turns no text into a list and loses no value', async () => {
    const traits = { name: 'Jo', tags: ['x'], size: 0, active: false, note: '', address: { city: 'Bern' } };
    await twoPeople({ traits }, { traits });
    await store(bridge());
    expect((await customerOf('b')).traits).toEqual(traits);
  });

  test('adds counters up once, whatever is sent again', async () => {
    const order: Partial<TouchpointDraft> = { type: 'order.completed', value: { amount: '10.00', currency: 'EUR' } };
    await twoPeople({ ...order, messageId: 'order-a' }, order);
    const joining = bridge();
    await store(joining);
    for (const again of [
      joining,
      touchpoint({
        key: 'a',
        identifiers: [email('a@example.com')],
        occurredAt: day(2),
        ...order,
        messageId: 'order-a',
      }),
    ]) {
      expect(await fixture.ingest.submit(fixture.ctx, [again])).toMatchObject([{ status: 'DUPLICATE' }]);
    }
    expect(await customerOf('a')).toMatchObject({
      touchpoints: 3,
      records: 3,
      orders: 2,
      revenue: { EUR: { orders: 2, returns: 0, gross: 2000, returned: 0 } },
    });
  });

  test('moves the history without rewriting it: assignments of records alone', async () => {
    const history = (key: string) =>
      Array.from({ length: 600 }, () =>
        touchpoint({ key, traits: { a: 1 }, type: 'order.completed', value: { amount: '1', currency: 'EUR' } }),
      );
    await twoPeople();
    await store(...history('a'), ...history('b'));
    const before = await versions();
    await store(bridge());
    const after = await versions();
    expect((await customerOf('a')).touchpoints).toBe(1203);
    expect(after.touchpoints.filter((version) => !before.touchpoints.includes(version))).toHaveLength(1);
    expect(after.revenue).toEqual(before.revenue);
    expect(after.traits).toEqual(before.traits);
  });

  /** Where each row version lies and which transaction wrote it: a rewritten row has another. */
  async function versions() {
    const [row] = await database.pool<Record<'touchpoints' | 'revenue' | 'traits', string[]>[]>`
      select (select array_agg(tableoid::text || ctid::text || xmin::text || ' ' || xmax::text) from touchpoints) as touchpoints,
             (select array_agg(ctid::text || xmin::text) from record_revenue) as revenue,
             (select array_agg(ctid::text || xmin::text) from record_traits) as traits`;
    return row!;
  }
});
