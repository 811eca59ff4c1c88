import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { startRundum } from '../../support/processes.ts';
import { about, type ConsentsFixture, openConsents } from './fixture.ts';

let database: TestDatabase;
let node: ConsentsFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openConsents(database.pool);
});
afterAll(() => database.close());

async function privacy(command: string): Promise<{ code: unknown; said: string }> {
  const env = { DATABASE_URL: database.url, LOG_LEVEL: 'silent' };
  const rundum = startRundum(['privacy', command], env);
  return { code: await rundum.ended, said: rundum.output() };
}

test('privacy verify finds what is not true and exits with 1, rebuild puts it right', async () => {
  const id = await node.says('anna', about('denied', { channel: 'EMAIL' }));
  expect(await privacy('verify')).toMatchObject({
    code: 0,
    said: expect.stringContaining('1 consents of 1 customers compared: 0 differ.'),
  });
  await database.pool`update customer_consents set status = 'GRANTED' where customer_id = ${id}`;
  const damaged = await privacy('verify');
  expect(damaged).toMatchObject({ code: 1 });
  expect(damaged.said).toMatch(new RegExp(`${id} newsletter on EMAIL: expected .*DENIED.*; stored .*GRANTED`));
  expect((await privacy('rebuild')).said).toContain(
    '0 statements were missing; for 1 customers something else counts now.',
  );
  expect((await privacy('verify')).code).toBe(0);
}, 120_000);
