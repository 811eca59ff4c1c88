import { requireScope } from '../access/scopes.ts';
import { subscribeToTopics } from '../identity/customer-subscription.service.ts';
import type { Change } from '../kernel/change-feed-page.ts';
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
  { segmentId, ...about }: MembershipSubscription,
): Promise<AsyncIterableIterator<Change>> {
  requireScope(ctx, 'segments:read');
  requireScope(ctx, 'customers:read');
  if (segmentId != null && !(await findSegment(ctx, segmentId))) throw noSegment(segmentId);
  return subscribeToTopics(ctx, { ...about, topics: membershipTopics, subjectId: segmentId });
}
