import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verifyFacts } from '../../../src/kpis/facts/facts-verifier.service.ts';
import { openTestDatabase } from '../../support/database.ts';
import { openIngest } from '../../support/ingest.ts';
import { history } from './arbitraries.ts';

test('facts of touchpoints that were there before the migration follow from them too', async () => {
  const database = await openTestDatabase();
  try {
    const { pool } = database;
    const { ingest, ctx } = await openIngest(pool);
    for (const [index, drafts] of fc.sample(history, 60).entries()) {
      await ingest.submit(
        ctx,
        drafts.map((draft) => ({ ...draft, messageId: `${index}-${draft.messageId}` })),
      );
    }
    for (const statement of await insertionsOfMigration()) await pool.unsafe(statement);
    expect(await verifyFacts(pool)).toEqual([]);
    const [{ count } = { count: 0 }] = await pool<{ count: number }[]>`select count(*)::int as count from signals`;
    expect(count).toBeGreaterThan(20);
  } finally {
    await database.close();
  }
});

/** Those that fill the tables of facts; the tables themselves are there. */
async function insertionsOfMigration(): Promise<string[]> {
  const file = await readFile(new URL('../../../migrations/0010_kpis.sql', import.meta.url), 'utf8');
  const statements = file.split('--> statement-breakpoint');
  return statements.filter((statement) => /INSERT INTO "(purchases|signals|metric_cells)"/.test(statement));
}
