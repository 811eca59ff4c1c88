import { afterAll, beforeAll, beforeEach, describe, expect, type Mock, test, vi } from 'vitest';
import { formatApiKey, parseApiKey } from '../../src/access/api-key.ts';
import { touchApiKeys } from '../../src/access/api-keys.queries.ts';
import { Authenticator, type EndListener } from '../../src/access/authenticator.service.ts';
import { createKey, findKey, revokeKey } from '../../src/access/keys.service.ts';
import { createPool } from '../../src/kernel/connect.ts';
import type { Context } from '../../src/kernel/context.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { contextWith, holdFirstAnswer, MovableClock, openListeningPool, refusalOf, testPlatform } from './fixture.ts';

let database: TestDatabase;
let listening: { pool: Pool; statements: string[] };
let clock: MovableClock;
/** An administrator on another node: nothing that happens there is told to `node` but by the database. */
let admin: Context;
let node: Authenticator;

beforeAll(async () => {
  database = await openTestDatabase();
  listening = openListeningPool(database.url);
});
afterAll(async () => {
  await listening.pool.end();
  await database.close();
});
beforeEach(() => {
  clock = new MovableClock();
  admin = contextWith(testPlatform(database.pool, clock), 'admin');
  node = new Authenticator(testPlatform(listening.pool, clock));
  listening.statements.length = 0;
});

async function makeKey(
  request: { name?: string; expiresAt?: Date } = {},
): Promise<{ id: string; authorization: string }> {
  const { row, text } = await createKey(admin, { name: 'till', scopes: ['ingest', 'customers:read'], ...request });
  return { id: row.id, authorization: `Bearer ${text}` };
}

async function lastUsed(id: string): Promise<string | undefined> {
  return (await findKey(admin, id))?.lastUsedAt?.toISOString();
}

describe('letting in', () => {
  test('a valid key is its viewer, with the scopes it was given', async () => {
    const key = await makeKey({ name: 'web shop' });
    expect(await node.authenticate(key.authorization)).toEqual({
      keyId: key.id,
      name: 'web shop',
      scopes: new Set(['ingest', 'customers:read']),
    });
  });

  test('an unknown key is refused at the price of one read', async () => {
    const unknown = formatApiKey({ id: randomIds.uuid(), secret: 'a'.repeat(32) });
    const refusal = await refusalOf(node.authenticate(`Bearer ${unknown}`));
    expect(refusal).toMatchObject({ code: 'UNAUTHENTICATED', details: { reason: 'UNKNOWN' } });
    expect(listening.statements).toHaveLength(1);
  });

  test('a malformed or missing key is refused without asking the database', async () => {
    for (const authorization of [undefined, 'Bearer rundum_live_x', `Bearer ${'y'.repeat(72)}`]) {
      expect(await refusalOf(node.authenticate(authorization))).toMatchObject({ code: 'UNAUTHENTICATED' });
    }
    expect(listening.statements).toEqual([]);
  });

  test('a key’s id with another secret is as unknown as any, even when that key is revoked', async () => {
    const key = await makeKey();
    const forged = `Bearer ${formatApiKey({ id: key.id, secret: 'a'.repeat(32) })}`;
    expect(await refusalOf(node.authenticate(forged))).toMatchObject({ details: { reason: 'UNKNOWN' } });
    await revokeKey(admin, key.id);
    clock.move(1_000);
    expect(await refusalOf(node.authenticate(forged))).toMatchObject({ details: { reason: 'UNKNOWN' } });
  });

  test('a revoked key is told since when', async () => {
    const key = await makeKey();
    await revokeKey(admin, key.id);
    expect(await refusalOf(node.authenticate(key.authorization))).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'This API key was revoked at 2026-03-01T12:00:00.000Z.',
      details: { reason: 'REVOKED' },
    });
  });

  test('an expired key is refused from the very moment, though it was used just before', async () => {
    const key = await makeKey({ expiresAt: new Date('2026-03-01T12:00:00.500Z') });
    clock.move(499);
    expect(await node.authenticate(key.authorization)).toMatchObject({ keyId: key.id });
    clock.move(1);
    expect(await refusalOf(node.authenticate(key.authorization))).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'This API key expired at 2026-03-01T12:00:00.500Z.',
      details: { reason: 'EXPIRED' },
    });
  });

  test('a key that was made after it had been refused as unknown is let in at once', async () => {
    const key = await makeKey();
    await database.pool`create table hidden as select * from api_keys where id = ${key.id}`;
    await database.pool`delete from api_keys where id = ${key.id}`;
    await refusalOf(node.authenticate(key.authorization));
    await database.pool`insert into api_keys select * from hidden`;
    expect(await node.authenticate(key.authorization)).toMatchObject({ keyId: key.id });
  });
});

