import { type ExecutionResult, graphql } from 'graphql';
import postgres from 'postgres';
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql';
import { CustomerConnectionResolver, CustomerResolver } from '../../src/identity/customer.resolver.ts';
import { CustomerService, findCustomerByUuid, findRecordByUuid } from '../../src/identity/customer.service.ts';
import { RecordTraitResolver, SourceRecordResolver, TraitResolver } from '../../src/identity/record.resolver.ts';
import type { Context } from '../../src/kernel/context.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { Loaders } from '../../src/kernel/loaders.ts';
import { NodeResolver } from '../../src/kernel/node.resolver.ts';
import { CustomerActivityResolver } from '../../src/touchpoints/customer-activity.resolver.ts';
import { CustomerTouchpointsResolver } from '../../src/touchpoints/customer-touchpoints.resolver.ts';
import { TouchpointResolver } from '../../src/touchpoints/touchpoint.resolver.ts';
import { findTouchpointByUuid } from '../../src/touchpoints/touchpoint.service.ts';

const resolvers: NonEmptyArray<new (...args: never[]) => object> = [
  NodeResolver, CustomerResolver, CustomerConnectionResolver, SourceRecordResolver, TraitResolver, RecordTraitResolver,
  TouchpointResolver, CustomerTouchpointsResolver, CustomerActivityResolver,
];

export interface ViewApi {
  /** Runs a query as a key with these scopes would; answers with data, or fails with the first error. */
  ask<T>(query: string, variables?: Record<string, unknown>, scopes?: readonly string[]): Promise<T>;
  /** The same, but gives the errors instead of failing. */
  answer(query: string, variables?: Record<string, unknown>, scopes?: readonly string[]): Promise<ExecutionResult>;
  readonly pool: Pool;
  /** SQL statements since the last call. */
  countStatements(): number;
  close(): Promise<void>;
}

/** The read side of the schema on a pool of its own that counts statements. */
export function openView(url: string, surroundings: Omit<Context, 'pool' | 'loaders'>, idSecret: string): ViewApi {
  let statements = 0;
  const pool: Pool = postgres(url, {
    max: 1,
    types: { bigint: postgres.BigInt },
    debug: () => {
      statements += 1;
    },
  });
  const customers = new CustomerService({ idSecret, defaultRegion: 'CH' });
  const instances = new Map<unknown, object>([
    [CustomerResolver, new CustomerResolver(customers)],
    [CustomerConnectionResolver, new CustomerConnectionResolver(customers)],
    [CustomerActivityResolver, new CustomerActivityResolver('UTC')],
    [NodeResolver, new NodeResolver(new Map([['cus', findCustomerByUuid], ['rec', findRecordByUuid], ['tp', findTouchpointByUuid]]))],
  ]);
  const container = { get: (cls: new () => object) => instances.get(cls) ?? new cls() };
  const schema = buildSchemaSync({ resolvers: resolvers as unknown as NonEmptyArray<() => object>, container, validate: false });

  const answer: ViewApi['answer'] = (source, variableValues, scopes = ['customers:read', 'pii:read']) => {
    const viewer = { keyId: surroundings.viewer.keyId, name: 'test', scopes: new Set(scopes) };
    const contextValue: Context = { ...surroundings, pool, viewer, loaders: new Loaders() };
    return graphql({ schema, source, variableValues, contextValue }) as Promise<ExecutionResult>;
  };
  return {
    answer,
    pool,
    async ask<T>(query: string, variables?: Record<string, unknown>, scopes?: readonly string[]) {
      const { data, errors } = await answer(query, variables, scopes);
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
