import { expect } from 'vitest';
import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import { touchpoint } from '../../support/ingest.ts';
import type { LoyaltyFixture } from '../fixture.ts';

/** Touchpoints of one person, who is known by a number. */
export async function submit(
  node: LoyaltyFixture,
  key: string,
  ...drafts: readonly Partial<TouchpointDraft>[]
): Promise<void> {
  const identifiers = [{ kind: 'userId', value: key }];
  const results = await node.ingest.submit(
    node.ctx,
    drafts.map((draft) => touchpoint({ source: 'pos', key, identifiers, ...draft })),
  );
  expect(results.map(({ status }) => status)).toEqual(drafts.map(() => 'STORED'));
}

export function bought(
  occurredAt: string,
  francs: number,
  more: Partial<TouchpointDraft> = {},
): Partial<TouchpointDraft> {
  return { type: 'order.completed', occurredAt, value: { amount: francs.toFixed(2), currency: 'CHF' }, ...more };
}

export function returned(occurredAt: string, francs: number, orderId: string): Partial<TouchpointDraft> {
  return { ...bought(occurredAt, francs), type: 'order.returned', properties: { orderId } };
}
