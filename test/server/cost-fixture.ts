import { expect } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Small, so that tests reach them. */
const config = { costPerMinute: 5_000, maximumCost: 3_000 };

export interface CostServers {
  readonly server: TestServer;
  /** Another node on the same database. */
  readonly second: TestServer;
  close(): Promise<void>;
}

/** Two nodes, and six people. */
export async function openCostServers(): Promise<CostServers> {
  const server = await startTestServer({ config });
  const second = await startTestServer({ database: server.database, config });
  const events = Array.from({ length: 6 }, (_, index) => ({
    messageId: `cost-${index}`,
    source: 'shop',
    key: `person-${index}`,
    type: 'page.viewed',
    occurredAt: '2026-03-29T10:00:00Z',
    traits: { familyName: 'Costly' },
  }));
  const { errors } = await server.graphql(
    'mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { stored } }',
    { events },
  );
  expect(errors).toEqual([]);
  return {
    server,
    second,
    async close() {
      await second.close();
      await server.close();
    },
  };
}

export async function createKey(server: TestServer, input: object): Promise<{ secret: string; id: string }> {
  const { data, errors } = await server.graphql(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id } } }',
    { input: { name: 'partner', scopes: ['CUSTOMERS_READ', 'INGEST'], ...input } },
  );
  expect(errors).toEqual([]);
  const { secret, apiKey } = (data as { createApiKey: { secret: string; apiKey: { id: string } } }).createApiKey;
  return { secret, id: apiKey.id };
}

interface Cost {
  readonly requested: number;
  readonly actual: number;
  readonly limit: number | null;
  readonly remaining: number | null;
  readonly resetsAt: string | null;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; extensions: Record<string, unknown> }[];
  readonly extensions?: { readonly cost?: Cost };
}

export async function ask(key: string, query: string, { on, ...body }: { on: TestServer } & object): Promise<Answer> {
  const response = await fetch(`${on.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query, ...body }),
  });
  return { status: response.status, headers: response.headers, ...((await response.json()) as object) };
}

/** At worst 1 + 100 + 100 records of one. */
export const people = '{ customers(first: 100) { nodes { id records(first: 1) { key } } } }';
export const peopleAtWorst = 1 + 100 + 100 * 2;
export const peopleFound = 1 + 6 + 6 * 2;

/** Not in the last seconds of a minute: what is counted has to be counted in one. */
export async function withinAMinute(): Promise<void> {
  await expect.poll(() => new Date().getUTCSeconds(), { timeout: 20_000 }).toBeLessThan(50);
}
