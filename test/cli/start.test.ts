import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startRundum } from '../support/processes.ts';

let database: TestDatabase;
let dataDir: string;

beforeAll(async () => {
  database = await openTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'rundum-start-'));
});
afterAll(async () => {
  await database.close();
  await rm(dataDir, { recursive: true });
});

test('a signal that arrives twice, as npm and the terminal send it, still lets the server finish', async () => {
  const server = startRundum(['start', '--port', '0'], {
    DATABASE_URL: database.url,
    RUNDUM_DATA_DIR: dataDir,
  });
  await server.line(/"listening"/);
  server.child.kill('SIGTERM');
  expect(await server.kill('SIGTERM')).toBe(0);
  expect(server.output()).toContain('"stopped"');
});

test('a signal during the start ends the server as soon as it has started', async () => {
  const server = startRundum(['start', '--port', '0'], {
    DATABASE_URL: database.url,
    RUNDUM_DATA_DIR: dataDir,
  });
  await server.line(/"Server listening/);
  expect(await server.kill('SIGINT')).toBe(0);
});

test('the owner key of a first start is shown beside the log, and not in it', async () => {
  const own = await openTestDatabase();
  const server = startRundum(['start', '--port', '0'], {
    DATABASE_URL: own.url,
    RUNDUM_DATA_DIR: dataDir,
  });
  await server.line(/^ {2}rundum_live_\w+$/);
  await server.kill('SIGTERM');
  await own.close();
  expect(server.output().match(/rundum_live_/g)).toHaveLength(1);
});
