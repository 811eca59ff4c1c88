import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Authenticator } from '../../src/access/authenticator.service.ts';
import { createKey } from '../../src/access/keys.service.ts';
import { checkBudget, costBudget, rateLimitsOf } from '../../src/access/quota.ts';
import type { Context, Viewer } from '../../src/kernel/context.ts';
import type { DomainError } from '../../src/kernel/errors.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { contextWith, MovableClock, testPlatform } from './fixture.ts';

let database: TestDatabase;
let clock: MovableClock;
let admin: Context;
let node: Authenticator;
let other: Authenticator;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => {
  clock = new MovableClock('2026-03-01T12:00:30Z');
  admin = contextWith(testPlatform(database.pool, clock), 'admin');
  node = new Authenticator(testPlatform(database.pool, clock), { costPerMinute: 500 });
  other = new Authenticator(testPlatform(database.pool, clock), { costPerMinute: 500 });
});

async function makeKey(part: object = {}): Promise<{ id: string; authorization: string }> {
  const { row, text } = await createKey(admin, { name: 'partner', scopes: ['ingest'], ...part });
  return { id: row.id, authorization: `Bearer ${text}` };
}

function refusalOf(attempt: () => unknown): DomainError {
  try {
    attempt();
  } catch (error) {
    return error as DomainError;
  }
  throw new Error('was let in');
}

const left = (on: Authenticator, viewer: Viewer) => on.limitsOf(viewer).find(({ name }) => name === 'cost')?.remaining;

describe('a budget', () => {
  test('is the key’s own, else the server’s, else none; the server’s holds for nobody who could lift it', () => {
    const partner = { costPerMinute: null, scopes: ['ingest'] };
    expect(costBudget(partner, 500)).toBe(500);
    expect(costBudget(partner, null)).toBeNull();
    expect(costBudget({ ...partner, costPerMinute: 7 }, 500)).toBe(7);
    expect(costBudget({ costPerMinute: null, scopes: ['ingest', 'admin'] }, 500)).toBeNull();
    expect(costBudget({ costPerMinute: 7, scopes: ['admin'] }, 500)).toBe(7);
  });

  test('pays to the very point', () => {
    const now = new Date('2026-03-01T12:00:30Z');
    const used = { inMinute: 0, onDay: 0, costInMinute: 60 };
    expect(() => checkBudget(40, 100, used, now)).not.toThrow();
    expect(refusalOf(() => checkBudget(41, 100, used, now))).toMatchObject({
      code: 'RATE_LIMITED',
      details: { requested: 41, limit: 100, remaining: 40, resetsAt: '2026-03-01T12:01:00.000Z', retryAfterMs: 30_000 },
    });
    expect(refusalOf(() => checkBudget(101, 100, used, now)).code).toBe('OPERATION_TOO_EXPENSIVE');
  });

  test('never shows less than nothing, nor more than all', () => {
    const quota = { requestsPerMinute: null, requestsPerDay: null };
    const remaining = (costInMinute: number) =>
      rateLimitsOf(quota, 100, { inMinute: 0, onDay: 0, costInMinute }, clock.now()).map((limit) => limit.remaining);
    expect([remaining(140), remaining(-20), remaining(30)]).toEqual([[0], [100], [70]]);
  });

  test('is given back what was not used, and charged what was used beyond', async () => {
    const { authorization } = await makeKey();
    const viewer = await node.authenticate(authorization);
    const first = node.charge(viewer, 400)!;
    expect(left(node, viewer)).toBe(100);
    expect(refusalOf(() => node.charge(viewer, 101)).code).toBe('RATE_LIMITED');
    node.settle(first, 20);
    expect(left(node, viewer)).toBe(480);
    node.settle(node.charge(viewer, 10)!, 30);
    expect(left(node, viewer)).toBe(450);
  });

  test('is whole again in the next minute, and nothing comes back into that from the one before', async () => {
    const { authorization } = await makeKey();
    const viewer = await node.authenticate(authorization);
    const slow = node.charge(viewer, 500)!;
    clock.move(30_000);
    expect(left(node, viewer)).toBe(500);
    node.charge(viewer, 200);
    node.settle(slow, 1);
    expect(left(node, viewer)).toBe(300);
    await node.refresh();
    await other.refresh();
    expect(left(other, await other.authenticate(authorization))).toBe(300);
  });

  test('holds within two beats of what nodes let in at once', async () => {
    const { authorization } = await makeKey();
    const [here, there] = [await node.authenticate(authorization), await other.authenticate(authorization)];
    let spent = 0;
    for (let beat = 0; beat < 8; beat++) {
      for (const [on, viewer] of [
        [node, here],
        [other, there],
      ] as const) {
        for (let at = 0; at < 5; at++) {
          try {
            on.settle(on.charge(viewer, 20)!, 15);
            spent += 15;
          } catch {}
        }
        await on.authenticate(authorization);
      }
      await Promise.all([node.refresh(), other.refresh()]);
    }
    expect(spent).toBeGreaterThanOrEqual(480);
    expect(spent).toBeLessThanOrEqual(500 + 2 * 75);
    await Promise.all([node.refresh(), other.refresh()]);
    const [row] = await database.pool<{ cost: number }[]>`
      select cost::float8 as cost from api_key_minutes where key_id = ${here.keyId}`;
    expect(row?.cost).toBe(spent);
  });

  test('is no worse for a key that has none: what it costs is counted by day', async () => {
    const { id, authorization } = await makeKey({ scopes: ['admin'] });
    const viewer = await node.authenticate(authorization);
    node.settle(node.charge(viewer, 9_000)!, 1_234);
    expect(node.limitsOf(viewer)).toEqual([]);
    clock.move(10_000);
    await node.refresh();
    const [row] = await database.pool<{ cost: number }[]>`
      select cost::float8 as cost from api_key_days where key_id = ${id}`;
    expect(row?.cost).toBe(1_234);
  });

  test('is nobody’s without a key', () => {
    const stranger = { keyId: '00000000-0000-7000-8000-000000000001', name: 'x', scopes: new Set<string>() };
    expect(node.charge(stranger, 1_000_000)).toBeUndefined();
    expect(node.limitsOf(stranger)).toEqual([]);
  });
});

test('whatever is asked for and given back in between, no more is spent than there is, and every point is accounted for', async () => {
  const run = fc.array(
    fc.record({ requested: fc.integer({ min: 1, max: 300 }), used: fc.double({ min: 0, max: 1, noNaN: true }) }),
    {
      maxLength: 30,
    },
  );
  await fc.assert(
    fc.asyncProperty(run, fc.nat(4), async (operations, together) => {
      const { authorization } = await makeKey();
      const viewer = await node.authenticate(authorization);
      const open: [NonNullable<ReturnType<Authenticator['charge']>>, number][] = [];
      let spent = 0;
      for (const { requested, used } of operations) {
        const before = left(node, viewer)!;
        try {
          const charge = node.charge(viewer, requested)!;
          expect(requested).toBeLessThanOrEqual(before);
          open.push([charge, Math.ceil(requested * used)]);
        } catch {
          expect(requested).toBeGreaterThan(before);
        }
        if (open.length > together) {
          const [charge, actual] = open.shift()!;
          node.settle(charge, actual);
          spent += actual;
        }
        const held = open.reduce((sum, [charge]) => sum + charge.requested, 0);
        expect(left(node, viewer)).toBe(500 - spent - held);
      }
    }),
    { numRuns: 60 },
  );
});
