import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Authenticator } from '../../src/access/authenticator.service.ts';
import { usageOfKey } from '../../src/access/key-usage.service.ts';
import { createKey, updateKey } from '../../src/access/keys.service.ts';
import { checkQuota } from '../../src/access/quota.ts';
import { UsageTally } from '../../src/access/usage-tally.ts';
import type { Context, Viewer } from '../../src/kernel/context.ts';
import type { Pool } from '../../src/kernel/database.ts';
import type { DomainError } from '../../src/kernel/errors.ts';
import { Loaders } from '../../src/kernel/loaders.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { contextWith, MovableClock, openListeningPool, refusalOf, testPlatform } from './fixture.ts';

let database: TestDatabase;
let listening: { pool: Pool; statements: string[] };
let clock: MovableClock;
let admin: Context;
let node: Authenticator;
let other: Authenticator;

beforeAll(async () => {
  database = await openTestDatabase();
  listening = openListeningPool(database.url);
});
afterAll(async () => {
  await listening.pool.end();
  await database.close();
});
beforeEach(() => {
  clock = new MovableClock('2026-03-01T12:00:30Z');
  admin = contextWith(testPlatform(database.pool, clock), 'admin');
  node = new Authenticator(testPlatform(listening.pool, clock));
  other = new Authenticator(testPlatform(database.pool, clock));
});

async function makeKey(part = {}): Promise<{ id: string; authorization: string }> {
  const { row, text } = await createKey(admin, { name: 'partner', scopes: ['ingest'], ...part });
  return { id: row.id, authorization: `Bearer ${text}` };
}

/** How many of so many requests are let in, and how the first other is refused. */
async function ask(
  on: Authenticator,
  authorization: string,
  times: number,
): Promise<[number, DomainError | undefined]> {
  let admitted = 0;
  let refusal: DomainError | undefined;
  for (let at = 0; at < times; at++) {
    const viewer: Viewer = await on.authenticate(authorization);
    try {
      on.spend(viewer);
      admitted += 1;
    } catch (error) {
      refusal ??= error as DomainError;
    }
  }
  return [admitted, refusal];
}

const usage = (keyId: string, from = '2026-03-01', to = '2026-03-02') =>
  usageOfKey({ ...admin, loaders: new Loaders() }, { keyId, from, to });

