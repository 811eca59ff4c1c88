import { customerCut, touchpointBoundary } from '../access/boundary.ts';
import { requireFields } from '../access/field-limits.ts';
import { requireScope } from '../access/scopes.ts';
import { followCustomer, isOfSomebodyInside, settleSplit } from '../identity/customer-subscription.service.ts';
import { limitBroken } from '../kernel/boundary.ts';
import { mapStream } from '../kernel/change-feed-map.ts';
import type { Change } from '../kernel/change-feed-page.ts';
import type { ChangeSubscription } from '../kernel/change-feed-subscription.ts';
import type { Context } from '../kernel/context.ts';
import { badInput } from '../kernel/errors.ts';
import { recordedFacts } from './recorded-change.ts';
import type { TouchpointView } from './touchpoint.type.ts';
import {
  checkTouchpointFilter,
  fieldsOfFilter,
  matchesTouchpoint,
  type TouchpointFilter,
} from './touchpoint-filter.ts';
import { loadRecordedTouchpoints } from './touchpoint-subscription.loader.ts';

/** A touchpoint that was recorded. */
export interface RecordedTouchpoint {
  readonly change: Change;
  readonly touchpoint: TouchpointView;
}

export interface TouchpointSubscriptionInput {
  /** Ids in it are UUIDs; a customer's may be any that the customer ever had, and is followed through merges. */
  readonly filter?: TouchpointFilter | null;
  readonly after?: string | null;
}

/** Every touchpoint that the filter matches, once, in the order in which they were recorded. */
export async function subscribeToTouchpoints(
  ctx: Context,
  { filter, after }: TouchpointSubscriptionInput,
): Promise<AsyncIterableIterator<RecordedTouchpoint>> {
  requireScope(ctx, 'customers:read');
  const { customerId, ...facts } = filter ?? {};
  requireFields(ctx, fieldsOfFilter(filter ?? {}), 'filter');
  checkTouchpointFilter(facts);
  if (customerId != null && facts.recordId != null) {
    throw badInput('Give `customerId` or `recordId`, not both: a record belongs to one customer.', 'filter.recordId');
  }
  const changes = await ctx.feed.subscribe({
    after,
    topics: ['touchpoint.recorded'],
    customer: customerId == null ? undefined : await followCustomer(ctx, customerId),
    match: (change) => matchesTouchpoint(facts, recordedFacts(change)),
  });
  return mapStream(changes, (change) => toRecorded(ctx, { change, changes, customerId: customerId ?? null }));
}

interface Arrival {
  readonly customerId: string | null;
  readonly changes: ChangeSubscription;
  readonly change: Change;
}

/** `undefined` for one that is gone by now, and for the other side of a split. */
async function toRecorded(
  ctx: Context,
  { customerId, changes, change }: Arrival,
): Promise<RecordedTouchpoint | undefined> {
  const touchpoints = await change.page.once(loadRecordedTouchpoints, ctx.pool, change);
  const touchpoint = touchpoints.get(change.subjectId);
  if (!touchpoint || !(await isInside(ctx, touchpoint))) return undefined;
  if (customerId !== null && changes.hasSplit) {
    const own = await settleSplit(ctx, customerId, changes);
    if (own?.id !== touchpoint.customerId) return undefined;
  }
  return { change, touchpoint };
}

/** As it is now: whoever has left the boundary since, or never was inside, is not told of. */
async function isInside(ctx: Context, touchpoint: TouchpointView): Promise<boolean> {
  const boundary = touchpointBoundary(ctx);
  if (boundary && limitBroken(boundary, touchpoint) !== undefined) return false;
  return customerCut(ctx) === undefined || isOfSomebodyInside(ctx, touchpoint.recordId);
}
