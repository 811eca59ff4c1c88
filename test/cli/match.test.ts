import { afterAll, beforeAll, expect, test } from 'vitest';
import { enter, peopleOf } from '../identity/matching/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openIngest } from '../support/ingest.ts';
import { startRundum } from '../support/processes.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
  await enter(await openIngest(database.pool), peopleOf(200, 'command'), 'p');
});
afterAll(() => database.close());

async function rundum(...args: string[]): Promise<{ code: unknown; output: string }> {
  const process = startRundum(args, { DATABASE_URL: database.url });
  const code = await process.ended;
  return { code, output: process.output() };
}

test('train, run and status do and tell what they promise, without any server', async () => {
  expect(await rundum('match', 'run')).toMatchObject({ code: 1, output: expect.stringContaining('train one') });
  const trained = await rundum('match', 'train');
  expect(trained.output).toContain('Model 1 has learned from 200 records.');
  expect((await rundum('match', 'status')).output).toContain('No model is in use');
  const run = await rundum('match', 'run', '--model', '1');
  expect(run.output).toMatch(/Model 1 has compared 200 records: \d+ pairs are likely. Newly linked [1-9]/);
  const status = await rundum('match', 'status');
  expect(status.output).toMatch(/Model 1 is in use; changes are followed/);
  expect([trained.code, run.code, status.code]).toEqual([0, 0, 0]);
  const again = await rundum('match', 'train', '--activate');
  expect(again.output).toMatch(/Model 2 has learned from 200 records.*Model 2 has compared 200 records/s);
});
