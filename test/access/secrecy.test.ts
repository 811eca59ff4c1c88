import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatApiKey, parseApiKey } from '../../src/access/api-key.ts';
import { insertApiKey } from '../../src/access/api-keys.queries.ts';
import { Authenticator } from '../../src/access/authenticator.service.ts';
import { createKey, listKeys, revokeKey, rotateKey } from '../../src/access/keys.service.ts';
import { ensureOwnerKey } from '../../src/access/owner-key.service.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { contextWith, MovableClock, refusalOf, testPlatform } from './fixture.ts';

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'rundum-secrecy-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await database.close();
});

const secretOf = (text: string) => parseApiKey(text)!.secret;

/** As much of an error as a log, a crash report or a GraphQL response could show. */
const everythingIn = (error: unknown) => inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error);

test('no secret gets into the log, an error, a viewer, a list or the database, whatever happens to its key', async () => {
  const clock = new MovableClock();
  const platform = testPlatform(database.pool, clock);
  const admin = contextWith(platform, 'admin');
  const node = new Authenticator(platform);
  const seen: string[] = [];
  const attempt = async (text: string) => {
    seen.push(everythingIn(await node.authenticate(`Bearer ${text}`).catch((error: unknown) => error)));
    clock.move(1_000);
  };

  const key = await createKey(admin, { name: 'till', scopes: ['ingest'], expiresAt: new Date('2026-03-02T00:00:00Z') });
  const unknown = formatApiKey({ id: randomIds.uuid(), secret: `${'Xy7'.repeat(10)}Zz` });
  const owner = await ensureOwnerKey(platform, { file: join(folder, 'owner-key') });
  const preset = formatApiKey({ id: randomIds.uuid(), secret: `${'Ab9'.repeat(10)}Qq` });
  const secrets = [secretOf(key.text), secretOf(unknown), secretOf(owner.text!), secretOf(preset)];

  await attempt(key.text);
  await attempt(key.text.slice(0, -1));
  await attempt(`${key.text}x`);
  await attempt(unknown);
  clock.move(86_400_000);
  await attempt(key.text);
  const rotated = await createKey(admin, { name: 'partner', scopes: ['ingest'], allowedNetworks: ['10.0.0.0/8'] });
  const renewed = await rotateKey(admin, { id: rotated.row.id, overlapSeconds: 1 });
  secrets.push(secretOf(rotated.text), secretOf(renewed.text));
  await attempt(renewed.text);
  await attempt(rotated.text);
  await revokeKey(admin, key.row.id);
  await attempt(key.text);
  await node.refresh();

  await ensureOwnerKey(platform, { preset, file: join(folder, 'owner-key') });
  for (const wrong of [preset.slice(0, -1), key.text, formatApiKey({ id: key.row.id, secret: secretOf(unknown) })]) {
    seen.push(
      everythingIn(await refusalOf(ensureOwnerKey(platform, { preset: wrong, file: join(folder, 'owner-key') }))),
    );
  }
  // The same id again: PostgreSQL's own error tells the values that clash.
  const clash = await refusalOf(insertApiKey(database.pool, key.row));
  platform.log.error({ err: clash }, 'clash');
  seen.push(everythingIn(clash), JSON.stringify(await listKeys(admin, {}, (row) => row)));

  const rows = await database.pool<{ line: string }[]>`
    select api_keys::text as line from api_keys union all select audit_entries::text from audit_entries`;
  const stored = rows.map(({ line }) => line).join('\n');
  const everything = [...seen, ...platform.logged, stored].join('\n');
  // What was collected is really there: a scan of nothing finds nothing.
  for (const reason of [
    'MALFORMED',
    'UNKNOWN',
    'EXPIRED',
    'REVOKED',
    'ADDRESS',
    'ROTATED',
    'API key rotated',
    'api_keys_pkey',
    'API key created',
    'owner key made',
  ]) {
    expect(everything).toContain(reason);
  }
  for (const secret of secrets) {
    for (const form of [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64')]) {
      expect(everything).not.toContain(form);
      // Nor most of it: cut at either end, as messages often are.
      expect(everything).not.toContain(form.slice(0, 16));
      expect(everything).not.toContain(form.slice(-16));
    }
  }
});

test('an owner key file that can’t be read is told by its name, not by its content', async () => {
  const platform = testPlatform(database.pool, new MovableClock());
  const text = formatApiKey({ id: randomIds.uuid(), secret: `${'Kk3'.repeat(10)}Ww` });
  await writeFile(join(folder, 'plain'), text);
  const refusal = await refusalOf(ensureOwnerKey(platform, { file: join(folder, 'plain', 'owner-key') }));
  expect(refusal.message).toContain('plain');
  expect(everythingIn(refusal) + platform.logged.join()).not.toContain(secretOf(text));
});
