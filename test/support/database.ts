import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { createPool } from '../../src/kernel/connect.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { databaseUrl } from './global-setup.ts';

export interface TestDatabase {
  readonly pool: Pool;
  readonly url: string;
  close(): Promise<void>;
}

/** A migrated database of one's own: a clone of the run's template, dropped on close. `empty`: nothing is in it at all. */
export async function openTestDatabase(options: { max?: number; empty?: boolean } = {}): Promise<TestDatabase> {
  const { empty = false, ...poolOptions } = options;
  const serverUrl = inject('testServerUrl');
  const name = `rundum_test_${randomBytes(6).toString('hex')}`;
  const server = createPool(serverUrl, { max: 1 });
  await server`create database ${server(name)} template ${server(empty ? 'template0' : inject('templateDatabase'))}`;
  const url = databaseUrl(serverUrl, name);
  const pool = createPool(url, { applicationName: 'rundum test', ...poolOptions });
  return {
    pool,
    url,
    async close() {
      await pool.end({ timeout: 5 });
      await server`drop database if exists ${server(name)} with (force)`;
      await server.end();
    },
  };
}