describe('a quota', () => {
  const now = new Date('2026-03-01T12:00:30.250Z');

  test.each([
    [{ inMinute: 59, onDay: 999 }, undefined],
    [
      { inMinute: 60, onDay: 999 },
      { period: 'MINUTE', limit: 60, resetsAt: '2026-03-01T12:01:00.000Z', retryAfterMs: 29_750 },
    ],
    [
      { inMinute: 0, onDay: 1_000 },
      { period: 'DAY', limit: 1_000, resetsAt: '2026-03-02T00:00:00.000Z', retryAfterMs: 43_169_750 },
    ],
    [{ inMinute: 60, onDay: 1_000 }, { period: 'DAY' }],
  ])('of 60 a minute and 1,000 a day, with %j used', (used, refusal) => {
    const check = () => checkQuota({ requestsPerMinute: 60, requestsPerDay: 1_000 }, { ...used, costInMinute: 0 }, now);
    if (refusal) {
      expect(check).toThrow(
        expect.objectContaining({ code: 'RATE_LIMITED', details: expect.objectContaining(refusal) }),
      );
    } else expect(check).not.toThrow();
  });

  test('holds on one node to the very request, and starts anew with the minute', async () => {
    const { authorization } = await makeKey({ requestsPerMinute: 5 });
    expect(await ask(node, authorization, 7)).toMatchObject([
      5,
      { code: 'RATE_LIMITED', details: { period: 'MINUTE', limit: 5 } },
    ]);
    for (let poll = 0; poll < 3; poll++) {
      await node.refresh();
      expect(await ask(node, authorization, 1)).toMatchObject([0, { code: 'RATE_LIMITED' }]);
    }
    clock.move(30_000);
    expect((await ask(node, authorization, 7))[0]).toBe(5);
  });

  test('is shared by the nodes, one beat behind', async () => {
    const { authorization } = await makeKey({ requestsPerMinute: 10, requestsPerDay: 12 });
    expect((await ask(node, authorization, 6))[0]).toBe(6);
    await node.refresh();
    await node.refresh();
    expect((await ask(other, authorization, 9))[0]).toBe(4);
    await other.refresh();
    await node.refresh();
    expect((await ask(node, authorization, 3))[0]).toBe(0);
    clock.move(30_000);
    expect(await ask(node, authorization, 5)).toMatchObject([2, { details: { period: 'DAY' } }]);
  });

  test('is not forgotten by a node that starts', async () => {
    const { authorization } = await makeKey({ requestsPerDay: 3 });
    node.start();
    expect((await ask(node, authorization, 2))[0]).toBe(2);
    await node.stop();
    const restarted = new Authenticator(testPlatform(listening.pool, clock));
    expect((await ask(restarted, authorization, 3))[0]).toBe(1);
  });

  test('counts what is on its way to the database, and nothing twice', async () => {
    const { authorization } = await makeKey({ requestsPerMinute: 1_000 });
    let admitted = 0;
    for (let round = 0; round < 20; round++) {
      const [asked] = await Promise.all([ask(node, authorization, 40), node.refresh()]);
      admitted += asked[0];
      await Promise.all([node.refresh(), ask(node, authorization, 20).then(([some]) => (admitted += some))]);
    }
    expect(admitted).toBe(1_000);
  });

  test('holds within two beats of what nodes let in at once', async () => {
    const { id, authorization } = await makeKey({ requestsPerDay: 100 });
    const admitted: number[] = [];
    for (let beat = 0; beat < 12; beat++) {
      for (const one of [node, other]) admitted.push((await ask(one, authorization, 10))[0]);
      await Promise.all([node.refresh(), other.refresh()]);
    }
    const total = admitted.reduce((sum, some) => sum + some, 0);
    expect(total).toBeGreaterThanOrEqual(100);
    expect(total).toBeLessThanOrEqual(140);
    expect(await ask(node, authorization, 1)).toMatchObject([0, {}]);
    await node.refresh();
    expect((await usage(id))[0]).toMatchObject({ requests: total });
  });

  test('that is changed holds within a beat', async () => {
    const { id, authorization } = await makeKey({ requestsPerMinute: 2 });
    expect((await ask(node, authorization, 4))[0]).toBe(2);
    await updateKey(admin, { id, requestsPerMinute: 3 });
    await node.refresh();
    expect((await ask(node, authorization, 4))[0]).toBe(1);
    await updateKey(admin, { id, requestsPerMinute: null });
    await node.refresh();
    expect((await ask(node, authorization, 4))[0]).toBe(4);
  });

  test('costs two statements a beat for all keys, not one a request', async () => {
    const keys = await Promise.all([1, 2, 3].map(() => makeKey({ requestsPerMinute: 1_000 })));
    for (const { authorization } of keys) await node.authenticate(authorization);
    await node.refresh();
    listening.statements.length = 0;
    for (const { authorization } of keys) await ask(node, authorization, 50);
    await node.refresh();
    const written = listening.statements.filter((statement) => /insert into/.test(statement));
    expect(written.map((statement) => /api_key_\w+/.exec(statement)?.[0]).sort()).toEqual([
      'api_key_days',
      'api_key_minutes',
    ]);
  });

  test('a minute that another node has left behind is not counted into the next', async () => {
    const { authorization } = await makeKey({ requestsPerMinute: 5 });
    await ask(node, authorization, 5);
    clock.move(30_000);
    await ask(other, authorization, 2);
    await other.refresh();
    await node.refresh();
    await other.refresh();
    expect((await ask(other, authorization, 9))[0]).toBe(3);
  });
});

