import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey } from '../../src/access/keys.service.ts';
import { operatorContext } from '../../src/access/operator.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { runRundum } from '../support/processes.ts';
import { testPlatform } from './fixture.ts';

/** Each run is a process of its own, which takes a second or more to start. */
describe('the command, as an operator runs it', { timeout: 60_000 }, () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await openTestDatabase();
    const operator = operatorContext(testPlatform(database.pool, systemClock));
    for (const name of ['one', 'two', 'three']) await createKey(operator, { name, scopes: ['ingest'] });
  });
  afterAll(() => database.close());

  const audit = (...args: string[]) => runRundum(['audit', ...args], { DATABASE_URL: database.url });

  test('prints a head that can be kept, exports, proves, and tells with exit code 1 of what was done to the log', async () => {
    const head = await audit('head');
    expect(head.stdout).toMatch(/^[0-9a-f]{64}\n$/);
    expect(head.stderr).toMatch(/^position 3, sealed /);

    const exported = await audit('export', '--action', 'key');
    const lines = exported.stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).entry.detail.name)).toEqual(['one', 'two', 'three']);
    expect(JSON.parse(lines[2]!).hash).toBe(head.stdout.trim());

    const good = await audit('verify', '--expect-head', head.stdout.trim());
    expect(good).toMatchObject({ stdout: `3 entries sealed, 0 problems. Head: ${head.stdout}` });
    expect(good.code).toBeUndefined();

    await database.pool.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`update audit_entries set actor = 'nobody' where detail ->> 'name' = 'two'`;
      await tx`delete from audit_seals where position = 3`;
      await tx`delete from audit_entries where detail ->> 'name' = 'three'`;
    });
    const bad = await audit('verify', '--expect-head', head.stdout.trim());
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/is not what was written:\n {2}the entry at position 2, aud_\w{26}\n/);
    expect(bad.stdout).toContain(`was written anew:\n  ${head.stdout}`);
    expect(bad.stdout).toContain('2 entries sealed, 2 problems.');
  });

  test('says in a sentence what is wrong, with exit code 1', async () => {
    const { stderr, code } = await audit('verify', '--expect-head', 'x');
    expect({ stderr, code }).toMatchObject({ stderr: expect.stringMatching(/^Expected a head as /), code: 1 });
  });
});
