import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openIngest, touchpoint } from '../support/ingest.ts';
import { openGate, untilWaiting } from '../support/locks.ts';

/** Each race held open at its worst moment: one node has done everything but commit when the other begins. */
describe('two nodes that meet over one person', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  async function store(...drafts: TouchpointDraft[]) {
    const { ingest, ctx } = await openIngest(database.pool);
    return ingest.submit(ctx, drafts);
  }

  /** Both drafts are stored, the second while the first waits to commit. */
  async function race(first: TouchpointDraft, second: TouchpointDraft) {
    const gate = openGate();
    const [slow, quick] = [
      await openIngest(database.pool, { reactions: [gate.reaction] }),
      await openIngest(database.pool),
    ];
    const one = slow.ingest.submit(slow.ctx, [first]);
    await gate.reached;
    const other = quick.ingest.submit(quick.ctx, [second]);
    await untilWaiting(database.pool, 1);
    gate.open();
    const results = (await Promise.all([one, other])).flat();
    expect(results.map(({ status }) => status)).toEqual(['STORED', 'STORED']);
    return results;
  }

  let others = 0;

  /** Both have read what is known, and wait for a third one that joins other people: neither sees what the other does. */
  async function raceBlindly(...drafts: TouchpointDraft[]) {
    others += 1;
    const other = { key: `other-${others}`, identifiers: [{ kind: 'email', value: `other-${others}@example.com` }] };
    await store(touchpoint(other));
    const gate = openGate();
    const nodes = await Promise.all(
      [{ reactions: [gate.reaction] }, {}, {}].map((options) => openIngest(database.pool, options)),
    );
    const [first, ...rest] = [touchpoint({ ...other, key: `${other.key}-too` }), ...drafts].map(
      (draft, index) => () => nodes[index]!.ingest.submit(nodes[index]!.ctx, [draft]),
    );
    const joining = first!();
    await gate.reached;
    const racing = rest.map((submit) => submit());
    await untilWaiting(database.pool, drafts.length);
    gate.open();
    const results = (await Promise.all([joining, ...racing])).flat();
    expect(results.map(({ status }) => status)).toEqual(results.map(() => 'STORED'));
  }

  async function claimantsOf(value: string) {
    const [row] = await database.pool`
      select records as counted, (select count(*)::int from claims where identifier_id = identifiers.id) as claims
      from identifiers where value = ${value}`;
    return row;
  }

  async function customersOf(...keys: string[]) {
    const rows = await database.pool`select distinct customer_id from records where key = any(${keys})`;
    return rows.length;
  }

  test('count one claim once when both are the first to see it on a known record', async () => {
    const email = { kind: 'email', value: 'first@example.com' };
    await store(touchpoint({ key: 'first' }));
    await raceBlindly(
      touchpoint({ key: 'first', identifiers: [email] }),
      touchpoint({ key: 'first', identifiers: [email] }),
    );
    expect(await claimantsOf('first@example.com')).toEqual({ counted: 1, claims: 1 });
  });

  test('count one claim once when others carry its identifier already', async () => {
    const email = { kind: 'email', value: 'carried@example.com' };
    await store(touchpoint({ key: 'carrier', identifiers: [email] }), touchpoint({ key: 'late' }));
    await raceBlindly(
      touchpoint({ key: 'late', identifiers: [email] }),
      touchpoint({ key: 'late', identifiers: [email] }),
    );
    expect(await claimantsOf('carried@example.com')).toEqual({ counted: 2, claims: 2 });
    expect(await customersOf('carrier', 'late')).toBe(1);
  });

  test('make one customer of two new records that share a new identifier', async () => {
    const email = { kind: 'email', value: 'new@example.com' };
    const [, second] = await race(
      touchpoint({ key: 'new-1', identifiers: [email] }),
      touchpoint({ key: 'new-2', identifiers: [email] }),
    );
    expect(await customersOf('new-1', 'new-2')).toBe(1);
    const [row] = await database.pool`select customer_id from records where key = 'new-1'`;
    const [customer] =
      await database.pool`select records, touchpoints::int from customers where id = ${row!.customer_id}`;
    expect(customer).toEqual({ records: 2, touchpoints: 2 });
    expect(second!.customerId).not.toBeNull();
  });

  test('lose no touchpoint of a customer that is absorbed meanwhile', async () => {
    const [x, y] = [
      { kind: 'email', value: 'x@example.com' },
      { kind: 'email', value: 'y@example.com' },
    ];
    await store(touchpoint({ key: 'mx', identifiers: [x] }), touchpoint({ key: 'my', identifiers: [y] }));
    await race(
      touchpoint({ key: 'bridge', identifiers: [x, y] }),
      touchpoint({ key: 'my', identifiers: [y], traits: { city: 'Bern' } }),
    );
    const customers = await database.pool`
      select c.records, c.touchpoints::int, c.traits from customers c join records r on r.customer_id = c.id where r.key = 'my'`;
    expect([...customers]).toEqual([{ records: 3, touchpoints: 4, traits: { city: 'Bern' } }]);
  });

  test('add up what both add to one known customer', async () => {
    const order = { key: 'sum', type: 'order.completed', value: { amount: '1.00', currency: 'EUR' } };
    await store(touchpoint(order));
    await race(touchpoint(order), touchpoint(order));
    const [customer] = await database.pool`
      select c.touchpoints::int, c.orders, c.revenue from customers c join records r on r.customer_id = c.id where r.key = 'sum'`;
    expect(customer).toEqual({
      touchpoints: 3,
      orders: 3,
      revenue: { EUR: { orders: 3, returns: 0, gross: 300, returned: 0 } },
    });
  });

  test('keep the later of two traits, whoever commits last', async () => {
    await store(touchpoint({ key: 'trait' }));
    const late = touchpoint({ key: 'trait', traits: { city: 'new' }, occurredAt: '2026-10-05T00:00:00Z' });
    await race(late, touchpoint({ key: 'trait', traits: { city: 'old' }, occurredAt: '2026-10-04T00:00:00Z' }));
    const [customer] =
      await database.pool`select c.traits from customers c join records r on r.customer_id = c.id where r.key = 'trait'`;
    expect(customer!.traits).toEqual({ city: 'new' });
  });
});
