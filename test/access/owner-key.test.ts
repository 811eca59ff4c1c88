import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { formatApiKey } from '../../src/access/api-key.ts';
import { Authenticator } from '../../src/access/authenticator.service.ts';
import { createKey, listKeys, revokeKey } from '../../src/access/keys.service.ts';
import { newApiKey } from '../../src/access/new-api-key.ts';
import { ensureOwnerKey } from '../../src/access/owner-key.service.ts';
import { createPool } from '../../src/kernel/connect.ts';
import type { Context } from '../../src/kernel/context.ts';
import { randomIds, toPublicId } from '../../src/kernel/ids.ts';
import { StartupError } from '../../src/kernel/startup-error.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { contextWith, MovableClock, refusalOf, testPlatform } from './fixture.ts';

let database: TestDatabase;
let folder: string;
let file: string;
let admin: Context;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rundum-owner-'));
  file = join(folder, 'data', 'owner-key');
  await database.pool`delete from api_keys`;
  admin = contextWith(testPlatform(database.pool, new MovableClock()), 'admin');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function letsIn(text: string | undefined): Promise<boolean> {
  return new Authenticator(admin).authenticate(`Bearer ${text}`).then(
    (viewer) => viewer.scopes.has('admin'),
    () => false,
  );
}

async function activeOwners(): Promise<string[]> {
  const { nodes } = await listKeys(admin, {}, (row) => row);
  return nodes.filter((row) => row.owner && !row.revokedAt).map((row) => row.id);
}

const wellFormedKey = () => formatApiKey(newApiKey(randomIds));

