import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openListeningPool } from '../access/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type IdentityFixture, openIdentity } from '../support/identity.ts';
import { openIngest, touchpoint } from '../support/ingest.ts';
import { emptyWorld, readWorld } from '../support/world.ts';

/** Mistakes that other identity systems shipped (but for lost updates between events and segment jobs). */
let database: TestDatabase;
let fixture: IdentityFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  fixture = await openIdentity(database.pool);
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

async function recordOf(key: string): Promise<string> {
  const [row] = await database.pool<{ id: string }[]>`select id from records where key = ${key}`;
  return row!.id;
}

const order: Partial<TouchpointDraft> = { type: 'order.completed', value: { amount: '10.00', currency: 'EUR' } };

test('a split leaves both people whole: traits, orders, touchpoints and ids as if they had never been one', async () => {
  await store(
    touchpoint({
      ...order,
      key: 'a',
      identifiers: [email('a@example.com')],
      occurredAt: day(1),
      traits: { name: 'A' },
    }),
    touchpoint({
      ...order,
      key: 'b',
      identifiers: [email('b@example.com')],
      occurredAt: day(2),
      traits: { name: 'B' },
    }),
  );
  const before = await readWorld(database.pool);
  const customerIds = [await recordOf('a'), await recordOf('b')];
  await fixture.decisions.mergeCustomers(fixture.ctx, { customerIds, reason: 'test' });
  expect(await customerOf('a')).toMatchObject({ orders: 2, touchpoints: 2, traits: { name: 'B' } });
  const split = { customerId: customerIds[0]!, recordIds: [customerIds[1]!], reason: 'test' };
  await fixture.decisions.unmergeCustomer(fixture.ctx, split);
  // Only that the decision of then, now refused, still ties them together is new.
  const { records, ...after } = await readWorld(database.pool);
  expect({ ...after, records: [] }).toEqual({ ...before, records: [] });
  expect(records).toMatchObject(before.records.map((record) => ({ ...record, component_id: expect.anything() })));
  expect((await customerOf('b')).traits).toEqual({ name: 'B' });
});

test('a split holds for the past and for what comes later', async () => {
  const shared = [email('shared@example.com')];
  await store(
    touchpoint({ key: 'a', identifiers: shared, occurredAt: day(1) }),
    touchpoint({ key: 'b', identifiers: shared, occurredAt: day(2) }),
  );
  const split = { customerId: await recordOf('a'), recordIds: [await recordOf('b')], reason: 'test' };
  await fixture.decisions.unmergeCustomer(fixture.ctx, split);
  await store(touchpoint({ key: 'b', identifiers: shared, occurredAt: day(3) }));
  expect(await people()).toEqual(['a', 'b']);
  expect(await customerOf('b')).toMatchObject({ touchpoints: 2 });
});

test('a refusal is seen by the caller whose event it met', async () => {
  await store(touchpoint({ key: 'ann', identifiers: [userId('ann'), browser('b')], occurredAt: day(1) }));
  const bob = touchpoint({ key: 'bob', identifiers: [userId('bob'), browser('b')], occurredAt: day(2) });
  const [result] = await fixture.ingest.submit(fixture.ctx, [bob]);
  expect(result).toMatchObject({ status: 'STORED', warnings: [{ code: 'LINK_REFUSED' }] });
});

const nodes = () => Promise.all([1, 2, 3, 4].map(() => openIngest(database.pool)));

test('a race of creators for one person drops no event and makes one customer', async () => {
  const events = (await nodes()).map(({ ingest, ctx }, index) =>
    ingest.submit(ctx, [touchpoint({ identifiers: [userId('new')], occurredAt: day(1 + index) })]),
  );
  expect((await Promise.all(events)).flat().map(({ status }) => status)).toEqual(Array(4).fill('STORED'));
  expect(await customerOf('userId:new')).toMatchObject({ records: 1, touchpoints: 4 });
});