describe('usage', () => {
  test('is counted by key and day, quiet days included', async () => {
    const { id, authorization } = await makeKey();
    await ask(node, authorization, 3);
    node.meter.countTouchpoints(id, 7);
    node.meter.countTouchpoints(id, 0);
    node.meter.countError(id);
    clock.move(2 * 86_400_000);
    await ask(node, authorization, 2);
    await node.refresh();
    await ask(other, authorization, 1);
    clock.move(10_000);
    await other.refresh();
    expect(await usage(id, '2026-03-01', '2026-03-05')).toEqual([
      { keyId: id, day: '2026-03-01', requests: 3, touchpoints: 7, errors: 1, cost: 0 },
      { keyId: id, day: '2026-03-02', requests: 0, touchpoints: 0, errors: 0, cost: 0 },
      { keyId: id, day: '2026-03-03', requests: 3, touchpoints: 0, errors: 0, cost: 0 },
      { keyId: id, day: '2026-03-04', requests: 0, touchpoints: 0, errors: 0, cost: 0 },
    ]);
  });

  test('that limits nobody is written every ten seconds, and when the node stops', async () => {
    const { id, authorization } = await makeKey();
    node.start();
    await ask(node, authorization, 3);
    await node.refresh();
    expect((await usage(id))[0]?.requests).toBe(0);
    clock.move(10_000);
    await node.refresh();
    expect((await usage(id))[0]?.requests).toBe(3);
    await ask(node, authorization, 1);
    await node.stop();
    expect((await usage(id))[0]?.requests).toBe(4);
  });

  test.each(['api_key_days', 'api_key_minutes'])('that %s would not take is counted on, once', async (table) => {
    const { id, authorization } = await makeKey({ requestsPerMinute: 10 });
    await ask(node, authorization, 4);
    await database.pool.unsafe(`alter table ${table} add constraint full_up check (requests < 0) not valid`);
    await node.refresh();
    await database.pool.unsafe(`alter table ${table} drop constraint full_up`);
    expect((await usage(id))[0]?.requests).toBe(table === 'api_key_days' ? 0 : 4);
    expect((await ask(node, authorization, 3))[0]).toBe(3);
    await node.refresh();
    expect((await usage(id))[0]?.requests).toBe(7);
    expect((await ask(other, authorization, 9))[0]).toBe(3);
    await node.refresh();
    expect((await ask(node, authorization, 9))[0]).toBe(3);
  });

  test('is asked for by one statement for a page of keys', async () => {
    const keys = await Promise.all([makeKey(), makeKey(), makeKey()]);
    listening.statements.length = 0;
    const ctx = { ...contextWith(testPlatform(listening.pool, clock), 'admin') };
    await Promise.all(keys.map(({ id }) => usageOfKey(ctx, { keyId: id, from: '2026-03-01', to: '2026-03-08' })));
    expect(listening.statements).toHaveLength(1);
  });

  test('needs the scope admin, and a period of 1 to 400 days', async () => {
    const { id } = await makeKey();
    expect(
      await refusalOf(usageOfKey(contextWith(admin, 'ingest'), { keyId: id, from: '2026-03-01', to: '2026-03-02' })),
    ).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refusalOf(usage(id, '2026-03-01', '2026-03-01'))).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await refusalOf(usage(id, '2025-01-01', '2026-03-01'))).toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

test('a tally that takes over another has counted what both have', () => {
  const at = fc.integer({ min: 0, max: 5 * 60_000 }).map((ms) => new Date(Date.parse('2026-03-01T23:57:30Z') + ms));
  const requests = fc.array(fc.record({ keyId: fc.constantFrom('a', 'b'), at }));
  fc.assert(
    fc.property(requests, requests, at, (first, second, now) => {
      const [one, two, both] = [new UsageTally(), new UsageTally(), new UsageTally()];
      for (const [tally, list] of [
        [one, first],
        [two, second],
        [both, [...first, ...second]],
      ] as const) {
        for (const request of list) {
          tally.add(request.keyId, request.at, { requests: 1 });
          tally.addToMinute(request.keyId, request.at);
        }
      }
      one.takeDays(two);
      one.takeMinutes(two);
      const byKeyAndDay = (tally: UsageTally) =>
        tally.days.toSorted((a, b) => `${a.keyId}${a.day}`.localeCompare(`${b.keyId}${b.day}`));
      expect(byKeyAndDay(one)).toEqual(byKeyAndDay(both));
      for (const keyId of ['a', 'b']) expect(one.requestsOnDay(keyId, now)).toBe(both.requestsOnDay(keyId, now));
      for (const { keyId, minute, requests } of both.minutes)
        expect(one.requestsInMinute(keyId, minute)).toBe(requests);
    }),
  );
});
