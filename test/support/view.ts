import { type ExecutionResult, graphql } from 'graphql';
import pino from 'pino';
import postgres from 'postgres';
import { systemClock } from '../../src/kernel/clock.ts';
import { readConfig } from '../../src/kernel/config.ts';
import type { Context, Viewer } from '../../src/kernel/context.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { Loaders } from '../../src/kernel/loaders.ts';
import { createSchema } from '../../src/server/schema.ts';
import { wire } from '../../src/server/wiring.ts';

export interface ViewApi {
  /** Counts its statements; one connection, so that what it has prepared can be looked at. */
  readonly pool: Pool;
  /** Runs a query as a key with these scopes would; answers with data, or fails with the first error. */
  ask<T>(query: string, variables?: Record<string, unknown>, scopes?: readonly string[]): Promise<T>;
  /** SQL statements since the last call. */
  countStatements(): number;
  close(): Promise<void>;
}

/** The real schema on a pool of its own that counts statements. */
export async function openView(url: string): Promise<ViewApi> {
  let statements = 0;
  const pool: Pool = postgres(url, {
    max: 1,
    types: { bigint: postgres.BigInt },
    debug: () => {
      statements += 1;
    },
  });
  const surroundings = { pool, clock: systemClock, ids: randomIds, log: pino({ level: 'silent' }) };
  const { platform, instances } = await wire(surroundings, readConfig({}, {}));
  const schema = createSchema(instances);

  const run = (source: string, variableValues: Record<string, unknown>, scopes: readonly string[]) => {
    const viewer: Viewer = { keyId: '00000000-0000-7000-8000-000000000000', name: 'test', scopes: new Set(scopes) };
    const contextValue: Context = { ...platform, viewer, requestId: 'test', loaders: new Loaders() };
    return graphql({ schema, source, variableValues, contextValue }) as Promise<ExecutionResult>;
  };
  return {
    pool,
    async ask<T>(
      query: string,
      variables: Record<string, unknown> = {},
      scopes: readonly string[] = ['customers:read', 'pii:read'],
    ) {
      const { data, errors } = await run(query, variables, scopes);
      if (errors?.[0]) throw errors[0].originalError ?? errors[0];
      return data as T;
    },
    countStatements() {
      const counted = statements;
      statements = 0;
      return counted;
    },
    close: () => pool.end({ timeout: 5 }),
  };
}