describe('what a node remembers', () => {
  test('a hundred callers who come together with one key cost one read, and the next hundred none', async () => {
    const key = await makeKey();
    const hundred = () => Promise.all(Array.from({ length: 100 }, () => node.authenticate(key.authorization)));
    await hundred();
    await hundred();
    expect(listening.statements).toHaveLength(1);
  });

  test('is never older than a second, even if nothing polls', async () => {
    const key = await makeKey();
    await node.authenticate(key.authorization);
    await revokeKey(admin, key.id);
    clock.move(999);
    // What it remembers is used: without this line the next ones could pass with no memory at all.
    expect(await node.authenticate(key.authorization)).toMatchObject({ keyId: key.id });
    clock.move(1);
    expect(await refusalOf(node.authenticate(key.authorization))).toMatchObject({ details: { reason: 'REVOKED' } });
  });

  test('is not trusted when the clock was set back', async () => {
    const key = await makeKey();
    await node.authenticate(key.authorization);
    await revokeKey(admin, key.id);
    clock.move(-3_600_000);
    expect(await refusalOf(node.authenticate(key.authorization))).toMatchObject({ details: { reason: 'REVOKED' } });
  });

  test('is renewed by one statement for all keys in use, so that busy keys never wait for a read', async () => {
    const keys = await Promise.all([makeKey(), makeKey(), makeKey()]);
    for (const key of keys) await node.authenticate(key.authorization);
    await node.refresh();
    listening.statements.length = 0;
    for (let poll = 0; poll < 4; poll++) {
      clock.move(900);
      for (const key of keys) await node.authenticate(key.authorization);
      await node.refresh();
    }
    expect(listening.statements).toHaveLength(4);
  });

  test('is forgotten when not in use, and an idle node asks nothing', async () => {
    const key = await makeKey();
    await node.authenticate(key.authorization);
    await node.refresh();
    await node.refresh();
    listening.statements.length = 0;
    await node.refresh();
    expect(listening.statements).toEqual([]);
    await node.authenticate(key.authorization);
    expect(listening.statements).toHaveLength(1);
  });

  test('is not undone by an answer that was on its way for longer', async () => {
    const key = await makeKey();
    const slow = holdFirstAnswer(database.pool, 'from api_keys where id');
    const slowNode = new Authenticator(testPlatform(slow.pool, clock));
    slowNode.onEnd({ keyId: key.id, name: '', scopes: new Set() }, () => {});
    const early = slowNode.authenticate(key.authorization);
    await slow.answered;
    await revokeKey(admin, key.id);
    await slowNode.refresh();
    slow.release();
    expect(await early).toMatchObject({ keyId: key.id });
    expect(await refusalOf(slowNode.authenticate(key.authorization))).toMatchObject({ details: { reason: 'REVOKED' } });
  });

  test('is a refusal, too: hammering with a revoked key costs one read a second', async () => {
    const key = await makeKey();
    await revokeKey(admin, key.id);
    for (let attempt = 0; attempt < 50; attempt++) await refusalOf(node.authenticate(key.authorization));
    expect(listening.statements).toHaveLength(1);
  });
});

