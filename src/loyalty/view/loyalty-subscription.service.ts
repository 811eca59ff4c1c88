import { requireScope } from '../../access/scopes.ts';
import { subscribeToTopics } from '../../identity/customer-subscription.service.ts';
import type { Change } from '../../kernel/change-feed-page.ts';
import type { ChangeTopic } from '../../kernel/changes.queries.ts';
import type { Context } from '../../kernel/context.ts';
import { notFound } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { findProgram } from '../programs/program-reader.service.ts';

export const loyaltyTopics = ['loyalty.changed', 'loyalty.tier_changed'] as const satisfies readonly ChangeTopic[];

export interface LoyaltySubscription {
  /** UUIDs. The customer's may be any that they ever had. */
  readonly programId?: string | null;
  readonly customerId?: string | null;
  readonly after?: string | null;
}

/** Every change of points and tiers, once, in commit order; of one programme, of one customer through merges and splits, or all. */
export async function subscribeToLoyalty(
  ctx: Context,
  { programId, ...about }: LoyaltySubscription,
): Promise<AsyncIterableIterator<Change>> {
  requireScope(ctx, 'loyalty:read');
  requireScope(ctx, 'customers:read');
  if (programId != null && !(await findProgram(ctx, programId))) {
    throw notFound('loyalty program', toPublicId('prg', programId));
  }
  return subscribeToTopics(ctx, { ...about, topics: loyaltyTopics, subjectId: programId });
}
