import { requireScope } from '../../access/scopes.ts';
import { mapStream } from '../../kernel/change-feed-map.ts';
import type { Change } from '../../kernel/change-feed-page.ts';
import type { ChangeSubscription } from '../../kernel/change-feed-subscription.ts';
import type { ChangeTopic } from '../../kernel/changes.queries.ts';
import type { Context } from '../../kernel/context.ts';
import { notFound } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { findFollowedCustomer } from '../customer-subscription.queries.ts';
import { settleSplit } from '../customer-subscription.service.ts';

/** What `identityChanged` tells of. */
export const identityTopics = [
  'customer.merged',
  'customer.split',
  'identity.decided',
  'identity.revoked',
  'identity.rules_changed',
] as const satisfies readonly ChangeTopic[];
export type IdentityTopic = (typeof identityTopics)[number];

/** Every merge, split, decision and change of rules, once; with a customer, those about them, through merges and splits. */
export async function subscribeToIdentity(
  ctx: Context,
  { customerId, after }: { readonly customerId?: string | null; readonly after?: string | null },
): Promise<AsyncIterableIterator<Change>> {
  requireScope(ctx, 'identity:read');
  if (customerId == null) return ctx.feed.subscribe({ after, topics: identityTopics });
  const customer = await findFollowedCustomer(ctx.pool, customerId);
  if (!customer) throw notFound('customer', toPublicId('cus', customerId));
  const changes = await ctx.feed.subscribe({ after, topics: identityTopics, customer });
  return mapStream(changes, (change) => ownOf(ctx, { customerId, changes, change }));
}

interface Arrival {
  readonly customerId: string;
  readonly changes: ChangeSubscription;
  readonly change: Change;
}

/** `undefined` for a decision about the other side of a split. Splits and merges are about both sides. */
async function ownOf(ctx: Context, { customerId, changes, change }: Arrival): Promise<Change | undefined> {
  if (!changes.hasSplit) return change;
  const own = await settleSplit(ctx, customerId, changes);
  const isMove = change.topic === 'customer.merged' || change.topic === 'customer.split';
  return isMove || own?.id === change.customerId ? change : undefined;
}
