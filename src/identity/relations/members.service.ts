import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { notFound } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { type Page, type PageArguments, readPageArguments, toPage } from '../../kernel/paging.ts';
import { holdCustomer } from '../customers.queries.ts';
import { findCustomerOfRecord, type MembershipView } from './membership.queries.ts';
import type { GroupKind } from './membership.ts';
import {
  loadAccountMembers,
  loadAccountSizes,
  loadAccountsOfCustomers,
  loadHouseholdMembers,
  loadHouseholdSizes,
  loadHouseholdsOfCustomers,
  nameOfMembers,
  nameOfRelations,
} from './relation.loader.ts';

/** Whoever is merged between being found and being held is found again. */
const mostAttempts = 3;

export interface MembersArguments extends Pick<PageArguments, 'first' | 'after'> {
  /** As it was, or will be, at this instant; now, if left out. */
  readonly at?: Date | null;
  /** All that was ever said instead. */
  readonly includeEnded?: boolean;
}

/** The members of a household or account, the oldest first. */
export async function membersOf<N>(
  ctx: Context,
  { kind, id }: { kind: GroupKind; id: string },
  { args, node }: { args: MembersArguments; node: (row: MembershipView) => N },
): Promise<Page<N>> {
  requireScope(ctx, 'identity:read');
  const page = readPageArguments(`${kind}.members`, args);
  const load = kind === 'household' ? loadHouseholdMembers : loadAccountMembers;
  const key = { ownerId: id, page, at: args.at ?? null, includeEnded: args.includeEnded ?? false };
  const rows = await ctx.loaders.get(load, ctx, nameOfMembers).load(key);
  return toPage(page, rows, { position: (row) => ({ at: row.since ?? new Date(0), id: row.id }), node });
}

/** Customers in it now. */
export async function countMembersOf(ctx: Context, { kind, id }: { kind: GroupKind; id: string }): Promise<number> {
  requireScope(ctx, 'identity:read');
  return sizeOf(ctx, kind, id);
}

/** What a customer is a member of, as the single customer view shows it. `customerId`: as it is now. */
export async function membershipsOfCustomer(
  ctx: Context,
  kind: GroupKind,
  { customerId, includeEnded }: { customerId: string; includeEnded: boolean },
): Promise<MembershipView[]> {
  requireScope(ctx, 'customers:read');
  const load = kind === 'household' ? loadHouseholdsOfCustomers : loadAccountsOfCustomers;
  return ctx.loaders.get(load, ctx, nameOfRelations).load({ ownerId: customerId, at: null, includeEnded });
}

/** How many others there are, seen from one of the customers. */
export async function countOthers(ctx: Context, kind: GroupKind, membership: MembershipView): Promise<number> {
  requireScope(ctx, 'customers:read');
  const size = await sizeOf(ctx, kind, membership.groupId);
  return holdsAt(membership, ctx.clock.now()) ? size - 1 : size;
}

function sizeOf(ctx: Context, kind: GroupKind, id: string): Promise<number> {
  return ctx.loaders.get(kind === 'household' ? loadHouseholdSizes : loadAccountSizes, ctx).load(id);
}

function holdsAt({ since, until }: MembershipView, now: Date): boolean {
  return (since === null || since <= now) && (until === null || until > now);
}

/**
 * The customer of any of its ids, which is the id of the founding record, on which memberships hang. They stay until the
 * transaction ends: what is said of somebody who is being erased would outlive them. Before the lock on the group.
 */
export async function getCustomer(tx: Tx, recordId: string): Promise<string> {
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const customerId = await findCustomerOfRecord(tx, recordId);
    if (customerId === undefined) break;
    if (await holdCustomer(tx, customerId)) return customerId;
  }
  throw notFound('customer', toPublicId('cus', recordId));
}
