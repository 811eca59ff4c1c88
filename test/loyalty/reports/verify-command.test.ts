import { Command } from 'commander';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { register } from '../../../src/cli/loyalty.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { exampleProgram } from '../example-program.ts';
import { openLoyalty, publishAt } from '../fixture.ts';
import { bought, submit } from './people.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
  const node = await openLoyalty(database.pool);
  await publishAt(node, exampleProgram());
  await submit(node, 'ann', bought('2026-10-01T10:00:00Z', 250));
});
afterAll(() => database.close());

/** In this process: what it would print, and with which code it would end. */
async function verify(...options: string[]): Promise<{ code: unknown; said: string }> {
  vi.stubEnv('DATABASE_URL', database.url).stubEnv('LOG_LEVEL', 'silent');
  const print = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
    register(program);
    for (const command of program.commands[0]!.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
    process.exitCode = undefined;
    await program.parseAsync(['loyalty', 'verify', ...options], { from: 'user' });
    return { code: process.exitCode ?? 0, said: print.mock.calls.flat().join('\n') };
  } finally {
    process.exitCode = undefined;
    print.mockRestore();
    vi.unstubAllEnvs();
  }
}

test('loyalty verify says what it has proven, and ends with 1 and the differences where something is wrong', async () => {
  expect(await verify()).toEqual({
    code: 0,
    said: expect.stringContaining('1 accounts allocated and 1 members folded anew: 0 differences.'),
  });
  expect((await verify('--sample', '0.000001')).said).toContain('0 members folded anew: 0 differences.');
  await expect(verify('--sample', '2')).rejects.toThrow('above 0 and up to 1');
  await database.pool`update loyalty_accounts set available = available + 7, issued = issued + 7`;
  const { code, said } = await verify();
  expect(code).toBe(1);
  expect(said).toContain('It does not hold that accounts hold what their lots add up to: 2 differences.');
  expect(said).toContain('expected 250; stored 257');
});
