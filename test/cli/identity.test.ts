import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openIngest, touchpoint } from '../support/ingest.ts';
import { startRundum } from '../support/processes.ts';
import { readWorld } from '../support/world.ts';

let database: TestDatabase;
let dataDir: string;

beforeAll(async () => {
  database = await openTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'rundum-cli-'));
});
afterAll(async () => {
  await database.close();
  await rm(dataDir, { recursive: true });
});

async function rebuild(...options: string[]): Promise<{ code: unknown; said: string }> {
  const env = { RUNDUM_DATA_DIR: dataDir, LOG_LEVEL: 'silent', DATABASE_URL: database.url };
  const rundum = startRundum(['identity', 'rebuild', ...options], env);
  return { code: await rundum.ended, said: rundum.output() };
}

test('identity rebuild --verify finds damage and exits with 1, a rebuild mends it, and then there is none', async () => {
  const { ingest, ctx } = await openIngest(database.pool);
  const identifiers = [{ kind: 'email', value: 'ann@example.com' }];
  await ingest.submit(ctx, [touchpoint({ key: 'a', identifiers }), touchpoint({ key: 'b', identifiers })]);
  const before = await readWorld(database.pool);
  await database.pool`update customers set touchpoints = 7`;

  const damaged = await rebuild('--verify');
  expect(damaged.code).toBe(1);
  expect(damaged.said).toMatch(/customers\.touchpoints [0-9a-f-]{36}: 7 is stored, expected 2/);
  expect((await readWorld(database.pool)).customers).not.toEqual(before.customers);

  const counted = await rebuild('--verify', '--show', '0');
  expect(counted.said).not.toContain('is stored');
  expect(counted.said).toContain('1 difference.');

  expect((await rebuild()).code).toBe(0);
  expect(await readWorld(database.pool)).toEqual(before);

  const sound = await rebuild('--verify');
  expect(sound).toMatchObject({ code: 0, said: expect.stringContaining('everything is as the facts want it') });
});
