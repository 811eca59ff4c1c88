import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool } from '../../src/kernel/connect.ts';
import { ensurePartitions, monthOf } from '../../src/touchpoints/partitions.queries.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openIngest, touchpoint } from '../support/ingest.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

async function partitionOf(messageId: string): Promise<string> {
  const [row] = await database.pool<{ name: string }[]>`
    select tableoid::regclass::text as name from touchpoints where message_id = ${messageId}`;
  return row!.name;
}

test('a touchpoint of any month finds a place, by the month in UTC', async () => {
  const { ingest, ctx } = await openIngest(database.pool);
  const places = {
    '1990-01-01T00:00:00Z': 'touchpoints_1990_01',
    '2024-02-29T23:59:59.999Z': 'touchpoints_2024_02',
    '2025-12-31T23:30:00-01:00': 'touchpoints_2026_01',
    '2026-01-01T00:30:00+01:00': 'touchpoints_2025_12',
    '2026-03-31T23:59:59.9999Z': 'touchpoints_2026_03',
  };
  const drafts = Object.keys(places).map((occurredAt) => touchpoint({ messageId: occurredAt, occurredAt }));
  expect((await ingest.submit(ctx, drafts)).map(({ status }) => status)).toEqual(drafts.map(() => 'STORED'));
  for (const [messageId, place] of Object.entries(places)) expect(await partitionOf(messageId)).toBe(place);
});

test('two nodes that need the same new months at once make each of them once', async () => {
  const pools = [createPool(database.url, { max: 2 }), createPool(database.url, { max: 2 })];
  const nodes = await Promise.all(pools.map((pool) => openIngest(pool)));
  for (let year = 1991; year < 2001; year += 1) {
    const submitted = nodes.map(({ ingest, ctx }) => {
      const months = [`${year}-05-05T00:00:00Z`, `${year}-11-05T00:00:00Z`];
      return ingest.submit(
        ctx,
        months.map((occurredAt) => touchpoint({ occurredAt })),
      );
    });
    expect((await Promise.all(submitted)).flat().map(({ status }) => status)).toEqual(Array(4).fill('STORED'));
  }
  await Promise.all(pools.map((pool) => pool.end()));
});

test('a partition that was taken away is made again', async () => {
  const { ingest, ctx } = await openIngest(database.pool);
  const draft = () => touchpoint({ occurredAt: '2015-06-01T00:00:00Z' });
  await ingest.submit(ctx, [draft()]);
  await database.pool`drop table touchpoints_2015_06`;
  expect(await ingest.submit(ctx, [draft()])).toMatchObject([{ status: 'STORED' }]);
});

test('a new partition has the indexes of the table', async () => {
  await ensurePartitions(database.pool, ['2011-11']);
  const indexes = (table: string) => database.pool`
    select string_agg(pg_get_indexdef(indexrelid, 0, true), ' ' order by indnatts, indisprimary) as text
    from pg_index where indrelid = ${table}::regclass`;
  const [[made], [parent]] = await Promise.all([indexes('touchpoints_2011_11'), indexes('touchpoints')]);
  const columns = (text: string) => text.match(/\([^)]*\)/g);
  expect(columns(made!.text)).toEqual(columns(parent!.text));
  expect(columns(made!.text)).toEqual(expect.arrayContaining(['(record_id, occurred_at, id)', '(occurred_at, id)']));
});

test('making partitions lets others read and write meanwhile', async () => {
  await ensurePartitions(database.pool, ['2012-01']);
  await database.pool.begin(async (tx) => {
    await tx`select from touchpoints limit 1`;
    await tx`insert into touchpoints (record_id, occurred_at, id, received_at, source, message_id, type, channel, direction)
             values (gen_random_uuid(), '2012-01-05', gen_random_uuid(), now(), 's', 'm', 't', 'WEB', 'INBOUND')`;
    const other = createPool(database.url, { max: 1 });
    await other`set lock_timeout = '2s'`;
    await ensurePartitions(other, ['2012-02']);
    await other.end();
  });
  expect(monthOf(new Date('2012-02-29T23:59:59.999Z'))).toBe('2012-02');
});
