import { requireScope } from '../../access/scopes.ts';
import { followCustomer, settleSplit } from '../../identity/customer-subscription.service.ts';
import { mapStream } from '../../kernel/change-feed-map.ts';
import type { Change } from '../../kernel/change-feed-page.ts';
import type { ChangeSubscription } from '../../kernel/change-feed-subscription.ts';
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
  { programId, customerId, after }: LoyaltySubscription,
): Promise<AsyncIterableIterator<Change>> {
  requireScope(ctx, 'loyalty:read');
  requireScope(ctx, 'customers:read');
  if (programId != null && !(await findProgram(ctx, programId))) {
    throw notFound('loyalty program', toPublicId('prg', programId));
  }
  const customer = customerId == null ? undefined : await followCustomer(ctx, customerId);
  const match = programId == null ? undefined : ({ subjectId }: { subjectId: string }) => subjectId === programId;
  const changes = await ctx.feed.subscribe({ after, topics: loyaltyTopics, customer, match });
  return customerId == null ? changes : mapStream(changes, (change) => ownOf(ctx, { customerId, changes, change }));
}

interface Arrival {
  readonly customerId: string;
  readonly changes: ChangeSubscription;
  readonly change: Change;
}

/** `undefined` for the other side of a split. */
async function ownOf(ctx: Context, { customerId, changes, change }: Arrival): Promise<Change | undefined> {
  if (!changes.hasSplit) return change;
  const own = await settleSplit(ctx, customerId, changes);
  return own !== undefined && own.id === change.customerId ? change : undefined;
}
