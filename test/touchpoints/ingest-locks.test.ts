import { afterAll, beforeAll, expect, test } from 'vitest';
import { deriveUuid } from '../../src/kernel/ids.ts';
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
    // One by one: rows lie in the table in another order than that of their ids.
    for (const draft of ['web', 'shop'].flatMap(everybody)) await ingest.submit(ctx, [draft]);
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

test('a batch enters receipts in order of id', async () => {
  const { ingest, ctx, idSecret } = await openIngest(database.pool);
  const drafts = everybody('web');
  const [first, ...others] = drafts
    .map((draft) => deriveUuid(idSecret, 'touchpoint', draft.source, draft.messageId))
    .sort();
  const waiting = await database.pool.begin(async (tx) => {
    const enter = (ids: string[]) => tx`
      insert into receipts (id, fingerprint, record_id, occurred_at) select id, id, id, now() from unnest(${ids}::uuid[]) as t (id)`;
    await enter([first!]);
    const submitted = ingest.submit(ctx, drafts);
    await untilWaiting(database.pool, 1);
    // Waits in vain if the batch that waits for the first has entered any of the others.
    await tx`set local lock_timeout = '200ms'`;
    await enter(others);
    await tx`delete from receipts where id = any(${[first!, ...others]}::uuid[])`;
    return { submitted };
  });
  expect(new Set((await waiting.submitted).map(({ status }) => status))).toEqual(new Set(['STORED']));
});
