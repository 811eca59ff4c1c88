import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { openView, type ViewApi } from '../../support/view.ts';

/** What a steward's key may. */
export const steward = ['identity:read', 'identity:manage', 'customers:read', 'pii:read', 'ingest'] as const;

export interface StoredEvent {
  readonly customerId: string;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

export interface Desk {
  readonly database: TestDatabase;
  readonly view: ViewApi;
  /** Asks with all of a steward's rights unless told otherwise. */
  ask<T>(query: string, variables?: Record<string, unknown>, scopes?: readonly string[]): Promise<T>;
  /** Calls a mutation with an input; `reason` is filled in. */
  decide<T = DecidedPayload>(
    mutation: string,
    input: object,
    options?: { select?: string; scopes?: readonly string[] },
  ): Promise<T>;
  /** Each event in a call of its own; fails unless it is stored. */
  store(...drafts: Partial<TouchpointDraft>[]): Promise<StoredEvent[]>;
  /** The public id of the record of a source and key. */
  recordOf(key: string): Promise<string>;
  /** The public id of the customer who has that record. */
  customerOf(key: string): Promise<string>;
  /** Customers, each as the keys of its records. */
  people(): Promise<string[]>;
  close(): Promise<void>;
}

export interface DecidedPayload {
  readonly decision: { readonly id: string; readonly kind: string };
  readonly customerIds: readonly string[];
}

const ingest = `mutation ($events: [TouchpointInput!]!) {
  ingest(events: $events) { results { status code message customerId warnings { code message } } }
}`;

/** The steward's desk: the real schema on a real database. */
export async function openDesk(): Promise<Desk> {
  const database = await openTestDatabase();
  const view = await openView(database.url);
  const ask: Desk['ask'] = (query, variables, scopes = steward) => view.ask(query, variables, scopes);

  async function recordOf(key: string): Promise<string> {
    const customer = await customerOf(key);
    const { customer: found } = await ask<{ customer: { records: { id: string; key: string }[] } }>(
      'query ($id: ID!) { customer(id: $id) { records(first: 200) { id key } } }',
      { id: customer },
    );
    return found.records.find((record) => record.key === key)!.id;
  }

  async function customerOf(key: string): Promise<string> {
    const { customers } = await ask<{ customers: { nodes: { id: string; records: { key: string }[] }[] } }>(
      '{ customers(first: 200) { nodes { id records(first: 200) { key } } } }',
    );
    const found = customers.nodes.find(({ records }) => records.some((record) => record.key === key));
    if (!found) throw new Error(`Nobody has the record ${key}.`);
    return found.id;
  }

  return {
    database,
    view,
    ask,
    async decide<T>(
      mutation: string,
      input: object,
      { select = 'decision { id kind } customerIds', scopes }: { select?: string; scopes?: readonly string[] } = {},
    ) {
      const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`;
      const document = `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${select} } }`;
      const answer = await ask<Record<string, T>>(document, { input: { reason: 'test', ...input } }, scopes);
      return answer[mutation]!;
    },
    async store(...drafts) {
      const stored: StoredEvent[] = [];
      for (const draft of drafts) {
        const { ingest: answer } = await ask<{ ingest: { results: (StoredEvent & { status: string })[] } }>(ingest, {
          events: [touchpoint(draft)],
        });
        const [result] = answer.results;
        if (result?.status !== 'STORED') throw new Error(`Not stored: ${JSON.stringify(result)}`);
        stored.push(result);
      }
      return stored;
    },
    recordOf,
    customerOf,
    async people() {
      const rows = await database.pool<{ keys: string }[]>`
        select string_agg(key, '+' order by key) as keys from records
        where customer_id is not null group by customer_id order by 1`;
      return rows.map(({ keys }) => keys);
    },
    async close() {
      await view.close();
      await database.close();
    },
  };
}

export const email = (value: string) => ({ kind: 'email', value });
export const userId = (value: string) => ({ kind: 'userId', value });
export const browser = (value: string) => ({ kind: 'anonymousId', value });
export const day = (number: number) => new Date(Date.UTC(2026, 8, number)).toISOString();