describe('ending open connections', () => {
  async function connect(): Promise<{ id: string; ended: Mock<EndListener>; stop: () => void }> {
    const key = await makeKey();
    const viewer = await node.authenticate(key.authorization);
    const ended = vi.fn<EndListener>();
    return { id: key.id, ended, stop: node.onEnd(viewer, ended) };
  }

  test('a key revoked on one node ends its connections on all, in less than a second', async () => {
    const running = new Authenticator(testPlatform(listening.pool, { now: () => new Date() }));
    const key = await makeKey();
    const viewer = await running.authenticate(key.authorization);
    const ended = new Promise((resolve) => running.onEnd(viewer, resolve));
    running.start();
    const revokedAt = performance.now();
    await revokeKey(admin, key.id);
    expect(await ended).toMatchObject({ code: 'UNAUTHENTICATED', details: { reason: 'REVOKED' } });
    expect(performance.now() - revokedAt).toBeLessThan(1_000);
    await running.stop();
  });

  test('all connections of the key end, once each, and those of other keys stay', async () => {
    const [one, other] = [await connect(), await connect()];
    const second = vi.fn();
    node.onEnd({ keyId: one.id, name: '', scopes: new Set() }, second);
    await node.refresh();
    expect(one.ended).not.toHaveBeenCalled();
    await revokeKey(admin, one.id);
    await node.refresh();
    await node.refresh();
    expect(one.ended).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ details: { reason: 'REVOKED' } }));
    expect(second).toHaveBeenCalledOnce();
    expect(other.ended).not.toHaveBeenCalled();
  });

  test('an expiry ends them like a revocation', async () => {
    const key = await makeKey({ expiresAt: new Date('2026-03-01T13:00:00Z') });
    const ended = vi.fn();
    node.onEnd(await node.authenticate(key.authorization), ended);
    clock.move(3_599_999);
    await node.refresh();
    expect(ended).not.toHaveBeenCalled();
    clock.move(1);
    await node.refresh();
    expect(ended).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ details: { reason: 'EXPIRED' } }));
  });

  test('a key that was deleted from the database ends them, too', async () => {
    const { id, ended } = await connect();
    await database.pool`delete from api_keys where id = ${id}`;
    await node.refresh();
    expect(ended).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ details: { reason: 'UNKNOWN' } }));
  });

  test('a connection that closed by itself is not called, and leaves nothing behind', async () => {
    const { id, ended, stop } = await connect();
    stop();
    stop();
    await node.refresh();
    await revokeKey(admin, id);
    await node.refresh();
    expect(ended).not.toHaveBeenCalled();
    listening.statements.length = 0;
    await node.refresh();
    expect(listening.statements).toEqual([]);
  });

  test('closing the old connection twice does not silence the new one of the same key', async () => {
    const { id, ended, stop } = await connect();
    stop();
    const renewed = vi.fn();
    node.onEnd({ keyId: id, name: '', scopes: new Set() }, renewed);
    stop();
    await revokeKey(admin, id);
    await node.refresh();
    expect(renewed).toHaveBeenCalledOnce();
    expect(ended).not.toHaveBeenCalled();
  });

  test('one that fails to close does not save the others', async () => {
    const { id, ended } = await connect();
    const platform = testPlatform(listening.pool, clock);
    const logging = new Authenticator(platform);
    const viewer = { keyId: id, name: '', scopes: new Set<string>() };
    logging.onEnd(viewer, () => {
      throw new Error('socket is gone');
    });
    logging.onEnd(viewer, ended);
    await revokeKey(admin, id);
    await logging.refresh();
    expect(ended).toHaveBeenCalledOnce();
    expect(platform.logged.join()).toContain('socket is gone');
  });

  test('a connection that opens during a look at the database is not taken for a deleted key', async () => {
    await connect();
    const late = await makeKey();
    const viewer = await node.authenticate(late.authorization);
    await node.refresh();
    const ended = vi.fn();
    const look = node.refresh();
    node.onEnd(viewer, ended);
    await look;
    expect(ended).not.toHaveBeenCalled();
  });

  test('a thousand connections of one key cost what one costs', async () => {
    const { id } = await connect();
    const ended = vi.fn();
    for (let open = 1; open < 1_000; open++) node.onEnd({ keyId: id, name: '', scopes: new Set() }, ended);
    await node.refresh();
    listening.statements.length = 0;
    await node.refresh();
    expect(listening.statements).toHaveLength(1);
    await revokeKey(admin, id);
    await node.refresh();
    expect(ended).toHaveBeenCalledTimes(999);
  });

  test('a database that fails for a moment ends nobody, and the poll goes on', async () => {
    const { pool } = openListeningPool(database.url);
    const platform = testPlatform(pool, { now: () => new Date() });
    const polling = new Authenticator(platform);
    const key = await makeKey();
    const viewer = await polling.authenticate(key.authorization);
    const ended = vi.fn();
    polling.onEnd(viewer, ended);
    await database.pool`alter table api_keys rename to api_keys_away`;
    polling.start();
    await vi.waitFor(() => expect(platform.logged.join()).toContain('could not re-read'), { timeout: 3_000 });
    await database.pool`alter table api_keys_away rename to api_keys`;
    expect(ended).not.toHaveBeenCalled();
    await revokeKey(admin, key.id);
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce(), { timeout: 3_000 });
    await polling.stop();
    await pool.end();
  });
});

