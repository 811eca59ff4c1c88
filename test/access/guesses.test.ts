import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatApiKey, parseApiKey } from '../../src/access/api-key.ts';
import { Authenticator } from '../../src/access/authenticator.service.ts';
import { createKey, revokeKey } from '../../src/access/keys.service.ts';
import { newApiKey } from '../../src/access/new-api-key.ts';
import { placeOf } from '../../src/access/rate-of-guesses.ts';
import type { Context } from '../../src/kernel/context.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestServer } from '../support/server.ts';
import { contextWith, MovableClock, openListeningPool, refusalOf, testPlatform } from './fixture.ts';

let database: TestDatabase;
let listening: { pool: Pool; statements: string[] };
let admin: Context;
const clock = new MovableClock();

beforeAll(async () => {
  database = await openTestDatabase();
  listening = openListeningPool(database.url);
  admin = contextWith(testPlatform(database.pool, clock), 'admin');
});
afterAll(async () => {
  await listening.pool.end();
  await database.close();
});

const open = (guessesPerMinute: number | null) =>
  new Authenticator(testPlatform(listening.pool, clock), { guessesPerMinute });

/** A whole key with the right checksum, which does not exist. */
const guess = () => `Bearer ${formatApiKey(newApiKey(randomIds))}`;

async function makeKey(part = {}): Promise<{ id: string; authorization: string }> {
  const { row, text } = await createKey(admin, { name: 'partner', scopes: ['ingest'], ...part });
  return { id: row.id, authorization: `Bearer ${text}` };
}

const enter = (node: Authenticator, authorization: string | undefined, from: string) =>
  node
    .authenticate(authorization, () => from)
    .then(
      () => 'in',
      ({ code, details }) => details.reason ?? code,
    );

async function guessTimes(node: Authenticator, times: number, from: string): Promise<string[]> {
  const answers: string[] = [];
  for (let at = 0; at < times; at++) answers.push(await enter(node, guess(), from));
  return answers;
}

describe('whoever tries out keys', () => {
  test('is not looked at any more after so many, and costs the database nothing', async () => {
    const node = open(3);
    expect(await guessTimes(node, 3, '203.0.113.9')).toEqual(['UNKNOWN', 'UNKNOWN', 'UNKNOWN']);
    listening.statements.length = 0;
    const { code, details } = await refusalOf(node.authenticate(guess(), () => '203.0.113.9'));
    expect([code, details.retryAfterMs]).toEqual(['RATE_LIMITED', expect.any(Number)]);
    expect(details.retryAfterMs).toBeGreaterThan(0);
    expect(details.retryAfterMs).toBeLessThanOrEqual(60_000);
    // Not even the right one: else the limit would stop nobody from finding it.
    const { authorization } = await makeKey();
    expect(await enter(node, authorization, '203.0.113.9')).toBe('RATE_LIMITED');
    expect(listening.statements).toEqual([]);
  });

  test('all at once is no better off', async () => {
    const node = open(5);
    const answers = await Promise.all(Array.from({ length: 40 }, () => enter(node, guess(), '203.0.113.11')));
    expect(answers.filter((answer) => answer === 'UNKNOWN')).toHaveLength(5);
  });

  test('is told from many who come at once, each with a good key', async () => {
    const node = open(2);
    const keys = await Promise.all(Array.from({ length: 12 }, () => makeKey()));
    const together = keys.flatMap(({ authorization }) => [authorization, authorization, authorization]);
    const answers = await Promise.all(together.map((authorization) => enter(node, authorization, '203.0.113.12')));
    expect(new Set(answers)).toEqual(new Set(['in']));
  });

  test('elsewhere is another', async () => {
    const node = open(3);
    await guessTimes(node, 4, '203.0.113.9');
    expect(await guessTimes(node, 1, '203.0.113.10')).toEqual(['UNKNOWN']);
  });

  test('mistyped keys count, too', async () => {
    const node = open(2);
    for (let at = 0; at < 2; at++) expect(await enter(node, 'Bearer rundum_live_abc', '192.0.2.7')).toBe('MALFORMED');
    expect(await enter(node, 'Bearer rundum_live_abc', '192.0.2.7')).toBe('RATE_LIMITED');
  });

  test('shuts nobody out who was let in there before', async () => {
    const node = open(3);
    const { authorization } = await makeKey();
    expect(await enter(node, authorization, '198.51.100.1')).toBe('in');
    expect((await guessTimes(node, 5, '198.51.100.1')).at(-1)).toBe('RATE_LIMITED');
    expect(await enter(node, authorization, '198.51.100.1')).toBe('in');
    // The id of a good key opens nothing without its secret, and lets nobody go on guessing that.
    const id = parseApiKey(authorization.slice('Bearer '.length))!.id;
    const forged = `Bearer ${formatApiKey({ ...newApiKey(randomIds), id })}`;
    expect(await enter(node, forged, '198.51.100.1')).toBe('RATE_LIMITED');
  });

  test('is nobody who has no key, an old one, or the wrong address', async () => {
    const node = open(1);
    const { id, authorization } = await makeKey();
    await revokeKey(admin, id);
    const kept = await makeKey({ allowedNetworks: ['203.0.113.0/24'] });
    for (let at = 0; at < 4; at++) {
      expect(await enter(node, undefined, '198.51.100.7')).toBe('MISSING');
      expect(await enter(node, authorization, '198.51.100.7')).toBe('REVOKED');
      expect(await enter(node, kept.authorization, '198.51.100.7')).toBe('ADDRESS');
    }
  });

  test('may do so where there is no limit, and where nobody knows the address', async () => {
    expect(new Set(await guessTimes(open(null), 20, '203.0.113.9'))).toEqual(new Set(['UNKNOWN']));
    const node = open(1);
    for (let at = 0; at < 5; at++)
      expect((await refusalOf(node.authenticate(guess(), () => undefined))).details.reason).toBe('UNKNOWN');
  });

  test('with a whole IPv6 network counts once; with many addresses fills no memory', async () => {
    const node = open(3);
    for (let at = 0; at < 3; at++) await guessTimes(node, 1, `2001:db8:1:2::${at + 1}`);
    expect(await guessTimes(node, 1, '2001:db8:1:2:ffff::9')).toEqual(['RATE_LIMITED']);
    expect(await guessTimes(node, 1, '2001:db8:1:3::1')).toEqual(['UNKNOWN']);
  });
});

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['2001:0DB8:0000:0000:1::', '2001:db8:0:0'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['::1', '0:0:0:0'],
  ['fe80::1', 'fe80:0:0:0'],
])('%s is counted as %s', (address, place) => {
  expect(placeOf(address)).toBe(place);
});

test('over HTTP: 429 and when to come again; whoever works there goes on', async () => {
  const server = await startTestServer({ config: { keyGuessesPerMinute: 2 } });
  try {
    expect((await server.graphql('{ viewer { name } }')).status).toBe(200);
    const attempt = () =>
      fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: guess() },
        body: '{"query":"{ viewer { name } }"}',
      });
    expect((await attempt()).status).toBe(401);
    expect((await attempt()).status).toBe(401);
    const third = await attempt();
    expect(third.status).toBe(429);
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await server.graphql('{ viewer { name } }')).status).toBe(200);
    // Another way in is the same door.
    const download = await fetch(`${server.url}/exports`, {
      headers: { authorization: `Bearer ${randomBytes(9).toString('hex')}` },
    });
    expect(download.status).toBe(429);
  } finally {
    await server.close();
  }
});
