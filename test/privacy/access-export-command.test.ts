import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { startRundum } from '../support/processes.ts';
import { openSubjectNode, type SubjectNode } from './subject-fixture.ts';

let database: TestDatabase;
let node: SubjectNode;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openSubjectNode(database.pool);
  const identifiers = [{ kind: 'email', value: 'ann@example.com' }];
  await node.send(
    ...Array.from({ length: 700 }, (_, at) => touchpoint({ messageId: `m-${at}`, key: 'ann', identifiers })),
  );
});
afterAll(() => database.close());

async function rundum(...args: string[]): Promise<{ code: unknown; said: string }> {
  const env = { DATABASE_URL: database.url, LOG_LEVEL: 'silent' };
  const process = startRundum(['privacy', 'export', ...args], env);
  return { code: await process.ended, said: process.output() };
}

test('privacy export writes everything about whoever carries an identifier, several pages of it', async () => {
  const { code, said } = await rundum(
    '--identifier',
    'email:Ann@example.com',
    '--reason',
    'case 4711',
    '--format',
    'json',
  );
  expect(code).toBe(0);
  const document = JSON.parse(said.slice(said.indexOf('{"header"'))) as {
    tables: { touchpoints: { message_id: string }[] };
  };
  expect(new Set(document.tables.touchpoints.map(({ message_id }) => message_id)).size).toBe(700);
}, 60_000);

test('and exits with an error for nobody, and without a word whom', async () => {
  const [nobody, unclear] = await Promise.all([
    rundum('--identifier', 'email:bob@example.com', '--reason', 'x'),
    rundum('--reason', 'x'),
  ]);
  expect(nobody).toMatchObject({ code: 1, said: expect.stringContaining('Nobody carries this identifier') });
  expect(unclear).toMatchObject({ code: 1, said: expect.stringContaining('exactly one') });
}, 60_000);
