import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { formatApiKey, parseApiKey } from '../../src/access/api-key.ts';
import { Authenticator } from '../../src/access/authenticator.service.ts';
import { createKey, revokeKey, rotateKey, updateKey } from '../../src/access/keys.service.ts';
import { ensureOwnerKey } from '../../src/access/owner-key.service.ts';
import type { Context } from '../../src/kernel/context.ts';
import { randomIds, toPublicId } from '../../src/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { contextWith, holdFirstAnswer, MovableClock, refusalOf, testPlatform } from './fixture.ts';

let database: TestDatabase;
let clock: MovableClock;
/** An administrator on another node. */
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

const enter = (text: string, from?: string) => node.authenticate(`Bearer ${text}`, () => from);

async function makeKey(part = {}): Promise<{ id: string; text: string }> {
  const { row, text } = await createKey(admin, { name: 'partner', scopes: ['ingest'], ...part });
  return { id: row.id, text };
}

describe('rotating a key', () => {
  test('both secrets work until the overlap is over; from that very moment the former does not', async () => {
    const key = await makeKey();
    await enter(key.text);
    const next = await rotateKey(admin, { id: key.id, overlapSeconds: 60 });
    expect(parseApiKey(next.text)?.id).toBe(key.id);
    for (const text of [key.text, next.text]) expect(await enter(text)).toMatchObject({ keyId: key.id });
    clock.move(59_999);
    for (const text of [key.text, next.text]) expect(await enter(text)).toMatchObject({ keyId: key.id });
    clock.move(1);
    expect(await refusalOf(enter(key.text))).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringContaining('since 2026-03-01T12:01:00.000Z'),
      details: { reason: 'ROTATED' },
    });
    expect(await enter(next.text)).toMatchObject({ keyId: key.id });
  });

  test('the new secret is good at once on a node that remembers the former alone', async () => {
    const key = await makeKey();
    await enter(key.text);
    const next = await rotateKey(admin, { id: key.id });
    expect(await enter(next.text)).toMatchObject({ keyId: key.id });
  });

  test('lasts a day when nothing is said; without an overlap the former ends within a second', async () => {
    const key = await makeKey();
    const { row } = await rotateKey(admin, { id: key.id });
    expect(row.previousSecretUntil).toEqual(new Date('2026-03-02T12:00:00Z'));
    const other = await makeKey();
    await enter(other.text);
    await rotateKey(admin, { id: other.id, overlapSeconds: 0 });
    await node.refresh();
    expect(await refusalOf(enter(other.text))).toMatchObject({ details: { reason: 'ROTATED' } });
  });

  test('again ends the first secret at once: two work at most', async () => {
    const first = await makeKey();
    const second = await rotateKey(admin, { id: first.id });
    const third = await rotateKey(admin, { id: first.id });
    expect(await refusalOf(enter(first.text))).toMatchObject({ details: { reason: 'UNKNOWN' } });
    for (const { text } of [second, third]) expect(await enter(text)).toMatchObject({ keyId: first.id });
  });

  test('connections under the former secret end with it, those under the new one stay', async () => {
    const key = await makeKey();
    const [before, after] = [vi.fn(), vi.fn()];
    node.onEnd(await enter(key.text), before);
    const next = await rotateKey(admin, { id: key.id, overlapSeconds: 60 });
    node.onEnd(await enter(next.text), after);
    clock.move(59_999);
    await node.refresh();
    expect(before).not.toHaveBeenCalled();
    clock.move(1);
    await node.refresh();
    await node.refresh();
    expect(before).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ details: { reason: 'ROTATED' } }));
    expect(after).not.toHaveBeenCalled();
    await revokeKey(admin, key.id);
    await node.refresh();
    expect(after).toHaveBeenCalledOnce();
  });

  test('a connection under the new secret is not ended by a read that is older than the rotation', async () => {
    const key = await makeKey();
    const slow = holdFirstAnswer(database.pool, 'from api_keys where id');
    await enter(key.text);
    node = new Authenticator(testPlatform(slow.pool, clock));
    node.onEnd({ keyId: key.id, name: '', scopes: new Set() }, () => {});
    const poll = node.refresh();
    await slow.answered;
    const next = await rotateKey(admin, { id: key.id, overlapSeconds: 0 });
    const ended = vi.fn();
    node.onEnd(await enter(next.text), ended);
    slow.release();
    await poll;
    expect(ended).not.toHaveBeenCalled();
  });

  test('two at the same time leave two secrets that work: those of the two', async () => {
    const key = await makeKey();
    const rotated = await Promise.all([rotateKey(admin, { id: key.id }), rotateKey(admin, { id: key.id })]);
    for (const { text } of rotated) expect(await enter(text)).toMatchObject({ keyId: key.id });
    expect(await refusalOf(enter(key.text))).toMatchObject({ details: { reason: 'UNKNOWN' } });
  });

  test('a revocation that comes meanwhile wins', async () => {
    const key = await makeKey();
    await Promise.allSettled([rotateKey(admin, { id: key.id }), revokeKey(admin, key.id)]);
    expect(await refusalOf(enter(key.text))).toMatchObject({ details: { reason: 'REVOKED' } });
  });

  test('is refused for what would bring a dead key back, for the owner key, and beyond 30 days', async () => {
    const revoked = await makeKey();
    await revokeKey(admin, revoked.id);
    const expired = await makeKey({ expiresAt: new Date('2026-03-01T12:00:01Z') });
    clock.move(1_000);
    const owner = await ensureOwnerKey(admin, { file: `/tmp/rundum-owner-${randomIds.uuid()}` });
    const good = await makeKey();
    for (const [input, message] of [
      [{ id: revoked.id }, /works.*revoked/],
      [{ id: expired.id }, /works.*expired/],
      [{ id: owner.id }, /RUNDUM_OWNER_KEY/],
      [{ id: good.id, overlapSeconds: 2_592_001 }, /got 2592001/],
      [{ id: good.id, overlapSeconds: -1 }, /got -1/],
    ] as const) {
      expect(await refusalOf(rotateKey(admin, input))).toMatchObject({
        code: 'BAD_USER_INPUT',
        message: expect.stringMatching(message),
      });
    }
    expect(await refusalOf(rotateKey(admin, { id: randomIds.uuid() }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusalOf(rotateKey(contextWith(admin, 'ingest'), { id: good.id }))).toMatchObject({
      code: 'FORBIDDEN',
    });
  });

  test('is in the audit log, without the secret', async () => {
    const key = await makeKey();
    const { text } = await rotateKey(admin, { id: key.id, overlapSeconds: 1 });
    const [entry] = await database.pool`
      select action, detail from audit_entries where subject = ${toPublicId('key', key.id)} order by id desc limit 1`;
    expect(entry).toEqual({
      action: 'key.rotated',
      detail: { name: 'partner', previousSecretUntil: '2026-03-01T12:00:01.000Z' },
    });
    expect(JSON.stringify(entry)).not.toContain(parseApiKey(text)!.secret);
  });
});

