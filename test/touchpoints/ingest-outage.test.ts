import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool } from '../../src/kernel/connect.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { refusalOf } from '../access/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Doorway, openDoorway } from '../support/doorway.ts';
import { openIngest, touchpoint } from '../support/ingest.ts';
import { openGate } from '../support/locks.ts';

let database: TestDatabase;
let doorway: Doorway;
let pool: Pool;

beforeAll(async () => {
  database = await openTestDatabase();
  doorway = await openDoorway(database.url);
  pool = createPool(doorway.url, { max: 2 });
});
afterAll(async () => {
  await pool.end({ timeout: 1 });
  await doorway.shut();
  await database.close();
});

async function storedTimes(messageId: string): Promise<number> {
  const [row] = await database.pool<{ stored: number }[]>`
    select count(*)::int as stored from touchpoints where message_id = ${messageId}`;
  return row!.stored;
}

test('a database out of reach is said to be so, quarantines nothing, and the same call succeeds when it is back', async () => {
  const { ingest, ctx } = await openIngest(pool);
  const call = [touchpoint({ messageId: 'away', key: 'k' }), touchpoint({ key: 'k' })];
  await doorway.shut();
  expect(await refusalOf(ingest.submit(ctx, call))).toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    details: { retryAfterMs: 1000 },
  });
  await doorway.open();
  expect((await ingest.submit(ctx, call)).map(({ status }) => status)).toEqual(['STORED', 'STORED']);
  expect(await storedTimes('away')).toBe(1);
  expect(await database.pool`select from quarantine`).toHaveLength(0);
});

test('a full queue refuses a call whole, takes it when there is room, and stores everything that it took', async () => {
  const gate = openGate();
  const { ingest, ctx } = await openIngest(pool, { reactions: [gate.reaction], maximumQueued: 3 });
  const first = ingest.submit(ctx, [touchpoint({ key: 'k' })]);
  await gate.reached;
  const waiting = ingest.submit(ctx, [touchpoint({ key: 'k' }), touchpoint({ key: 'k' }), touchpoint({ key: 'k' })]);
  const refused = [touchpoint({ messageId: 'refused', key: 'k' })];
  expect(await refusalOf(ingest.submit(ctx, refused))).toMatchObject({
    code: 'OVERLOADED',
    details: { retryAfterMs: 500 },
  });
  expect(ingest.queued).toBe(3);
  const drained = ingest.drained();
  gate.open();
  expect((await Promise.all([first, waiting])).flat().map(({ status }) => status)).toEqual(Array(4).fill('STORED'));
  await drained;
  expect(await storedTimes('refused')).toBe(0);
  expect(await ingest.submit(ctx, refused)).toMatchObject([{ status: 'STORED' }]);
});
