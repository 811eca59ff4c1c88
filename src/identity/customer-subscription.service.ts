import { requireScope } from '../access/scopes.ts';
import type { FollowedCustomer } from '../kernel/change-feed-follow.ts';
import { mapStream } from '../kernel/change-feed-map.ts';
import type { Change } from '../kernel/change-feed-page.ts';
import type { ChangeSubscription } from '../kernel/change-feed-subscription.ts';
import type { ChangeTopic } from '../kernel/changes.queries.ts';
import type { Context } from '../kernel/context.ts';
import { notFound } from '../kernel/errors.ts';
import { toPublicId } from '../kernel/ids.ts';
import { findCustomersOfRecords } from './customer.queries.ts';
import type { CustomerView } from './customer.type.ts';
import { customerTopics, joinReasons, type ReasonOfChange, reasonsOf } from './customer-change.ts';
import { loadChangedCustomers } from './customer-subscription.loader.ts';
import { findFollowedCustomer } from './customer-subscription.queries.ts';

/** What happened to a customer, and how they are now. */
export interface CustomerUpdate {
  readonly change: Change;
  readonly reasons: readonly ReasonOfChange[];
  readonly customer: CustomerView;
}

/**
 * Follows the customer of a record through merges and splits. Whoever reads slowly gets fewer updates, never an old
 * one last. `customerId`: UUID of any id that the customer ever had.
 */
export async function subscribeToCustomer(
  ctx: Context,
  { customerId, after }: { readonly customerId: string; readonly after?: string | null },
): Promise<AsyncIterableIterator<CustomerUpdate>> {
  requireScope(ctx, 'customers:read');
  const customer = await followCustomer(ctx, customerId);
  const changes = await ctx.feed.subscribe({ after, topics: customerTopics, customer, combine: joinReasons });
  return mapStream(changes, (change) => toUpdate(ctx, { customerId, changes, change }));
}

/** Changes of some topics: of one customer, who is followed through merges and splits; about one subject; or all. */
export interface TopicSubscription {
  readonly topics: readonly ChangeTopic[];
  /** UUID of what the changes are about. */
  readonly subjectId?: string | null;
  /** UUID of any id that the customer ever had. */
  readonly customerId?: string | null;
  readonly after?: string | null;
}

/** Every change, once, in commit order. Throws `NOT_FOUND` for nobody's id. */
export async function subscribeToTopics(
  ctx: Context,
  { topics, subjectId, customerId, after }: TopicSubscription,
): Promise<AsyncIterableIterator<Change>> {
  requireScope(ctx, 'customers:read');
  const customer = customerId == null ? undefined : await followCustomer(ctx, customerId);
  const match = subjectId == null ? undefined : (change: { subjectId: string }) => change.subjectId === subjectId;
  const changes = await ctx.feed.subscribe({ after, topics, customer, match });
  return customerId == null ? changes : mapStream(changes, (change) => ownOf(ctx, { customerId, changes, change }));
}

/** `undefined` for the other side of a split. */
async function ownOf(ctx: Context, { customerId, changes, change }: Arrival): Promise<Change | undefined> {
  if (!changes.hasSplit) return change;
  const own = await settleSplit(ctx, customerId, changes);
  return own !== undefined && (own.id === change.customerId || own.id === change.detail?.into) ? change : undefined;
}

/** Throws `NOT_FOUND` for nobody's id. */
export async function followCustomer(ctx: Context, customerId: string): Promise<FollowedCustomer> {
  requireScope(ctx, 'customers:read');
  const customer = await findFollowedCustomer(ctx.pool, customerId);
  if (!customer) throw notFound('customer', toPublicId('cus', customerId));
  return customer;
}

interface Arrival {
  readonly customerId: string;
  readonly changes: ChangeSubscription;
  readonly change: Change;
}

/** `undefined` for the other side of a split, and for a customer who is gone by now. */
async function toUpdate(ctx: Context, { customerId, changes, change }: Arrival): Promise<CustomerUpdate | undefined> {
  const changed = await change.page.once(loadChangedCustomers, ctx.pool, change);
  const named = changed.get(change.customerId ?? '');
  const customer = changes.hasSplit ? await settleSplit(ctx, customerId, changes) : named;
  if (!customer) return undefined;
  const isOther = changes.hasSplit && customer.id !== named?.id && change.topic !== 'customer.split';
  return isOther ? undefined : { change, reasons: reasonsOf(change), customer };
}

/** The feed can't know on which side of a split somebody is: the database does. Tells the feed. */
export async function settleSplit(
  ctx: Context,
  customerId: string,
  changes: ChangeSubscription,
): Promise<CustomerView | undefined> {
  const [own] = await findCustomersOfRecords(ctx.pool, [customerId]);
  if (own) changes.settle(own.id);
  return own;
}
