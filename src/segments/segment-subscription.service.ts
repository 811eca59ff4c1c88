import { requireScope } from '../access/scopes.ts';
import { followCustomer, settleSplit } from '../identity/customer-subscription.service.ts';
import { mapStream } from '../kernel/change-feed-map.ts';
import type { Change } from '../kernel/change-feed-page.ts';
import type { ChangeSubscription } from '../kernel/change-feed-subscription.ts';
import type { ChangeTopic } from '../kernel/changes.queries.ts';
import type { Context } from '../kernel/context.ts';
import { noSegment } from './segment.service.ts';
import { findSegment } from './segment-reader.service.ts';

export const membershipTopics = ['segment.entered', 'segment.left'] as const satisfies readonly ChangeTopic[];

export interface MembershipSubscription {
  /** UUIDs. The customer's may be any that they ever had. */
  readonly segmentId?: string | null;
  readonly customerId?: string | null;
  readonly after?: string | null;
}

/** Every entry and departure, once, in commit order; of one segment, of one customer through merges and splits, or all. */
export async function subscribeToMemberships(
  ctx: Context,
  { segmentId, customerId, after }: MembershipSubscription,
): Promise<AsyncIterableIterator<Change>> {
  requireScope(ctx, 'segments:read');
  requireScope(ctx, 'customers:read');
  if (segmentId != null && !(await findSegment(ctx, segmentId))) throw noSegment(segmentId);
  const customer = customerId == null ? undefined : await followCustomer(ctx, customerId);
  const match = segmentId == null ? undefined : ({ subjectId }: { subjectId: string }) => subjectId === segmentId;
  const changes = await ctx.feed.subscribe({ after, topics: membershipTopics, customer, match });
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
  return own !== undefined && (own.id === change.customerId || own.id === change.detail?.into) ? change : undefined;
}
