import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openIngest, touchpoint } from '../support/ingest.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { conditions, histories, moments, present } from './event-arbitraries.ts';
import { expectAgreement } from './fixture.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(() => database.close());

/** Nobody but the people of this history is there. */
async function begin(history: readonly Parameters<typeof touchpoint>[0][]): Promise<void> {
  await database.pool`truncate customers, records, touchpoints, receipts, claims, record_revenue`;
  const { ingest, ctx } = await openIngest(database.pool, { clock: { now: () => present } });
  const results = await ingest.submit(
    ctx,
    history.map((draft) => touchpoint(draft)),
  );
  expect(results.filter(({ status }) => status !== 'STORED')).toEqual([]);
}

const runs = propertyRuns(24);

test('whatever happened, both ways of the SQL and the facts agree on every condition about touchpoints', async () => {
  const property = fc.asyncProperty(
    histories,
    fc.array(conditions, { minLength: 3, maxLength: 12 }),
    fc.array(moments, { minLength: 1, maxLength: 2 }),
    async (history, asked, times) => {
      await begin(history);
      for (const moment of times) await expectAgreement(database.pool, asked, moment);
    },
  );
  await fc.assert(property, { numRuns: runs, endOnFailure: false });
}, 600_000);
