import type { Context } from '../../kernel/context.ts';
import { groupBy, type ListKey, readLists } from '../../kernel/lists.ts';
import type { PageRequest } from '../../kernel/paging.ts';
import { findOverrides, type OverrideRow } from '../members/member.queries.ts';
import {
  type EntryView,
  type ExpiringView,
  findExpiring,
  findMembershipViews,
  findStandings,
  findWallets,
  listEntries,
  listLots,
  listTierLog,
  type MembershipView,
  type OwnedLot,
  type Standing,
  type TierLogView,
  type WalletView,
} from './standing.queries.ts';

export function loadStandings(ctx: Context, ids: readonly string[]): Promise<Standing[][]> {
  return ofCustomers(ids, findStandings(ctx.pool, ids));
}

export function loadMembershipViews(ctx: Context, ids: readonly string[]): Promise<MembershipView[][]> {
  return ofCustomers(ids, findMembershipViews(ctx.pool, ids));
}

export function loadWallets(ctx: Context, ids: readonly string[]): Promise<WalletView[][]> {
  return ofCustomers(ids, findWallets(ctx.pool, ids, ctx.clock.now()));
}

export function loadExpiring(ctx: Context, ids: readonly string[]): Promise<ExpiringView[][]> {
  return ofCustomers(ids, findExpiring(ctx.pool, ids, ctx.clock.now()));
}

export function loadOverrides(ctx: Context, ids: readonly string[]): Promise<OverrideRow[][]> {
  return ofCustomers(ids, findOverrides(ctx.pool, ids));
}

async function ofCustomers<T extends { customerId: string }>(
  ids: readonly string[],
  rows: Promise<readonly T[]>,
): Promise<T[][]> {
  const byCustomer = groupBy(await rows, ({ customerId }) => customerId);
  return ids.map((id) => byCustomer.get(id) ?? []);
}

/** A page of what a customer has in a programme. */
export interface StandingPage extends ListKey {
  readonly programId: string;
  readonly page: PageRequest;
}

export interface LotsPage extends StandingPage {
  readonly open: boolean;
}

export const nameOfStandingPage = (key: StandingPage): string => JSON.stringify(key);

const argumentsOf = ({ ownerId: _, ...rest }: ListKey): string => JSON.stringify(rest);

export function loadLots(ctx: Context, keys: readonly LotsPage[]): Promise<OwnedLot[][]> {
  return readLists(keys, {
    argumentsOf,
    read: (ids, { programId, open, page }) => listLots(ctx.pool, ids, { programId, open, page, now: ctx.clock.now() }),
    ownerOf: ({ ownerId }) => ownerId,
  });
}

export function loadEntries(ctx: Context, keys: readonly StandingPage[]): Promise<EntryView[][]> {
  return readLists(keys, {
    argumentsOf,
    read: (ids, { programId, page }) => listEntries(ctx.pool, ids, { programId, page }),
    ownerOf: ({ ownerId }) => ownerId,
  });
}

export interface TierLogKey extends ListKey {
  readonly programId: string;
  readonly first: number;
}

export const nameOfTierLog = ({ ownerId, programId, first }: TierLogKey): string => `${ownerId} ${programId} ${first}`;

export function loadTierLog(ctx: Context, keys: readonly TierLogKey[]): Promise<TierLogView[][]> {
  return readLists(keys, {
    argumentsOf,
    read: (ids, { programId, first }) => listTierLog(ctx.pool, ids, { programId, first }),
    ownerOf: ({ ownerId }) => ownerId,
  });
}