describe('last used', () => {
  test('is noted after the request, not in it, and at most once a minute', async () => {
    const key = await makeKey();
    await node.authenticate(key.authorization);
    expect(listening.statements.filter((statement) => /update/i.test(statement))).toEqual([]);
    await node.refresh();
    expect(await lastUsed(key.id)).toBe('2026-03-01T12:00:00.000Z');

    for (let second = 1; second < 60; second++) {
      clock.move(1_000);
      await node.authenticate(key.authorization);
      await node.refresh();
    }
    expect(await lastUsed(key.id)).toBe('2026-03-01T12:00:00.000Z');

    clock.move(1_000);
    await node.authenticate(key.authorization);
    await node.refresh();
    expect(await lastUsed(key.id)).toBe('2026-03-01T12:01:00.000Z');
    expect(listening.statements.filter((statement) => /update api_keys/.test(statement)).length).toBeLessThanOrEqual(3);
  });

  test('is written by one statement for all keys, and by one node for all', async () => {
    const keys = await Promise.all([makeKey(), makeKey(), makeKey()]);
    const nodes = [node, new Authenticator(testPlatform(listening.pool, clock))];
    for (const one of nodes) for (const key of keys) await one.authenticate(key.authorization);
    listening.statements.length = 0;
    await nodes[0]!.refresh();
    expect(listening.statements.filter((statement) => /update api_keys/.test(statement))).toHaveLength(1);
    clock.move(30_000);
    for (const key of keys) await nodes[1]!.authenticate(key.authorization);
    await nodes[1]!.refresh();
    for (const key of keys) expect(await lastUsed(key.id)).toBe('2026-03-01T12:00:00.000Z');
  });

  test('is decided by the database when nodes have read the same moment', async () => {
    const { id } = await makeKey();
    const minutes = [0, 0.5, -1, 1];
    const noted: (string | undefined)[] = [];
    for (const minute of minutes) {
      await touchApiKeys(database.pool, new Map([[id, new Date(clock.now().getTime() + minute * 60_000)]]));
      noted.push((await lastUsed(id))?.slice(11, 19));
    }
    expect(noted).toEqual(['12:00:00', '12:00:00', '12:00:00', '12:01:00']);
  });

  test('counts an open connection as use', async () => {
    const key = await makeKey();
    node.onEnd(await node.authenticate(key.authorization), () => {});
    await node.refresh();
    clock.move(3_600_000);
    await node.refresh();
    expect(await lastUsed(key.id)).toBe('2026-03-01T13:00:00.000Z');
  });

  test('does not count an attempt that was refused', async () => {
    const key = await makeKey();
    const { id } = parseApiKey(key.authorization.slice('Bearer '.length))!;
    await refusalOf(node.authenticate(`Bearer ${formatApiKey({ id, secret: 'b'.repeat(32) })}`));
    await revokeKey(admin, key.id);
    clock.move(1_000);
    await refusalOf(node.authenticate(key.authorization));
    await node.refresh();
    expect(await lastUsed(key.id)).toBeUndefined();
  });

  test('is not lost when the node stops right after', async () => {
    const key = await makeKey();
    node.start();
    await node.authenticate(key.authorization);
    await node.stop();
    expect(await lastUsed(key.id)).toBe('2026-03-01T12:00:00.000Z');
  });

  test('a row that another node is writing is not waited for', async () => {
    const key = await makeKey();
    await node.authenticate(key.authorization);
    await database.pool.begin(async (tx) => {
      await tx`update api_keys set last_used_at = ${clock.now()} where id = ${key.id}`;
      await node.refresh();
    });
    expect(await lastUsed(key.id)).toBe('2026-03-01T12:00:00.000Z');
  });
});

test('all of it works through a connection that can’t prepare statements', async () => {
  const pool = createPool(database.url, { pgbouncer: true, max: 2 });
  const unprepared = new Authenticator(testPlatform(pool, clock));
  const key = await makeKey();
  expect(await unprepared.authenticate(key.authorization)).toMatchObject({ keyId: key.id });
  await unprepared.refresh();
  expect(await lastUsed(key.id)).toBe('2026-03-01T12:00:00.000Z');
  await pool.end();
});
