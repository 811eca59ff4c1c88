import { customerCut } from '../access/boundary.ts';
import { requireScope } from '../access/scopes.ts';
import type { FollowedCustomer } from '../kernel/change-feed-follow.ts';
import { mapStream } from '../kernel/change-feed-map.ts';
import type { Change } from '../kernel/change-feed-page.ts';
import type { ChangeSubscription } from '../kernel/change-feed-subscription.ts';
import type { ChangeTopic } from '../kernel/changes.queries.ts';
import type { Context } from '../kernel/context.ts';
import { notFound } from '../kernel/errors.ts';
import { toPublicId } from '../kernel/ids.ts';
import { loadCustomers } from './customer.loader.ts';
import { findCustomersOfRecords } from './customer.queries.ts';
import { Customer, type CustomerView } from './customer.type.ts';
import { customerTopics, joinReasons, type ReasonOfChange, reasonsOf } from './customer-change.ts';
import { loadChangedCustomers } from './customer-subscription.loader.ts';
import { findFollowedCustomer, isRecordInside } from './customer-subscription.queries.ts';

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
  const own =
    customerId == null ? changes : mapStream(changes, (change) => ownOf(ctx, { customerId, changes, change }));
  if (!customerCut(ctx)) return own;
  return mapStream(own, async (change) => ((await isOfSomebodyInside(ctx, change.customerId)) ? change : undefined));
}

/**
 * Whether the customer of a record (or who was called by this id) is one whom the caller's key may see: now, when it is about to
 * be told, whatever was true when it happened.
 */
export async function isOfSomebodyInside(ctx: Context, recordId: string | null): Promise<boolean> {
  const cut = customerCut(ctx);
  if (!cut) return true;
  return recordId !== null && isRecordInside(ctx.pool, recordId, cut);
}

/** Of a change: shared by all its readers, but for those who may not see everybody. */
export async function customerOfChange(ctx: Context, change: Change): Promise<Customer | null> {
  requireScope(ctx, 'customers:read');
  if (customerCut(ctx)) return ctx.loaders.get(loadCustomers, ctx).load(change.customerId!);
  const row = (await change.page.once(loadChangedCustomers, ctx.pool, change)).get(change.customerId!);
  return row ? new Customer(row) : null;
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
  const customer = await findFollowedCustomer(ctx.pool, customerId, customerCut(ctx));
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
  if (isOther) return undefined;
  const seen = await insideNow(ctx, customer);
  return seen && { change, reasons: reasonsOf(change), customer: seen };
}

/** Read anew for whoever may not see everybody: who is inside changes without a change of the customer. */
async function insideNow(ctx: Context, customer: CustomerView): Promise<CustomerView | undefined> {
  const cut = customerCut(ctx);
  if (!cut) return customer;
  const [own] = await findCustomersOfRecords(ctx.pool, [customer.id], cut);
  return own;
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