describe('a key that is kept to some networks', () => {
  const allowedNetworks = ['203.0.113.0/24', '2001:db8::/32'];

  test('is let in from there, over IPv4 and IPv6, and from nowhere else', async () => {
    const { text } = await makeKey({ allowedNetworks });
    for (const from of ['203.0.113.9', '::ffff:203.0.113.9', '2001:db8::9'])
      expect(await enter(text, from)).toMatchObject({ name: 'partner' });
    expect(await refusalOf(enter(text, '203.0.114.9'))).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'This API key may not be used from 203.0.114.9.',
      details: { reason: 'ADDRESS' },
    });
    for (const from of ['2001:db9::9', 'unknown', undefined])
      expect(await refusalOf(enter(text, from))).toMatchObject({ details: { reason: 'ADDRESS' } });
    expect(await refusalOf(node.authenticate(`Bearer ${text}`))).toMatchObject({ details: { reason: 'ADDRESS' } });
  });

  test('tells nothing of its networks to who has not its secret', async () => {
    const { id } = await makeKey({ allowedNetworks });
    const forged = formatApiKey({ id, secret: 'a'.repeat(32) });
    expect(await refusalOf(enter(forged, '192.0.2.1'))).toMatchObject({ details: { reason: 'UNKNOWN' } });
  });

  test('that are changed: within a second it is let in from the new ones alone, and connections from others end', async () => {
    const key = await makeKey();
    const [inside, outside] = [vi.fn(), vi.fn()];
    node.onEnd(await enter(key.text, '203.0.113.9'), inside, () => '203.0.113.9');
    node.onEnd(await enter(key.text, '192.0.2.1'), outside, () => '192.0.2.1');
    await updateKey(admin, { id: key.id, allowedNetworks });
    await node.refresh();
    expect(inside).not.toHaveBeenCalled();
    expect(outside).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ details: { reason: 'ADDRESS' } }));
    expect(await refusalOf(enter(key.text, '192.0.2.1'))).toMatchObject({ details: { reason: 'ADDRESS' } });
    await updateKey(admin, { id: key.id, allowedNetworks: null });
    await node.refresh();
    expect(await enter(key.text, '192.0.2.1')).toMatchObject({ keyId: key.id });
  });
});

describe('changing a key', () => {
  test('leaves what is not given, and never touches what it allows', async () => {
    const expiresAt = new Date('2026-04-01T00:00:00Z');
    const { id } = await makeKey({ expiresAt, requestsPerMinute: 60, allowedNetworks: ['10.0.0.0/8'] });
    const row = await updateKey(admin, { id, name: 'renamed', requestsPerMinute: null, requestsPerDay: 5 });
    expect(row).toMatchObject({
      name: 'renamed',
      expiresAt,
      scopes: ['ingest'],
      allowedNetworks: ['10.0.0.0/8'],
      requestsPerMinute: null,
      requestsPerDay: 5,
    });
    const [entry] = await database.pool`
      select detail from audit_entries where action = 'key.updated' and subject = ${toPublicId('key', id)}`;
    expect(entry).toMatchObject({ detail: { name: 'renamed', requestsPerDay: 5 } });
  });

  test('checks what it is given, and needs the scope admin', async () => {
    const { id } = await makeKey();
    expect(await refusalOf(updateKey(admin, { id, requestsPerDay: 0 }))).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await refusalOf(updateKey(contextWith(admin, 'ingest'), { id }))).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('a key for tests', () => {
  test('says so in its text and to whoever serves it', async () => {
    const { text } = await makeKey({ test: true });
    expect(text).toMatch(/^rundum_test_[0-9A-Za-z]{60}$/);
    expect(await enter(text)).toMatchObject({ test: true });
    const { text: live } = await makeKey();
    expect((await enter(live)).test).toBeUndefined();
  });

  test('does not become another by a change of its text, with the right checksum', async () => {
    const parsed = parseApiKey((await makeKey({ test: true })).text)!;
    expect(await refusalOf(enter(formatApiKey({ ...parsed, test: false })))).toMatchObject({
      details: { reason: 'UNKNOWN' },
    });
  });

  test('stays one when it is rotated', async () => {
    const { id } = await makeKey({ test: true });
    expect(await enter((await rotateKey(admin, { id })).text)).toMatchObject({ test: true });
  });
});
