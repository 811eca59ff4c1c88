import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Difference } from '../../src/identity/identity.events.ts';
import { IdentityRebuild } from '../../src/identity/identity-rebuild.service.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { createEngines, customerChecks, regroupingReactions } from '../../src/server/engines.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { bookWith, openRules, type RulesFixture } from '../support/rules.ts';
import { emptyWorld, readWorld } from '../support/world.ts';

const email = (value: string) => ({ kind: 'email', value });
const user = (value: string) => ({ kind: 'userId', value });

describe('a rebuild', () => {
  let database: TestDatabase;
  let node: RulesFixture;
  let service: IdentityRebuild;

  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    node = await openRules(database.pool);
    service = new IdentityRebuild({
      rules: node.current,
      reactions: regroupingReactions(createEngines({ timeZone: 'UTC' }, { ids: randomIds, rules: node.current })),
      checks: customerChecks,
      identifiersAtOnce: 3,
      recordsAtOnce: 2,
    });
    await node.apply(
      bookWith('phone', { recordsPerValue: 2 }, { blocked: [{ kind: null, exact: 'house', pattern: null }] }),
    );
    await node.store(...history());
  });
  afterEach(async () => {
    await emptyWorld(database.pool);
    await database.pool`delete from identity_rules`;
  });

  /** Somebody of two records with orders, two accounts that a device ties, a cut phone, a receipt of nobody. */
  function history() {
    const order = { type: 'order.completed', value: { amount: '10.00', currency: 'EUR' } };
    const phone = { kind: 'phone', value: '+41446681800' };
    const tablet = { kind: 'anonymousId', value: 'tablet' };
    return [
      touchpoint({ key: 'a', identifiers: [email('a@example.com')], traits: { city: 'Bern' }, ...order }),
      touchpoint({ key: 'b', identifiers: [email('a@example.com')], traits: { city: 'Basel' }, ...order }),
      touchpoint({ key: 'ann', identifiers: [user('ann'), tablet] }),
      touchpoint({ key: 'bob', identifiers: [user('bob'), tablet], occurredAt: '2026-10-02T10:00:00Z' }),
      ...['p', 'q', 'r'].map((key) => touchpoint({ key, identifiers: [phone] })),
      touchpoint({ key: 'device', identifiers: [{ kind: 'deviceId', value: 'd1' }] }),
      touchpoint({ type: 'order.completed', value: { amount: '5.00', currency: 'EUR' } }),
    ];
  }

  async function run(what: 'verify' | 'rebuild'): Promise<Difference[]> {
    const found: Difference[] = [];
    const progress: [number, number][] = [];
    await service[what](node.ctx, {
      advanced: (done, total) => progress.push([done, total]),
      found: (differences) => found.push(...differences),
    });
    const [done, total] = progress.at(-1)!;
    expect(done).toBeGreaterThanOrEqual(total);
    return found;
  }

  const places = (differences: Difference[]) =>
    [...new Set(differences.map(({ table, column }) => (column === null ? table : `${table}.${column}`)))].sort();

  async function refused() {
    return database.pool`
      select record_id, evidence_id, kind, other_record_id, refusal, limited_by from refused_links order by 1, 2, 3`;
  }

  test('finds nothing where nothing is wrong, and leaves everything as it is', async () => {
    const before = await readWorld(database.pool);
    expect(await run('verify')).toEqual([]);
    expect(await run('rebuild')).toEqual([]);
    expect(await readWorld(database.pool)).toEqual(before);
  });

  const id = (key: string) => `(select id from records where key = '${key}')`;
  const stranger = "'00000000-0000-7000-8000-00000000000f'";

  test.each([
    ["a record's customer", `update records set customer_id = ${id('device')} where key = 'b'`, 'records.customer_id'],
    ['a record without its customer', `update records set customer_id = null where key = 'b'`, 'records.customer_id'],
    [
      'a customer that nothing founded',
      `update records set customer_id = ${stranger} where key = 'a'`,
      'records.customer_id',
    ],
    ['a lost tie', 'update records set component_id = null', 'records.component_id'],
    [
      'a tie of nothing',
      `update records set component_id = ${id('a')} where key in ('a', 'b')`,
      'records.component_id',
    ],
    ['a person taken for a device', `update records set identified = false where key = 'a'`, 'records.identified'],
    ['a device taken for a person', `update records set identified = true where key = 'device'`, 'records.identified'],
    ['a wrong count', `update identifiers set records = 7 where kind = 'email'`, 'identifiers.records'],
    ['a value that should be cut', 'update identifiers set cut_at = null', 'identifiers.cut'],
    ['a value that should not be cut', `update identifiers set cut_at = now() where kind = 'email'`, 'identifiers.cut'],
    ['a blocked value', `update identifiers set blocked = true where kind = 'email'`, 'identifiers.blocked'],
    ['a forgotten refusal', 'delete from refused_links', 'refused_links'],
    [
      'an invented refusal',
      `insert into refused_links select id, id, 'email', id, 'BOTH_KNOWN', null, now() from records where key = 'a'`,
      'refused_links',
    ],
    [
      'a refusal of no record',
      `insert into refused_links values (${stranger}, ${stranger}, 'email', null, 'BOTH_KNOWN', null, now())`,
      'refused_links',
    ],
    ['a wrong reason of a refusal', `update refused_links set refusal = 'BOTH_KNOWN'`, 'refused_links'],
    [
      'a wrong number of touchpoints',
      'update customers set touchpoints = 9 where records = 2',
      'customers.touchpoints',
    ],
    ['a wrong number of records', 'update customers set records = 5 where records = 2', 'customers.records'],
    ['a wrong time', `update customers set first_seen_at = '2001-01-01' where records = 2`, 'customers.first_seen_at'],
    ['a known customer', 'update customers set identified = not identified', 'customers.identified'],
    [
      'a golden trait',
      `update customers set traits = '{"city": "Zug"}' where traits ->> 'city' is not null`,
      'customers.traits.city',
    ],
    ['a trait of nobody', `update customers set traits = '{"x": 1}' where records = 2`, 'customers.traits.x'],
    ['wrong orders', 'update customers set orders = 7 where orders = 2', 'customers.orders'],
    ['wrong revenue', `update customers set revenue = '{}'`, 'customers.revenue'],
    ['a lost customer', 'delete from customers where records = 2', 'customers'],
    [
      'a customer too many',
      `insert into customers select (select id from records where key in ('a', 'b') and id <> customer_id), identified, records, first_seen_at, last_seen_at, touchpoints, orders,
         null, null, revenue, traits, updated_at from customers where records = 2`,
      'customers',
    ],
    [
      'a customer of no record',
      `insert into customers select ${stranger}, identified, records, first_seen_at, last_seen_at, touchpoints, orders,
         null, null, revenue, traits, updated_at from customers where records = 2`,
      'customers',
    ],
  ])('finds %s, and mends it', async (_name, corrupt, place) => {
    const before = { world: await readWorld(database.pool), refused: await refused() };
    const { count } = await database.pool.unsafe(corrupt);
    expect(count).toBeGreaterThan(0);
    const found = await run('verify');
    expect(places(found)).toContain(place);
    expect(await run('rebuild')).not.toEqual([]);
    expect(await run('verify')).toEqual([]);
    expect({ world: await readWorld(database.pool), refused: await refused() }).toEqual(before);
  });

  test('tells what is stored and what should be, without personal values', async () => {
    await database.pool`update customers set touchpoints = 9, traits = '{"city": "Zug"}' where records = 2`;
    const found = await run('verify');
    expect(found).toEqual([
      { table: 'customers', id: expect.any(String), column: 'touchpoints', stored: '9', expected: '2' },
      { table: 'customers', id: found[0]!.id, column: 'traits.city', stored: 'a value', expected: 'another value' },
    ]);
  });

  test('does not mistake what is being ingested for damage', async () => {
    let isDone = false;
    const ingesting = (async () => {
      for (let round = 0; round < 15; round += 1) await node.store(...history());
      isDone = true;
    })();
    const found: Difference[] = [];
    while (!isDone) found.push(...(await run('verify')));
    await ingesting;
    expect(found).toEqual([]);
  });

  test('waits for rules that are still being applied', async () => {
    await node.announce(bookWith('email', { recordsPerValue: 1 }));
    await expect(run('verify')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await node.repair.catchUp();
    expect(await run('verify')).toEqual([]);
  });
});
