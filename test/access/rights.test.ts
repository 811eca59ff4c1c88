import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { Authenticator } from '../../src/access/authenticator.service.ts';
import { createKey } from '../../src/access/keys.service.ts';
import { rightsOf } from '../../src/access/rights.ts';
import type { Context, Viewer } from '../../src/kernel/context.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { contextWith, MovableClock, testPlatform } from './fixture.ts';

let database: TestDatabase;
let clock: MovableClock;
let admin: Context;
let node: Authenticator;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => {
  clock = new MovableClock();
  admin = contextWith(testPlatform(database.pool, clock), 'admin');
  node = new Authenticator(testPlatform(database.pool, clock));
});

const enter = (text: string) => node.authenticate(`Bearer ${text}`, () => '127.0.0.1');
const makeKey = (part = {}) => createKey(admin, { name: 'partner', scopes: ['customers:read'], ...part });

describe('who stays with a key whose rights change', () => {
  const told = (listener: ReturnType<typeof vi.fn>) => listener.mock.calls.map(([why]) => why.details.reason as string);

  test.each([
    ['other scopes', `scopes = '{customers:read,pii:read}'`],
    ['a boundary', `boundary = '{"sources":["pos"]}'`],
    ['writing alone', 'write_only = true'],
  ])('%s: must go, and is let in anew by what holds then', async (_name, change) => {
    const { row, text } = await makeKey();
    const [before, after] = [vi.fn(), vi.fn()];
    node.onEnd(await enter(text), before);
    await node.refresh();
    await database.pool.unsafe(`update api_keys set ${change} where id = '${row.id}'`);
    clock.move(1_000);
    // Who came after the change, and before the node has looked, stays.
    node.onEnd(await enter(text), after);
    await node.refresh();
    await node.refresh();
    expect([told(before), told(after)]).toEqual([['CHANGED'], []]);
  });

  test('a key that is called otherwise, or may do more of the same, changes nothing', async () => {
    const { row, text } = await makeKey();
    const listener = vi.fn();
    node.onEnd(await enter(text), listener);
    await database.pool`
      update api_keys set name = 'x', requests_per_day = 5, max_connections = 3, expires_at = '2099-01-01' where id = ${row.id}`;
    await node.refresh();
    expect(told(listener)).toEqual([]);
  });
});

test('what a key may have open is known, too, while the node has forgotten a key that nobody has used', async () => {
  const { text } = await makeKey({ maxConnections: 7, maxSubscriptions: 9 });
  const viewer = await enter(text);
  await node.refresh();
  await node.refresh();
  expect(node.keyInUse(viewer)).toMatchObject({ maxConnections: 7, maxSubscriptions: 9 });
});

test('whoever wants to know when the keys have been read anew is told', async () => {
  const listener = vi.fn();
  node.onRefresh(listener);
  await node.refresh();
  expect(listener).toHaveBeenCalledTimes(1);
});

test('rights are the same whatever the key is called and in whatever order its scopes stand, and nothing else', () => {
  const viewer = (more: object): Viewer => ({ keyId: 'k', name: 'a', scopes: new Set(['x', 'y']), ...more });
  const rights = rightsOf(viewer({}));
  expect(rightsOf(viewer({ name: 'b', scopes: new Set(['y', 'x']) }))).toBe(rights);
  for (const other of [
    { scopes: new Set(['x']) },
    { boundary: { sources: ['web'] } },
    { writeOnly: true },
    { test: true },
    { somethingNew: 1 },
  ]) {
    expect(rightsOf(viewer(other))).not.toBe(rights);
  }
});
