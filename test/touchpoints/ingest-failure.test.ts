import { afterAll, beforeAll, expect, test } from 'vitest';
import { failureKind } from '../../src/touchpoints/ingest-failure.ts';
import type { TouchpointsRecorded } from '../../src/touchpoints/touchpoints.events.ts';
import { refusalOf } from '../access/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openIngest, touchpoint } from '../support/ingest.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

test.each([
  ['40P01', 'RETRY'],
  ['08006', 'UNAVAILABLE'],
  ['25006', 'UNAVAILABLE'],
  ['53100', 'UNAVAILABLE'],
  ['57014', 'UNAVAILABLE'],
  ['57P01', 'UNAVAILABLE'],
  ['CONNECTION_CLOSED', 'UNAVAILABLE'],
  ['ECONNRESET', 'UNAVAILABLE'],
  ['22003', 'POISON'],
  ['23505', 'POISON'],
])('%s is %s', (code, kind) => {
  expect(failureKind(Object.assign(new Error('any'), { code }))).toBe(kind);
});

/** Answers how a call of ingest fails where `reaction` is part of its transaction, and what was quarantined. */
async function failWith(reaction: TouchpointsRecorded) {
  const { ingest, ctx } = await openIngest(database.pool, { reactions: [reaction] });
  const refusal = await refusalOf(ingest.submit(ctx, [touchpoint({ key: 'a' }), touchpoint({ key: 'b' })]));
  return { code: refusal.code, quarantined: (await database.pool`select from quarantine`).length };
}

const unavailable = { code: 'SERVICE_UNAVAILABLE', quarantined: 0 };

test('a server that only reads, after a failover, quarantines nothing', async () => {
  const readOnly: TouchpointsRecorded = async (tx) => {
    await tx`set transaction read only`;
    await tx`insert into quarantine select from quarantine`;
    return [];
  };
  expect(await failWith(readOnly)).toEqual(unavailable);
});

test('a statement that took too long quarantines nothing', async () => {
  const slow: TouchpointsRecorded = async (tx) => {
    await tx`set local statement_timeout = 5`;
    await tx`select pg_sleep(1)`;
    return [];
  };
  expect(await failWith(slow)).toEqual(unavailable);
});

test('a quarantine that cannot be written to is said to be the database’s fault', async () => {
  const poison: TouchpointsRecorded = async () => {
    throw new Error('cannot cope');
  };
  await database.pool`alter table quarantine rename to quarantine_away`;
  try {
    const { ingest, ctx } = await openIngest(database.pool, { reactions: [poison] });
    expect(await refusalOf(ingest.submit(ctx, [touchpoint({ key: 'a' })]))).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      details: { retryAfterMs: 1000 },
    });
  } finally {
    await database.pool`alter table quarantine_away rename to quarantine`;
  }
});
