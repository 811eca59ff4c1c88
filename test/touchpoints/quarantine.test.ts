import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { toPublicId } from '../../src/kernel/ids.ts';
import { countWaiting, listQuarantined, replayQuarantined } from '../../src/touchpoints/quarantine.service.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import type { TouchpointsRecorded } from '../../src/touchpoints/touchpoints.events.ts';
import { contextWith, MovableClock } from '../access/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type IngestFixture, openIngest, touchpoint } from '../support/ingest.ts';
import { emptyWorld, readWorld } from '../support/world.ts';

let database: TestDatabase;
let fixture: IngestFixture;
let clock: MovableClock;
/** Batches that got as far as the reactions. */
let batches: number;
let isMended: boolean;

/** An upper module that cannot cope with touchpoints of one type. */
const allergic: TouchpointsRecorded = async (_tx, batch) => {
  batches += 1;
  if (!isMended && batch.touchpoints.some(({ type }) => type === 'poison')) throw new Error('cannot cope');
  return [];
};

beforeAll(async () => {
  database = await openTestDatabase();
});
beforeEach(async () => {
  await emptyWorld(database.pool);
  clock = new MovableClock('2026-11-01T12:00:00Z');
  fixture = await openIngest(database.pool, { clock, reactions: [allergic], concurrency: 1 });
  batches = 0;
  isMended = false;
});
afterAll(() => database.close());

function submit(...drafts: TouchpointDraft[]) {
  return fixture.ingest.submit(fixture.ctx, drafts);
}

async function waiting() {
  return (await listQuarantined(fixture.ctx, { first: 50 })).edges.map(({ node }) => node);
}

function replay(ids: string[] | null = null) {
  return replayQuarantined(fixture.ctx, fixture.ingest, ids);
}

const poison = (draft: Partial<TouchpointDraft> = {}) =>
  touchpoint({ key: 'p', type: 'poison', traits: { city: 'Bern' }, ...draft });
const many = (count: number) => Array.from({ length: count }, (_, index) => touchpoint({ key: `k-${index}` }));

describe('a touchpoint that cannot be processed', () => {
  test('is quarantined alone; the 49 around it are stored by the same call', async () => {
    const drafts = [...many(30), poison({ messageId: 'bad' }), ...many(19)];
    const results = await submit(...drafts);
    expect(results.map(({ status }) => status)).toEqual(
      drafts.map(({ messageId }) => (messageId === 'bad' ? 'QUARANTINED' : 'STORED')),
    );
    expect(results[30]).toMatchObject({ code: 'PROCESSING_FAILED', touchpointId: null, customerId: null });
    expect(await waiting()).toMatchObject([
      { messageId: 'bad', code: 'PROCESSING_FAILED', reason: 'cannot cope', attempts: 1, event: drafts[30] },
    ]);
    const [row] = await database.pool`select count(*)::int as touchpoints from touchpoints`;
    expect(row!.touchpoints).toBe(49);
  });

  test('leaves no trace but in quarantine', async () => {
    await submit(poison());
    const { records, claims, customers, touchpoints } = await readWorld(database.pool);
    expect([records, claims, customers, touchpoints].map((rows) => rows.length)).toEqual([0, 0, 0, 0]);
    expect(await database.pool`select from receipts union all select from changes`).toHaveLength(0);
  });

  test('is found in a number of attempts that grows with the logarithm of the batch', async () => {
    const attempts = async (count: number) => {
      batches = 0;
      await submit(poison(), ...many(count - 1));
      return batches;
    };
    expect(await attempts(16)).toBe(1 + 2 * 4);
    expect(await attempts(512)).toBe(1 + 2 * 9);
  });

  test('does not hide another one', async () => {
    const results = await submit(poison(), ...many(5), poison(), poison());
    expect(results.map(({ status }) => status)).toEqual([
      'QUARANTINED',
      ...Array(5).fill('STORED'),
      'QUARANTINED',
      'QUARANTINED',
    ]);
    expect(await waiting()).toHaveLength(3);
  });

  test('may be one that PostgreSQL refuses', async () => {
    const order = (amount: string) =>
      touchpoint({ key: 'rich', type: 'order.completed', value: { amount, currency: 'EUR' } });
    await submit(order('1.00'));
    await database.pool`update record_revenue set gross = 9223372036854775000`;
    const results = await submit(...many(3), order('1000.00'), order('0.01'));
    expect(results.map(({ status, code }) => [status, code])).toEqual([
      ...Array(3).fill(['STORED', null]),
      ['QUARANTINED', 'DATABASE_22003'],
      ['STORED', null],
    ]);
  });

  test('repeated within the call is quarantined once; with another body it is a conflict, for it was not kept', async () => {
    const bad = poison({ messageId: 'twice' });
    const results = await submit(bad, bad, { ...bad, traits: { city: 'Basel' } });
    expect(results.map(({ status }) => status)).toEqual(['QUARANTINED', 'QUARANTINED', 'CONFLICT']);
    expect(await waiting()).toMatchObject([{ attempts: 1, event: { traits: { city: 'Bern' } } }]);
  });
});

