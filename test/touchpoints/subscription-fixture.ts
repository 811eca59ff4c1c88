import type { ChangeFeedWindow } from '../../src/touchpoints/changes.type.ts';
import type { IngestResult, TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { untilReadable } from '../kernel/feed-fixture.ts';
import { touchpoint } from '../support/ingest.ts';
import type { GraphqlAnswer, TestServer } from '../support/server.ts';

/** Ingests through the API; fails unless everything is stored. */
export async function ingest(server: TestServer, ...drafts: Partial<TouchpointDraft>[]): Promise<IngestResult[]> {
  const answer = await server.graphql(
    `mutation ($events: [TouchpointInput!]!) {
       ingest(events: $events) { results { messageId status code message touchpointId customerId } }
     }`,
    { events: drafts.map(touchpoint) },
  );
  const { results } = dataOf<{ ingest: { results: IngestResult[] } }>(answer).ingest;
  const refused = results.find(({ status }) => status !== 'STORED');
  if (refused) throw new Error(`Not stored: ${JSON.stringify(refused)}`);
  return results;
}

export function dataOf<T>({ data, errors }: GraphqlAnswer): T {
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return data as T;
}

/** Behind everything committed so far, even while other test files keep transactions open. */
export async function feedHead(server: TestServer): Promise<string> {
  await untilReadable(server.database.pool);
  const answer = await server.graphql('{ changeFeed { head oldest } }');
  return dataOf<{ changeFeed: ChangeFeedWindow }>(answer).changeFeed.head;
}

export interface Stream<T> {
  /** Waits for the next `count` events. */
  take(count: number): Promise<T[]>;
  /** The codes of the errors with which it ends (or which its next event is). */
  refusal(): Promise<{ code: string; cursor?: string }>;
  end(): Promise<void>;
}

/** A subscription over a real websocket. `field` is its root field. */
export function subscribe<T>(
  server: TestServer,
  field: string,
  query: string,
  options: { variables?: Record<string, unknown>; key?: string } = {},
): Stream<T> {
  const client = server.websocket(options.key === undefined ? {} : { key: options.key });
  const events = client.iterate<Record<string, T>>({ query, variables: options.variables });
  return {
    async take(count) {
      const taken: T[] = [];
      while (taken.length < count) {
        const { done, value } = await events.next();
        if (done || value.errors) throw new Error(`No event: ${JSON.stringify(value?.errors ?? 'ended')}`);
        taken.push(value.data![field]!);
      }
      return taken;
    },
    async refusal() {
      const errors = await events.next().then(
        ({ value }) => value?.errors,
        (thrown: unknown) => thrown,
      );
      const [error] = errors as { extensions: { code: string; cursor?: string } }[];
      return error!.extensions;
    },
    async end() {
      await events.return?.();
      await client.dispose();
    },
  };
}
