import type { Context } from '../../kernel/context.ts';
import { type ListKey, readLists } from '../../kernel/lists.ts';
import type { PageRequest } from '../../kernel/paging.ts';
import { type AccountView, findAccountPaths, findAccounts, listChildren } from './account.queries.ts';
import { findHouseholds, type HouseholdView } from './household.queries.ts';
import { countMembers, findMembershipsOfCustomers, listMembers, type MembershipView } from './membership.queries.ts';
import type { GroupKind } from './membership.ts';

/** Memberships of one customer that are shown at once. */
const mostOfCustomer = 200;

export async function loadHouseholds(ctx: Context, ids: readonly string[]): Promise<(HouseholdView | null)[]> {
  const byId = new Map((await findHouseholds(ctx.pool, ids)).map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

export async function loadAccounts(ctx: Context, ids: readonly string[]): Promise<(AccountView | null)[]> {
  const byId = new Map((await findAccounts(ctx.pool, ids)).map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** From the top of the hierarchy down to the account itself. */
export function loadAccountPaths(ctx: Context, ids: readonly string[]): Promise<AccountView[][]> {
  return readLists(
    ids.map((ownerId) => ({ ownerId })),
    {
      argumentsOf: () => '',
      read: (owners) => findAccountPaths(ctx.pool, owners),
      ownerOf: (row) => row.startId,
    },
  );
}

export interface PageOf extends ListKey {
  readonly page: PageRequest;
}

const pageArguments = ({ page }: PageOf): string => JSON.stringify(page);

export const nameOfPage = (key: PageOf): string => `${key.ownerId} ${pageArguments(key)}`;

export function loadChildren(ctx: Context, keys: readonly PageOf[]): Promise<AccountView[][]> {
  return readLists(keys, {
    argumentsOf: pageArguments,
    read: (ids, { page }) => listChildren(ctx.pool, ids, { after: page.after, limit: page.size + 1 }),
    ownerOf: (row) => row.parentId,
  });
}

export interface MembersKey extends PageOf {
  /** Null: now, for all of a batch the same now. */
  readonly at: Date | null;
  readonly includeEnded: boolean;
}

const membersArguments = ({ page, at, includeEnded }: MembersKey): string => JSON.stringify([page, at, includeEnded]);

export const nameOfMembers = (key: MembersKey): string => `${key.ownerId} ${membersArguments(key)}`;

function loadMembers(ctx: Context, kind: GroupKind, keys: readonly MembersKey[]): Promise<MembershipView[][]> {
  return readLists(keys, {
    argumentsOf: membersArguments,
    read: (ids, { page, at, includeEnded }) =>
      listMembers(ctx.pool, kind, ids, {
        at: at ?? ctx.clock.now(),
        includeEnded,
        after: page.after,
        limit: page.size + 1,
      }),
    ownerOf: (row) => row.groupId,
  });
}

export const loadHouseholdMembers = (ctx: Context, keys: readonly MembersKey[]) => loadMembers(ctx, 'household', keys);
export const loadAccountMembers = (ctx: Context, keys: readonly MembersKey[]) => loadMembers(ctx, 'account', keys);

export interface RelationsKey extends ListKey {
  /** Null: now. */
  readonly at: Date | null;
  readonly includeEnded: boolean;
}

const relationsArguments = ({ at, includeEnded }: RelationsKey): string => JSON.stringify([at, includeEnded]);

export const nameOfRelations = (key: RelationsKey): string => `${key.ownerId} ${relationsArguments(key)}`;

function loadRelations(ctx: Context, kind: GroupKind, keys: readonly RelationsKey[]): Promise<MembershipView[][]> {
  return readLists(keys, {
    argumentsOf: relationsArguments,
    read: (ids, { at, includeEnded }) =>
      findMembershipsOfCustomers(ctx.pool, kind, ids, {
        at: at ?? ctx.clock.now(),
        includeEnded,
        limit: mostOfCustomer,
      }),
    ownerOf: (row) => row.customerId,
  });
}

export const loadHouseholdsOfCustomers = (ctx: Context, keys: readonly RelationsKey[]) =>
  loadRelations(ctx, 'household', keys);
export const loadAccountsOfCustomers = (ctx: Context, keys: readonly RelationsKey[]) =>
  loadRelations(ctx, 'account', keys);

async function loadSizes(ctx: Context, kind: GroupKind, ids: readonly string[]): Promise<number[]> {
  const rows = await countMembers(ctx.pool, kind, ids, ctx.clock.now());
  const sizes = new Map(rows.map((row) => [row.groupId, row.members]));
  return ids.map((id) => sizes.get(id) ?? 0);
}

export const loadHouseholdSizes = (ctx: Context, ids: readonly string[]) => loadSizes(ctx, 'household', ids);
export const loadAccountSizes = (ctx: Context, ids: readonly string[]) => loadSizes(ctx, 'account', ids);
