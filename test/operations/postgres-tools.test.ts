import { execFile } from 'node:child_process';
import { access, appendFile, chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Retailer } from '../../src/demo/retailer/retailer.ts';
import { defaultRules } from '../../src/identity/rules.ts';
import { createPool } from '../../src/kernel/connect.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { migrate } from '../../src/kernel/migrate.ts';
import { type Account, postgresAccount } from '../../src/kernel/postgres-binaries.ts';
import { type RunningPostgres, startPostgres } from '../../src/kernel/postgres-cluster.ts';
import { verifyFacts } from '../../src/kpis/facts/facts-verifier.service.ts';
import { recordFacts } from '../../src/kpis/facts/record-facts.service.ts';
import { openIngest } from '../support/ingest.ts';
import { expectRebuildable } from '../support/rebuild.ts';
import { readWorld } from '../support/world.ts';

const needed = ['initdb', 'postgres', 'pg_dump', 'pg_restore', 'createdb', 'pg_basebackup'];

/** Where a machine has a whole PostgreSQL, tools and server of one version. The embedded one comes without its tools. */
async function findTools(): Promise<string | undefined> {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch(() => [] as string[]);
  for (const folder of versions
    .sort()
    .reverse()
    .map((version) => join(root, version, 'bin'))) {
    const found = await Promise.all(
      needed.map((tool) =>
        access(join(folder, tool)).then(
          () => true,
          () => false,
        ),
      ),
    );
    if (found.every(Boolean)) return folder;
  }
  return undefined;
}

const tools = await findTools();
if (!tools) console.log(`Skipped: this machine has no PostgreSQL with ${needed.join(', ')} below /usr/lib/postgresql.`);

describe.skipIf(!tools)("PostgreSQL's own tools", () => {
  let folder: string;
  let account: Account | undefined;
  let postgres: RunningPostgres;
  let pool: Pool;

  const urlOf = (server: RunningPostgres, database: string) => `postgres://rundum@127.0.0.1:${server.port}/${database}`;

  async function run(tool: string, ...args: string[]): Promise<void> {
    await promisify(execFile)(join(tools!, tool), args, { cwd: '/', uid: account?.uid, gid: account?.gid });
  }

  function start(name: string): Promise<RunningPostgres> {
    const binaries = { initdb: join(tools!, 'initdb'), postgres: join(tools!, 'postgres') };
    const cluster = { folder: join(folder, name), logFile: join(folder, `${name}.log`), binaries, account };
    const settings = { fsync: 'off', log_min_messages: 'fatal' };
    return startPostgres(cluster, { port: 0, settings, throwAway: folder });
  }

  beforeAll(async () => {
    account = await postgresAccount();
    folder = await mkdtemp(join(tmpdir(), 'rundum-tools-'));
    if (account) await chown(folder, account.uid, account.gid);
    const options = ['--username=rundum', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
    await run('initdb', `--pgdata=${join(folder, 'first')}`, ...options);
    await appendFile(join(folder, 'first', 'postgresql.conf'), "\ninclude = 'rundum.conf'\n");
    postgres = await start('first');
    await run('createdb', '--template=template0', '--dbname', urlOf(postgres, 'postgres'), 'rundum_live').catch(() =>
      run(
        'createdb',
        '-h',
        '127.0.0.1',
        '-p',
        String(postgres.port),
        '-U',
        'rundum',
        '--template=template0',
        'rundum_live',
      ),
    );
    pool = createPool(urlOf(postgres, 'rundum_live'));
    await migrate(pool);
    const now = new Date('2026-11-01T12:00:00Z');
    const node = await openIngest(pool, { reactions: [recordFacts(randomIds)] });
    const retailer = new Retailer({ seed: 'tools', customers: 15, now });
    const drafts = [...retailer.history()].map(({ draft }) => draft);
    for (let at = 0; at < drafts.length; at += 500) await node.ingest.submit(node.ctx, drafts.slice(at, at + 500));
  }, 120_000);

  afterAll(async () => {
    await pool?.end({ timeout: 5 });
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function expectSame(url: string): Promise<void> {
    const copy = createPool(url);
    try {
      expect(await readWorld(copy)).toEqual(await readWorld(pool));
      await expectRebuildable(copy, defaultRules);
      expect(await verifyFacts(copy)).toEqual(await verifyFacts(pool));
      expect(await migrate(copy)).toEqual([]);
    } finally {
      await copy.end({ timeout: 5 });
    }
  }

  test('pg_dump and pg_restore give the same platform', async () => {
    const dump = join(folder, 'rundum.dump');
    await run('pg_dump', '--format=custom', `--file=${dump}`, urlOf(postgres, 'rundum_live'));
    await pool`create database rundum_restored template template0`;
    const restored = urlOf(postgres, 'rundum_restored');
    await run('pg_restore', '--exit-on-error', '--no-owner', `--dbname=${restored}`, dump);
    await expectSame(restored);
  });

  test('a base backup, taken while the server runs, starts as the same platform', async () => {
    const copy = join(folder, 'copy');
    await run(
      'pg_basebackup',
      `--pgdata=${copy}`,
      '--wal-method=stream',
      '--checkpoint=fast',
      '--no-sync',
      '--dbname',
      urlOf(postgres, 'postgres'),
    );
    const second = await start('copy');
    try {
      await expectSame(urlOf(second, 'rundum_live'));
    } finally {
      await second.stop();
    }
  });
});