describe('the quarantine', () => {
  test('lists what waits longest first, in pages', async () => {
    for (const messageId of ['q1', 'q2', 'q3']) {
      await submit(poison({ messageId }));
      clock.move(1000);
    }
    const first = await listQuarantined(fixture.ctx, { first: 2 });
    const second = await listQuarantined(fixture.ctx, { first: 2, after: first.pageInfo.endCursor });
    expect([first, second].map(({ edges }) => edges.map(({ node }) => node.messageId))).toEqual([['q1', 'q2'], ['q3']]);
  });

  test('is empty again after a replay, when the cause is gone', async () => {
    await submit(poison({ messageId: 'later', occurredAt: '2026-11-01T11:00:00Z', sentAt: '2026-11-01T11:59:00Z' }));
    clock.move(7 * 86_400_000);
    isMended = true;
    expect(await replay()).toMatchObject([
      { messageId: 'later', status: 'STORED', touchpointId: expect.any(String), customerId: expect.any(String) },
    ]);
    expect(await waiting()).toEqual([]);
    const [row] = await database.pool`select received_at, occurred_at from touchpoints`;
    expect(row, 'received then, its clock put right by that time').toEqual({
      received_at: new Date('2026-11-01T12:00:00Z'),
      occurred_at: new Date('2026-11-01T11:01:00Z'),
    });
    expect(await replay()).toEqual([]);
  });

  test('keeps what fails again, with its attempts counted and its last reason', async () => {
    await submit(poison());
    clock.move(60_000);
    expect(await replay()).toMatchObject([{ status: 'QUARANTINED' }]);
    expect(await waiting()).toMatchObject([
      { attempts: 2, quarantinedAt: new Date('2026-11-01T12:00:00Z'), lastAttemptAt: new Date('2026-11-01T12:01:00Z') },
    ]);
  });

  test('replays the chosen ones alone', async () => {
    await submit(poison({ messageId: 'q1' }), poison({ messageId: 'q2' }));
    isMended = true;
    const chosen = (await waiting()).find(({ messageId }) => messageId === 'q2')!;
    expect(await replay([chosen.id])).toMatchObject([{ messageId: 'q2', status: 'STORED' }]);
    const [entry] = await fixture.ctx.pool`
      select detail from audit_entries where action = 'quarantine.replayed' order by id desc limit 1`;
    expect(entry).toEqual({ detail: { replayed: 1, settled: 1 } });
    expect(await waiting()).toMatchObject([{ messageId: 'q1' }]);
    expect(await replay([chosen.id]), 'nothing waits under this id').toEqual([]);
    await expect(replay([toPublicId('tp', '0190c0de-0000-7000-8000-000000000000')])).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    expect(await replay([])).toEqual([]);
  });

  test('counts a retry of the client as an attempt, and lets it through when the cause is gone', async () => {
    const bad = poison({ messageId: 'retried' });
    await submit(bad);
    expect(await submit(bad)).toMatchObject([{ status: 'QUARANTINED' }]);
    expect(await waiting()).toMatchObject([{ attempts: 2 }]);
    isMended = true;
    expect(await submit(bad)).toMatchObject([{ status: 'STORED' }]);
    expect(await waiting(), 'settled by being stored').toEqual([]);
    expect(await countWaiting(fixture.ctx)).toBe(0);
    expect(await replay()).toEqual([]);
    expect(await database.pool`select from touchpoints`).toHaveLength(1);
  });

  test('is for administrators', async () => {
    const other = contextWith(fixture.ctx, 'ingest', 'pii:read', 'customers:read');
    await expect(listQuarantined(other, { first: 1 })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(replayQuarantined(other, fixture.ingest, null)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});
