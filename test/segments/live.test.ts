import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition } from '../../src/conditions/condition.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { openSegments, type SegmentsFixture } from './fixture.ts';

let database: TestDatabase;
let node: SegmentsFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openSegments(database.pool);
});

afterAll(() => database.close());

const visitors: Condition = {
  event: {
    match: { types: ['page.viewed'] },
    count: { comparison: 'AT_LEAST', value: '3' },
    window: { last: { count: 30, unit: 'DAY' } },
  },
};

async function visit(person: string, ...times: string[]): Promise<string> {
  const drafts = times.map((occurredAt) =>
    touchpoint({ occurredAt, identifiers: [{ kind: 'userId', value: person }] }),
  );
  await node.ingest.submit(node.ctx, drafts);
  const [row] = await database.pool<{ id: string }[]>`
    select r.customer_id as id from identifiers i join claims c on c.identifier_id = i.id join records r on r.id = c.record_id
    where i.value = ${person}`;
  return row!.id;
}

describe('a live segment', () => {
  test('takes in whom the past makes a member, then whoever becomes one, and lets go to the second', async () => {
    const early = await visit('early', '2026-10-05T10:00:00Z', '2026-10-10T10:00:00Z', '2026-10-20T10:00:00Z');
    const segment = await node.create('visitors', visitors);
    expect(await node.members(segment.id)).toEqual([early]);

    const late = await visit('late', '2026-10-25T10:00:00Z', '2026-10-26T10:00:00Z');
    expect(await node.members(segment.id)).toEqual([early]);
    await visit('late', '2026-11-01T11:00:00Z');
    expect(await node.members(segment.id)).toEqual([early, late].sort());

    node.clock.set('2026-11-04T09:59:59.999Z');
    await node.ticker.catchUp();
    expect(await node.members(segment.id)).toEqual([early, late].sort());
    node.clock.set('2026-11-04T10:00:00Z');
    await node.ticker.catchUp();
    expect(await node.members(segment.id)).toEqual([late]);
  });
});
