import { expect } from 'vitest';
import type { TestServer } from '../support/server.ts';

let messages = 0;

/** Stores touchpoints of one visitor, in the order given; answers with their message ids. */
export async function send(server: TestServer, count = 1, more: object = {}): Promise<string[]> {
  const events = Array.from({ length: count }, () => ({
    messageId: `live-${++messages}`,
    source: 'web',
    key: 'visitor-1',
    type: 'page.viewed',
    occurredAt: '2026-03-02T09:30:00Z',
    ...more,
  }));
  const query = 'mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { stored } }';
  const { data, errors } = await server.graphql(query, { events });
  expect({ data, errors }).toEqual({ data: { ingest: { stored: count } }, errors: [] });
  return events.map(({ messageId }) => messageId);
}

export interface MadeKey {
  readonly secret: string;
  readonly id: string;
}

export async function makeKey(server: TestServer, input: object = {}): Promise<MadeKey> {
  const { data, errors } = await server.graphql(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id } } }',
    { input: { name: 'reader', scopes: ['CUSTOMERS_READ'], ...input } },
  );
  expect(errors).toEqual([]);
  const { secret, apiKey } = (data as { createApiKey: { secret: string; apiKey: { id: string } } }).createApiKey;
  return { secret, id: apiKey.id };
}

export async function revoke(server: TestServer, id: string): Promise<void> {
  const query = 'mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }';
  expect((await server.graphql(query, { id })).errors).toEqual([]);
}

export interface Recorded {
  readonly touchpointRecorded: { readonly touchpoint: { readonly messageId: string }; readonly cursor?: string };
}

export const recorded = 'subscription { touchpointRecorded { touchpoint { messageId } } }';