describe('without a preset', () => {
  test('the first start makes a key with every right, in a file for the owner’s eyes only', async () => {
    const owner = await ensureOwnerKey(admin, { file });
    expect(owner.made).toBe(true);
    expect(await letsIn(owner.text)).toBe(true);
    expect(await readFile(file, 'utf8')).toBe(`${owner.text}\n`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('the next start keeps it and finds it in the file', async () => {
    const first = await ensureOwnerKey(admin, { file });
    expect(await ensureOwnerKey(admin, { file })).toEqual({ id: first.id, text: first.text, made: false });
    expect(await activeOwners()).toEqual([first.id]);
  });

  test('another machine, or one that lost the file, keeps it without knowing it', async () => {
    const { id } = await ensureOwnerKey(admin, { file });
    await rm(file);
    expect(await ensureOwnerKey(admin, { file })).toEqual({ id, text: undefined, made: false });
  });

  test('a file from another database, or full of rubbish, is not taken for the key', async () => {
    const { id } = await ensureOwnerKey(admin, { file });
    for (const text of [wellFormedKey(), 'rubbish', '']) {
      await writeFile(file, text);
      expect(await ensureOwnerKey(admin, { file })).toEqual({ id, text: undefined, made: false });
    }
  });

  test('a file left behind by a start that crashed before its commit is replaced, readable by others or not', async () => {
    await ensureOwnerKey(admin, { file });
    await database.pool`delete from api_keys`;
    await rm(file);
    await writeFile(file, wellFormedKey(), { mode: 0o644 });
    await writeFile(`${file}.new`, 'half', { mode: 0o644 });
    const owner = await ensureOwnerKey(admin, { file });
    expect(owner.made).toBe(true);
    expect(await readFile(file, 'utf8')).toBe(`${owner.text}\n`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('when the file can’t be written there is no key either, and the next start tries again', async () => {
    await writeFile(join(folder, 'data'), 'a file where the folder should be');
    const refusal = await refusalOf(ensureOwnerKey(admin, { file }));
    expect(refusal).toBeInstanceOf(StartupError);
    expect(refusal.message).toMatch(/^The owner key file .*owner-key can't be written: E/);
    expect(await activeOwners()).toEqual([]);
    await rm(join(folder, 'data'));
    expect((await ensureOwnerKey(admin, { file })).made).toBe(true);
  });

  test('a file that can’t be read stops the start with a sentence', async () => {
    await ensureOwnerKey(admin, { file });
    await rm(file);
    await mkdir(file);
    const refusal = await refusalOf(ensureOwnerKey(admin, { file }));
    expect(refusal).toBeInstanceOf(StartupError);
    expect(refusal.message).toMatch(/^The owner key file .*owner-key can't be read: EISDIR/);
  });

  test('who revoked the owner key gets another at the next start', async () => {
    const first = await ensureOwnerKey(admin, { file });
    await revokeKey(admin, first.id);
    const second = await ensureOwnerKey(admin, { file });
    expect(second).toMatchObject({ made: true });
    expect(await letsIn(first.text)).toBe(false);
    expect(await letsIn(second.text)).toBe(true);
  });

  test('nodes that start at the same moment make one, twenty times', async () => {
    const pools = Array.from({ length: 4 }, () => createPool(database.url, { max: 1 }));
    for (let round = 0; round < 20; round++) {
      await database.pool`delete from api_keys`;
      const starts = pools.map((pool, at) =>
        ensureOwnerKey({ ...admin, pool }, { file: join(folder, `node-${round}-${at}`, 'owner-key') }),
      );
      const owners = await Promise.all(starts);
      expect(new Set(owners.map((owner) => owner.id)).size).toBe(1);
      expect(owners.filter((owner) => owner.made)).toHaveLength(1);
      expect(await activeOwners()).toHaveLength(1);
    }
    await Promise.all(pools.map((pool) => pool.end()));
  });
});

describe('with a preset', () => {
  test('the preset is the owner key, and is not written to disk', async () => {
    const preset = wellFormedKey();
    expect(await ensureOwnerKey(admin, { preset: ` ${preset}\n`, file })).toMatchObject({ text: preset, made: true });
    expect(await letsIn(preset)).toBe(true);
    await expect(stat(file)).rejects.toThrow('ENOENT');
  });

  test('the same preset again changes nothing', async () => {
    const preset = wellFormedKey();
    const { id } = await ensureOwnerKey(admin, { preset, file });
    expect(await ensureOwnerKey(admin, { preset, file })).toEqual({ id, text: preset, made: false });
    expect(await activeOwners()).toEqual([id]);
  });

  test('changing it revokes the old owner key, and no other', async () => {
    const made = await ensureOwnerKey(admin, { file });
    const till = await createKey(admin, { name: 'till', scopes: ['admin'] });
    const presets = [wellFormedKey(), wellFormedKey()];
    for (const preset of presets) await ensureOwnerKey(admin, { preset, file });
    expect(await letsIn(made.text)).toBe(false);
    expect(await letsIn(presets[0])).toBe(false);
    expect(await letsIn(presets[1])).toBe(true);
    expect(await letsIn(till.text)).toBe(true);
    const acts =
      await database.pool`select action, actor from audit_entries where subject = ${toPublicId('key', made.id)} order by id`;
    expect(acts).toEqual([
      { action: 'key.created', actor: 'operator' },
      { action: 'key.revoked', actor: 'operator' },
    ]);
  });

  test('a file that it made worthless is removed, one that holds it is not', async () => {
    const made = await ensureOwnerKey(admin, { file });
    await ensureOwnerKey(admin, { preset: made.text, file });
    expect(await readFile(file, 'utf8')).toBe(`${made.text}\n`);
    await ensureOwnerKey(admin, { preset: wellFormedKey(), file });
    await expect(stat(file)).rejects.toThrow('ENOENT');
  });

  test('taking the preset away keeps its key', async () => {
    const preset = wellFormedKey();
    const { id } = await ensureOwnerKey(admin, { preset, file });
    expect(await ensureOwnerKey(admin, { file })).toEqual({ id, text: undefined, made: false });
    expect(await letsIn(preset)).toBe(true);
  });

  test('nodes that start together with one preset agree on it', async () => {
    const pools = Array.from({ length: 4 }, () => createPool(database.url, { max: 1 }));
    const preset = wellFormedKey();
    const owners = await Promise.all(pools.map((pool) => ensureOwnerKey({ ...admin, pool }, { preset, file })));
    await Promise.all(pools.map((pool) => pool.end()));
    expect(owners.filter((owner) => owner.made)).toHaveLength(1);
    expect(await letsIn(preset)).toBe(true);
  });
});

describe('a preset that can’t be used stops the start, changes nothing, and is not repeated', () => {
  async function expectRefused(preset: string, message: RegExp): Promise<void> {
    const before = await activeOwners();
    const refusal = await refusalOf(ensureOwnerKey(admin, { preset, file }));
    expect(refusal).toBeInstanceOf(StartupError);
    expect(refusal.message).toMatch(message);
    expect(refusal.message).not.toContain(preset);
    expect(await activeOwners()).toEqual(before);
  }

  test.each(['hunter2', 'rundum_live_hunter2', wellFormedKey().slice(0, -1), '   '])(
    'not a key: %j',
    async (preset) => {
      await ensureOwnerKey(admin, { file });
      await expectRefused(preset, /^RUNDUM_OWNER_KEY is not a whole API key/);
    },
  );

  test('a key that was revoked: a restart must not bring it back', async () => {
    const preset = wellFormedKey();
    const { id } = await ensureOwnerKey(admin, { preset, file });
    await revokeKey(admin, id);
    await expectRefused(preset, /was revoked at 2026-03-01T12:00:00.000Z/);
    expect(await letsIn(preset)).toBe(false);
  });

  test('a key that was made for something else, or another secret under its id', async () => {
    const till = await createKey(admin, { name: 'till', scopes: ['ingest'] });
    await expectRefused(till.text, /has the id of another API key, key_/);
    const owner = await ensureOwnerKey(admin, { file });
    await expectRefused(formatApiKey({ id: owner.id, secret: 'a'.repeat(32) }), /has the id of another API key, key_/);
    expect(await letsIn(owner.text)).toBe(true);
  });
});