test('a race of merges gives each trait the value that was set last', async () => {
  const keys = ['a', 'b', 'c', 'd'];
  await store(
    ...keys.map((key) => touchpoint({ key, identifiers: [email(`${key}@example.com`)], occurredAt: day(1) })),
  );
  const bridges = (await nodes()).map(({ ingest, ctx }, index) => {
    const pair = [keys[index]!, keys[(index + 1) % 4]!].map((key) => email(`${key}@example.com`));
    const said = { key: `bridge-${index}`, traits: { last: index }, occurredAt: day(5 + index) };
    return ingest.submit(ctx, [touchpoint({ ...said, identifiers: pair })]);
  });
  await Promise.all(bridges);
  expect(await customerOf('a')).toMatchObject({ records: 8, touchpoints: 8, traits: { last: 3 } });
});

test('one large merge holds up nobody: it costs as many statements as a small one', async () => {
  const listening = openListeningPool(database.url);
  const { ingest, ctx } = await openIngest(listening.pool);
  const group = (name: string, records: number) =>
    Array.from({ length: records }, (_, index) =>
      touchpoint({ key: `${name}-${index}`, identifiers: [userId(name)], occurredAt: day(1) }),
    );
  const costOf = async (a: string, b: string) => {
    const ids = await Promise.all([recordOf(`${a}-0`), recordOf(`${b}-0`)]);
    listening.statements.length = 0;
    await fixtureOn.decisions.mergeCustomers({ ...ctx, pool: listening.pool }, { customerIds: ids, reason: 'test' });
    return listening.statements.length;
  };
  const fixtureOn = await openIdentity(listening.pool);
  const sizes = { w1: 1, w2: 1, s1: 2, s2: 2, l1: 400, l2: 400 };
  await ingest.submit(
    ctx,
    Object.entries(sizes).flatMap(([name, size]) => group(name, size)),
  );
  await costOf('w1', 'w2');
  const small = await costOf('s1', 's2');
  expect(await costOf('l1', 'l2')).toBe(small);
  expect(await customerOf('l1-0')).toMatchObject({ records: 800, touchpoints: 800 });
  await listening.pool.end();
});

test('every rule works, not only the last', async () => {
  const card = { kind: 'loyaltyCard', value: '25001' };
  await store(
    touchpoint({ key: 'a', identifiers: [email('a@example.com'), userId('a')], occurredAt: day(1) }),
    touchpoint({ key: 'b', identifiers: [email('a@example.com'), card], occurredAt: day(2) }),
    touchpoint({ key: 'c', identifiers: [card, browser('b')], occurredAt: day(3) }),
    touchpoint({ key: 'd', identifiers: [browser('b')], occurredAt: day(4) }),
  );
  expect(await people()).toEqual(['a+b+c+d']);
});

test('a wrong identifier can be removed, and does not return on replay', async () => {
  const wrong = email('wrong@example.com');
  const events = [
    touchpoint({ key: 'a', identifiers: [wrong], occurredAt: day(1) }),
    touchpoint({ key: 'b', identifiers: [wrong], occurredAt: day(2) }),
  ];
  await store(...events);
  const removal = { customerId: await recordOf('a'), identifier: wrong, reason: 'test' };
  await fixture.decisions.removeIdentifier(fixture.ctx, removal);
  const replay = events.map((event) => ({ ...event, messageId: `${event.messageId}-again` }));
  const results = await fixture.ingest.submit(fixture.ctx, [...events, ...replay]);
  expect(results.map(({ status }) => status)).toEqual(['DUPLICATE', 'DUPLICATE', 'STORED', 'STORED']);
  expect(results.flatMap(({ warnings }) => warnings.map(({ code }) => code))).toEqual(
    Array(2).fill('IDENTIFIER_REMOVED'),
  );
  expect(await people()).toEqual(['a', 'b']);
});

test('ids of customers are the same in every run, whatever the order of arrival', async () => {
  const events = [
    touchpoint({ key: 'a', identifiers: [email('a@example.com')], occurredAt: day(1) }),
    touchpoint({ key: 'b', identifiers: [email('b@example.com')], occurredAt: day(2) }),
    touchpoint({ key: 'c', identifiers: [email('a@example.com'), email('b@example.com')], occurredAt: day(3) }),
  ];
  const ids: string[][] = [];
  for (const order of [events, events.toReversed(), events]) {
    await emptyWorld(database.pool);
    for (const event of order) await store(event);
    ids.push((await database.pool<{ id: string }[]>`select id from customers order by id`).map(({ id }) => id));
  }
  expect(ids).toEqual([[await recordOf('a')], ids[0], ids[0]]);
});
