import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSegments, type SegmentsFixture } from '../segments/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { startRundum } from '../support/processes.ts';

let database: TestDatabase;
let node: SegmentsFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openSegments(database.pool);
  const people = Array.from({ length: 5 }, (_, index) => [{ kind: 'userId', value: `u-${index}` }]);
  const value = { amount: '10.00', currency: 'CHF' };
  const results = await node.ingest.submit(
    node.ctx,
    people.map((identifiers) => touchpoint({ identifiers, type: 'order.completed', value })),
  );
  expect(results.map(({ status }) => status)).toEqual(people.map(() => 'STORED'));
});
afterAll(() => database.close());

async function segments(...args: string[]): Promise<{ code: unknown; said: string }> {
  const env = { DATABASE_URL: database.url, LOG_LEVEL: 'silent' };
  const rundum = startRundum(['segments', ...args], env);
  return { code: await rundum.ended, said: rundum.output() };
}

test('segments verify finds members who are missing or too many and exits with 1, rebuild mends them', async () => {
  const segment = await node.create('Buyers', {
    event: {
      match: { types: ['order.completed'] },
      count: { comparison: 'AT_LEAST', value: '1' },
      window: { ever: true },
    },
  });
  expect(await segments('verify')).toMatchObject({
    code: 0,
    said: expect.stringContaining('1 segments with 5 members'),
  });

  const members = await node.members(segment.id);
  await database.pool`update segment_states set member = false where customer_id = any(${members.slice(0, 2)}::uuid[])`;
  const damaged = await segments('verify');
  expect(damaged).toMatchObject({ code: 1 });
  expect(damaged.said).toContain('"Buyers": 2 customers are missing, 0 should not be in it.');

  expect((await segments('rebuild')).said).toContain('1 rebuilt.');
  expect(await node.members(segment.id)).toEqual(members);
  expect((await segments('verify')).code).toBe(0);
}, 120_000);
