import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Condition } from '../../src/conditions/condition.ts';
import type { Window } from '../../src/conditions/window.ts';
import { SegmentBuilder } from '../../src/segments/segment-builder.service.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { openSegments, type SegmentsFixture } from './fixture.ts';

let database: TestDatabase;
let node: SegmentsFixture;

const visited = (window: Window): Condition => ({
  event: { match: { types: ['page.viewed'] }, count: { comparison: 'AT_LEAST', value: '1' }, window },
});
const ever = visited({ ever: true });
const lately = visited({ last: { count: 30, unit: 'MINUTE' } });

beforeAll(async () => {
  database = await openTestDatabase({ max: 10 });
  node = await openSegments(database.pool);
  await node.ingest.submit(
    node.ctx,
    Array.from({ length: 20 }, (_, index) =>
      touchpoint({
        type: 'page.viewed',
        occurredAt: '2026-11-01T11:00:00Z',
        identifiers: [{ kind: 'userId', value: `person-${index}` }],
      }),
    ),
  );
});

afterAll(() => database.close());

test('a node that stops gives up the statement over all, and another node builds to the end', async () => {
  const { pool, ctx } = node;
  const builder = new SegmentBuilder(ctx, node.evaluator, { everyMs: 10 });
  const locker = await pool.reserve();
  try {
    await locker`begin`;
    await locker`lock table touchpoints in access exclusive mode`;
    const { id } = await node.service.create(ctx, { name: 'stopped', definition: ever });
    builder.start();
    await until(async () => (await waitingForTouchpoints(node)) > 0);
    await builder.stop();
    expect(await waitingForTouchpoints(node)).toBe(0);
    expect(await buildOf(node, id)).toMatchObject({ phase: 'EVALUATING', failures: 0, failure: null });
    await locker`rollback`;
    await node.builder.finish();
    expect(await node.members(id)).toHaveLength(20);
  } finally {
    await locker`rollback`;
    locker.release();
  }
});

test('a build that fails says why, keeps the served version, and is tried again later', async () => {
  const { pool, ctx, clock } = node;
  const builder = new SegmentBuilder(ctx, node.evaluator, { everyMs: 10 });
  const { id } = await node.create('failing', ever);
  await pool`create function full_disk() returns trigger language plpgsql as $$ begin raise 'disk full'; end $$`;
  await pool`create trigger full_disk before insert on segment_builds execute function full_disk()`;
  await node.service.update(ctx, { segmentId: id, definition: { not: lately } });
  builder.start();
  try {
    await until(async () => (await buildOf(node, id)).failures > 0);
    expect(await buildOf(node, id)).toMatchObject({ phase: 'EVALUATING', failures: 1, failure: 'disk full' });
    expect(await node.members(id)).toHaveLength(20);
    await pool`drop trigger full_disk on segment_builds`;
    await sleep(100);
    expect(await buildOf(node, id)).toMatchObject({ phase: 'EVALUATING', failures: 1 });
    clock.set(new Date(clock.now().getTime() + 10_000));
    await until(async () => (await buildOf(node, id)).phase === 'SERVED');
    expect(await buildOf(node, id)).toMatchObject({ failures: 0, failure: null });
    expect(await node.members(id)).toHaveLength(20);
  } finally {
    await builder.stop();
  }
});

async function waitingForTouchpoints({ pool }: SegmentsFixture): Promise<number> {
  const [row] = await pool<{ waiting: number }[]>`
    select count(*)::int as waiting from pg_locks
    where not granted and relation = 'touchpoints'::regclass
      and database = (select oid from pg_database where datname = current_database())`;
  return row!.waiting;
}

async function buildOf({ pool }: SegmentsFixture, segmentId: string) {
  const [row] = await pool<{ phase: string; failures: number; failure: string | null }[]>`
    select phase, failures, failure from segment_versions
    where segment_id = ${segmentId} order by version desc limit 1`;
  return row!;
}

async function until(met: () => Promise<boolean>): Promise<void> {
  while (!(await met())) await sleep(10);
}
