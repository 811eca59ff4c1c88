import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { whyNodeIsTooOld } from '../../src/kernel/node-version.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startRundum } from '../support/processes.ts';

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

/** Exit code and everything that was said. */
async function run(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: unknown; said: string }> {
  const rundum = startRundum(args, { RUNDUM_DATA_DIR: dataDir, LOG_LEVEL: 'silent', ...env });
  const code = await rundum.ended;
  return { code, said: rundum.output() };
}

function withUrl(change: (url: URL) => void): Record<string, string> {
  const url = new URL(database.url);
  change(url);
  return { DATABASE_URL: url.href };
}

test('a setting that makes no sense is one sentence and exit code 1', async () => {
  const { code, said } = await run(['start', '--port', 'http']);
  expect({ code, said }).toEqual({ code: 1, said: 'RUNDUM_PORT must be a port number (it is "http").' });
});

test('a database that nobody runs', async () => {
  const { code, said } = await run(['start'], { DATABASE_URL: 'postgres://app:hunter2@127.0.0.1:1/cdp' });
  expect(said).toMatch(/^No PostgreSQL answers at 127\.0\.0\.1:1\/cdp: is it running, and is DATABASE_URL right\? .*$/);
  expect(said).not.toContain('hunter2');
  expect(code).toBe(1);
});

test('a wrong password', async () => {
  const { code, said } = await run(
    ['migrate'],
    withUrl((url) => (url.password = 'wrong')),
  );
  expect(said).toMatch(/^PostgreSQL at \S+ refuses this user or password\. .*$/);
  expect(code).toBe(1);
});

test('a database that does not exist', async () => {
  const { code, said } = await run(
    ['migrate'],
    withUrl((url) => (url.pathname = '/nowhere')),
  );
  expect(said).toMatch(/^PostgreSQL has no database \S+\/nowhere: create it first\. .*$/);
  expect(code).toBe(1);
});

test('a user without rights', async () => {
  const name = database.pool.options.database;
  await database.pool.unsafe(`create role "${name}" login password 'x'`);
  const migrate = () =>
    run(
      ['migrate'],
      withUrl((url) => Object.assign(url, { username: name, password: 'x' })),
    );
  try {
    const { code, said } = await migrate();
    expect(said).toMatch(
      /^The user "\S+" may not create tables in the database at \S+: grant it CREATE on the schema "public"\.$/,
    );
    expect(code).toBe(1);
    await database.pool.unsafe(`grant create on schema public to "${name}"; alter schema bi rename to elsewhere`);
    expect(await migrate()).toMatchObject({ code: 1, said: expect.stringMatching(/may not create the schema "bi"/) });
  } finally {
    await database.pool.unsafe(`alter schema elsewhere rename to bi`).catch(() => {});
    await database.pool.unsafe(`revoke create on schema public from "${name}"; drop role "${name}"`);
  }
});

test('a port that is taken', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const { port } = squatter.address() as { port: number };
  const { code, said } = await run(['start', '--port', String(port)], { DATABASE_URL: database.url });
  squatter.close();
  expect(said).toBe(`Port ${port} on 127.0.0.1 is taken: stop what uses it, or set RUNDUM_PORT to another.`);
  expect(code).toBe(1);
});

test('doctor shows the settings without secrets, and finds a good database good', async () => {
  const secret = 'rundum_live_secret';
  const { code, said } = await run(['doctor'], { DATABASE_URL: database.url, RUNDUM_OWNER_KEY: secret });
  expect(said).toMatch(/^RUNDUM_PORT +4000 +default /m);
  expect(said).toMatch(/^ok +migrations +\d+ applied, none pending$/m);
  expect(said).not.toContain(secret);
  expect(said).not.toContain(new URL(database.url).password);
  // The test server does not sync, and doctor must say so.
  expect(said).toMatch(/^FAIL database .*acknowledged events can be lost in a crash$/m);
  expect(code).toBe(1);
});

test('migrate says what it applied, and that there was nothing left', async () => {
  const { code, said } = await run(['migrate'], { DATABASE_URL: database.url });
  expect({ code, said }).toEqual({ code: 0, said: 'The database was up to date.' });
});

test.each([
  ['20.20.2', false],
  ['22.14.0', false],
  ['22.15.0', true],
  ['24.0.0', true],
  ['26.1.0', true],
])('Node.js %s will do: %s', (version, will) => {
  expect(whyNodeIsTooOld(version) === undefined).toBe(will);
});
