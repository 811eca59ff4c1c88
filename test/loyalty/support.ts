import { expect } from 'vitest';
import type { Pool } from '../../src/kernel/database.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { touchpoint } from '../support/ingest.ts';
import type { LoyaltyFixture } from './fixture.ts';

/** An order of one person, who is known by a user id. */
export function orderOf(person: string, occurredAt: string, francs: number, more: Partial<TouchpointDraft> = {}) {
  return touchpoint({
    source: 'web',
    key: person,
    identifiers: [{ kind: 'userId', value: person }],
    type: 'order.completed',
    occurredAt,
    value: { amount: String(francs), currency: 'CHF' },
    ...more,
  });
}

/** Ingests, and answers public ids of the customers. */
export async function submitTo(node: LoyaltyFixture, ...drafts: TouchpointDraft[]): Promise<string[]> {
  const results = await node.ingest.submit(node.ctx, drafts);
  expect(results.filter(({ status }) => status !== 'STORED')).toEqual([]);
  return results.map(({ customerId }) => customerId!);
}

/** What a person's accounts hold, by their key. */
export async function holdingsOf(pool: Pool, person: string) {
  const [row] = await pool<{ available: number; pending: number; expired: number; reversed: number; owed: number }[]>`
    select coalesce(sum(available), 0)::int as available, coalesce(sum(pending), 0)::int as pending,
           coalesce(sum(expired), 0)::int as expired, coalesce(sum(reversed), 0)::int as reversed,
           coalesce(sum(owed), 0)::int as owed
    from loyalty_accounts a join records r on r.id = a.record_id where r.key = ${person}`;
  return row!;
}

export async function tierOf(pool: Pool, person: string): Promise<string | null> {
  const [row] = await pool<{ tier: string | null }[]>`
    select m.tier from loyalty_members m join records r on r.customer_id = m.customer_id where r.key = ${person}`;
  return row?.tier ?? null;
}
