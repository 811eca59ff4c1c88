import { expect } from 'vitest';
import type { DomainError } from '../../src/kernel/errors.ts';
import { fromPublicId, toPublicId } from '../../src/kernel/ids.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { openView, type ViewApi } from '../support/view.ts';
import { openSegments, type SegmentsFixture } from './fixture.ts';

export const everything = ['segments:read', 'segments:manage', 'customers:read', 'pii:read'];

export interface SegmentApi {
  readonly database: TestDatabase;
  /** Ingests and builds, as a node does in the background. */
  readonly node: SegmentsFixture;
  readonly view: ViewApi;
  /** As a key with every scope that segments need. */
  ask<T>(query: string, variables?: Record<string, unknown>, scopes?: readonly string[]): Promise<T>;
  /** The error with which it is refused. */
  refusal(query: string, variables?: Record<string, unknown>, scopes?: readonly string[]): Promise<DomainError>;
  /** Ingests something of a person; answers the customer's public id. */
  person(key: string, ...drafts: Partial<TouchpointDraft>[]): Promise<string>;
  /** Creates a segment through the API and waits until it counts; answers its public id. */
  create(name: string, input: Record<string, unknown>): Promise<string>;
  /** Public ids, sorted. */
  members(segmentId: string): Promise<string[]>;
  /** Makes two customers one, by a decision; answers how to take it back. */
  merge(...customerIds: string[]): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export async function openSegmentApi(): Promise<SegmentApi> {
  const database = await openTestDatabase();
  // The API has the clock of the system.
  const node = await openSegments(database.pool, { now: new Date().toISOString(), timeZone: 'UTC' });
  const view = await openView(database.url);
  const ask: SegmentApi['ask'] = (query, variables, scopes = everything) => view.ask(query, variables, scopes);
  return {
    database,
    node,
    view,
    ask,
    async refusal(query, variables, scopes) {
      try {
        await ask(query, variables, scopes);
      } catch (error) {
        return error as DomainError;
      }
      throw new Error('It was not refused.');
    },
    async person(key, ...drafts) {
      const identifiers = [{ kind: 'userId', value: key }];
      const given = drafts.length > 0 ? drafts : [{}];
      const results = await node.ingest.submit(
        node.ctx,
        given.map((draft) => touchpoint({ source: 'crm', key, identifiers, ...draft })),
      );
      expect(results.map(({ status }) => status)).toEqual(given.map(() => 'STORED'));
      return results[0]!.customerId!;
    },
    async create(name, input) {
      const { createSegment } = await ask<{ createSegment: { segment: { id: string } } }>(
        'mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }',
        { input: { name, ...input } },
      );
      await node.builder.finish();
      return createSegment.segment.id;
    },
    async members(segmentId) {
      const ids = await node.members(fromPublicId('seg', segmentId));
      return ids.map((id) => toPublicId('cus', id)).sort();
    },
    async merge(...customerIds) {
      const { decision } = await node.decisions.mergeCustomers(node.ctx, {
        customerIds: customerIds.map((id) => fromPublicId('cus', id)),
        reason: 'the same person',
      });
      return async () => {
        await node.decisions.revokeDecision(node.ctx, { decisionId: decision.id, reason: 'they were two' });
      };
    },
    async close() {
      await view.close();
      await database.close();
    },
  };
}
