import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openIngest, touchpoint } from '../support/ingest.ts';
import { untilWaiting } from '../support/locks.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

/** One event of everybody; another source knows them by records of its own, whose ids come in another order. */
function everybody(source: string) {
  return Array.from({ length: 30 }, (_, index) =>
    touchpoint({
      source,
      identifiers: [{ kind: 'email', value: `p${index}@example.com` }],
      occurredAt: `2026-10-0${source.length}T00:00:00Z`,
    }),
  );
}

test.each(['customers', 'records'])(
  'a batch locks %s in order of id, so that no two batches wait in a circle',
  async (table) => {
    const { ingest, ctx } = await openIngest(database.pool);
    for (const source of ['web', 'shop']) await ingest.submit(ctx, everybody(source));
    const submitted = await database.pool.begin(async (tx) => {
      const rows = await tx<{ id: string }[]>`
      select id from ${tx(table)} where ${table === 'customers' ? tx`true` : tx`source = 'shop'`} order by id`;
      const [first, ...others] = rows.map((row) => row.id);
      await tx`select from ${tx(table)} where id = ${first!} for update`;
      const waiting = ingest.submit(ctx, everybody('shop'));
      await untilWaiting(database.pool, 1);
      // Fails if the batch that waits for the first has any of the others.
      expect(await tx`select from ${tx(table)} where id = any(${others}::uuid[]) for update nowait`).toHaveLength(29);
      return { waiting };
    });
    expect(new Set((await submitted.waiting).map(({ status }) => status))).toEqual(new Set(['STORED']));
  },
);
