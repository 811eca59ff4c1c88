import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startRundum } from '../support/processes.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { temporaryFolder } from './import-support.ts';

const nowhere = 'postgres://nobody@127.0.0.1:1/none';
const mapping = {
  source: 'shop',
  group: { by: '{order}' },
  messageId: 'order-{order}',
  key: '{customer}',
  type: 'order.completed',
  occurredAt: { value: '{at}' },
  lines: { sku: '{sku}', quantity: '1', price: '{price}' },
  value: { sum: 'lines', currency: 'EUR' },
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let map: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  map = await folder.file(JSON.stringify(mapping), 'map.json');
});
afterAll(() => folder.remove());

function orders(count: number, linesEach = 1): string {
  const rows = Array.from({ length: count * linesEach }, (_, at) => {
    const order = Math.floor(at / linesEach);
    return `${order},c${order % 7},2026-03-0${1 + (order % 9)},sku-${'x'.repeat(30)}-${at},0.50\n`;
  });
  return `order,customer,at,sku,price\n${rows.join('')}`;
}

/** Runs `rundum import` in a process of its own. */
function run(databaseUrl: string, ...args: string[]) {
  const env = { DATABASE_URL: databaseUrl, RUNDUM_DATA_DIR: folder.path('data') };
  return startRundum(['import', ...args, '--map', map], env);
}

async function stored({ pool }: TestDatabase) {
  const [row] = await pool`
    select count(*)::int as touchpoints, count(distinct message_id)::int as messages, sum(value_minor)::text as cents from touchpoints`;
  return row;
}

// Every run is a process that loads the whole command line: seconds on a busy machine.
describe('rundum import', { timeout: 60_000 }, () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  it('--dry-run needs no database, shows what would be stored, and says by its exit code that a row would not', async () => {
    const file = await folder.file(`${orders(5)}9,c1,tomorrow,s,1\n`);
    const command = run(nowhere, file, '--dry-run');
    expect(await command.ended).toBe(2);
    expect(command.output()).toMatch(/line 2: \{\s+"messageId": "order-0"/);
    expect(command.output()).toMatch(/line 7: OCCURRED_AT_INVALID: .*"tomorrow"/);
    expect(command.output()).toMatch(
      /6 rows checked[\s\S]* 5 {2}touchpoints without a fault[\s\S]* 1 {2}rows not imported/,
    );
  });

  it('says in words what it can’t do, with exit code 1', async () => {
    const unreachable = run(nowhere, await folder.file(orders(1)));
    expect(await unreachable.ended).toBe(1);
    expect(unreachable.output()).not.toContain('bug');
    const missing = run(nowhere, folder.path('missing.csv'), '--dry-run');
    expect(await missing.ended).toBe(1);
    expect(missing.output()).toMatch(/^Can't read .*missing\.csv: ENOENT/m);
    const unfit = run(nowhere, await folder.file('a,b\n1,2\n'), '--dry-run');
    expect(await unfit.ended).toBe(1);
    expect(unfit.output()).toMatch(/^The mapping doesn't fit the file:[\s\S]*key: the file has no column "customer"/m);
  });

  it('killed with SIGKILL goes on where it was and stores everything once', async () => {
    const file = await folder.file(orders(1500));
    const killed = run(database.url, file, '--batch', '5');
    while ((await database.pool`select 1 from imports where rows_done > 50`).length === 0) await wait(10);
    expect(await killed.kill('SIGKILL')).toBe('SIGKILL');
    const { touchpoints } = (await stored(database))!;
    expect(touchpoints).toBeLessThan(1500);

    const resumed = run(database.url, file);
    expect(await resumed.ended).toBe(0);
    expect(resumed.output()).toMatch(/Going on after \d+ rows of an earlier run/);
    expect(await stored(database)).toEqual({ touchpoints: 1500, messages: 1500, cents: '75000' });

    const again = run(database.url, file);
    expect(await again.ended).toBe(0);
    expect(again.output()).toMatch(/ 1,500 {2}touchpoints that were stored before \(duplicates\)/);
    expect(await stored(database)).toEqual({ touchpoints: 1500, messages: 1500, cents: '75000' });
  });
});

describe('rundum import --url', { timeout: 60_000 }, () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  it('goes through the API in calls that a server takes, however large the batch', async () => {
    const file = await folder.file(orders(60, 400));
    const report = folder.path('remote.ndjson');
    const command = run(
      nowhere,
      file,
      '--url',
      server.url,
      '--key',
      server.ownerKey,
      '--batch',
      '1000',
      '--report',
      report,
    );
    expect([await command.ended, command.output()]).toEqual([0, expect.stringMatching(/ 60 {2}touchpoints stored/)]);
    expect(await stored(server.database)).toEqual({ touchpoints: 60, messages: 60, cents: '1200000' });
    expect(await readFile(report, 'utf8')).toBe('');

    const again = run(nowhere, file, '--url', server.url, '--key', server.ownerKey);
    expect([await again.ended, again.output()]).toEqual([
      0,
      expect.stringMatching(/ 60 {2}touchpoints that were stored before/),
    ]);
  });

  it('says what is wrong with key or address', async () => {
    const file = await folder.file(orders(1));
    const keyless = run(nowhere, file, '--url', server.url);
    expect([await keyless.ended, keyless.output()]).toEqual([1, expect.stringContaining('--url needs --key')]);
    const stranger = run(nowhere, file, '--url', server.url, '--key', 'rundum_live_none');
    expect(await stranger.ended).toBe(1);
    expect(stranger.output()).not.toContain('bug');
  });
});
