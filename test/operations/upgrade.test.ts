import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RebuildReport } from '../../src/cli/rebuild-report.ts';
import { Retailer } from '../../src/demo/retailer/retailer.ts';
import { defaultRules } from '../../src/identity/rules.ts';
import { copyIn, copyOut, hasRows, listTables, type TableShape } from '../../src/kernel/backup/backup.queries.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { migrate } from '../../src/kernel/migrate.ts';
import { verifyFacts } from '../../src/kpis/facts/facts-verifier.service.ts';
import { recordFacts } from '../../src/kpis/facts/record-facts.service.ts';
import { rebuildIdentity } from '../../src/server/identity-rebuild.ts';
import { ensurePartitions } from '../../src/touchpoints/partitions.queries.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type IngestFixture, openIngest, touchpoint } from '../support/ingest.ts';
import { expectRebuildable } from '../support/rebuild.ts';
import { readWorld } from '../support/world.ts';

/** The schema of the first release. */
const first = '0000_initial';
const now = new Date('2026-11-01T12:00:00Z');

let today: TestDatabase;
let upgraded: TestDatabase;
let node: IngestFixture;
let copied: string[];

/** A database as the first release left it: its schema, with what that schema can hold of a world. */
async function fillOldSchema(): Promise<void> {
  await upgraded.pool`drop schema public cascade`;
  await upgraded.pool`create schema public`;
  await migrate(upgraded.pool, { names: [first] });
  await ensurePartitions(upgraded.pool, monthsBefore(now, 20));
  copied = [];
  for (const shape of await listTables(upgraded.pool)) {
    await upgraded.pool`delete from ${upgraded.pool(shape.name)}`;
    if (!(await hasRows(today.pool, shape.name))) continue;
    await copy(shape);
    copied.push(shape.name);
  }
}

/** From today's table, as far as the old one has its columns. */
async function copy(shape: TableShape): Promise<void> {
  await today.pool.begin((from) =>
    upgraded.pool.begin(async (to) => pipeline(await copyOut(from, shape), await copyIn(to, shape))),
  );
}

function monthsBefore(instant: Date, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    new Date(Date.UTC(instant.getUTCFullYear(), instant.getUTCMonth() - index, 1)).toISOString().slice(0, 7),
  );
}

beforeAll(async () => {
  [today, upgraded] = await Promise.all([openTestDatabase(), openTestDatabase()]);
  node = await openIngest(today.pool, { reactions: [recordFacts(randomIds)] });
  const retailer = new Retailer({ seed: 'upgrade', customers: 30, now });
  const drafts = [...retailer.history()].map(({ draft }) => draft);
  for (let at = 0; at < drafts.length; at += 500) await node.ingest.submit(node.ctx, drafts.slice(at, at + 500));
  await fillOldSchema();
  await migrate(upgraded.pool);
}, 180_000);
afterAll(() => Promise.all([today.close(), upgraded.close()]));

test('the database of the first release had everything in it that its schema can hold', () => {
  expect(copied).toEqual(
    expect.arrayContaining([
      'records',
      'identifiers',
      'claims',
      'record_traits',
      'customers',
      'touchpoints',
      'receipts',
      'changes',
    ]),
  );
});

test('after an upgrade from the first release people, customers and touchpoints are what they were', async () => {
  expect(await readWorld(upgraded.pool)).toEqual(await readWorld(today.pool));
});

test('the one list that the first release did not keep, of refused evidence, is made by a rebuild', async () => {
  const after = await openIngest(upgraded.pool);
  const report = new RebuildReport(50);
  await rebuildIdentity(after.ctx, report, { verify: false, timeZone: 'Europe/Zurich' }).finally(() => report.stop());
  await expectRebuildable(upgraded.pool, defaultRules);
  expect(await readWorld(upgraded.pool)).toEqual(await readWorld(today.pool));
});

test('what later releases derive from touchpoints is there for those that came before them', async () => {
  const facts = await verifyFacts(upgraded.pool);
  expect(facts).toEqual(await verifyFacts(today.pool));
  const count = async ({ pool }: TestDatabase) => {
    const [row] = await pool<{ purchases: number; touchpoints: number }[]>`
      select (select count(*)::int from purchases) as purchases,
             (select sum(touchpoints)::int from (select touchpoints from metric_cells union all select touchpoints from metric_cell_changes) as c) as touchpoints`;
    return row!;
  };
  expect(await count(upgraded)).toEqual(await count(today));
  expect((await count(upgraded)).purchases).toBeGreaterThan(20);
});

test('what was sent before the upgrade is a duplicate after it, and known people stay known', async () => {
  const [{ messageId, source, key } = {} as never] = await today.pool<
    { messageId: string; source: string; key: string }[]
  >`
    select t.message_id as "messageId", t.source, r.key from touchpoints t join records r on r.id = t.record_id
    where r.customer_id is not null order by t.id limit 1`;
  const after = await openIngest(upgraded.pool);
  const [conflict, next] = await after.ingest.submit(after.ctx, [
    touchpoint({ messageId, source, key, type: 'another.body' }),
    touchpoint({ source, key }),
  ]);
  expect(conflict!.status).toBe('CONFLICT');
  expect(next).toMatchObject({ status: 'STORED', customerId: conflict!.customerId });
});
