import { customerCut } from '../access/boundary.ts';
import type { Context } from '../kernel/context.ts';
import { groupBy, type ListKey, readLists } from '../kernel/lists.ts';
import type { PageRequest } from '../kernel/paging.ts';
import { type BookPages, loadBook } from './segment-book.queries.ts';
import {
  type LogView,
  listLogOfCustomers,
  listLogOfSegments,
  listMembers,
  listMembersAt,
  listMemberships,
  type MembershipView,
} from './segment-members.queries.ts';
import {
  countMembers,
  countMembersInside,
  findDependantsOf,
  findShownVersions,
  findVersionHistory,
} from './segment-reading.queries.ts';
import { findSegments, type SegmentView, type VersionView } from './segments.queries.ts';

export async function loadSegments(ctx: Context, ids: readonly string[]): Promise<(SegmentView | null)[]> {
  const byId = new Map((await findSegments(ctx.pool, ids)).map((segment) => [segment.id, segment]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** The version that is shown and those that are to be served, in order. */
export async function loadShownVersions(ctx: Context, ids: readonly string[]): Promise<VersionView[][]> {
  const bySegment = groupBy(await findShownVersions(ctx.pool, ids), ({ segmentId }) => segmentId);
  return ids.map((id) => bySegment.get(id) ?? []);
}

export async function loadMemberCounts(ctx: Context, ids: readonly string[]): Promise<number[]> {
  const cut = customerCut(ctx);
  const rows = await (cut ? countMembersInside(ctx.pool, ids, cut) : countMembers(ctx.pool, ids));
  const counts = new Map(rows.map(({ id, members }) => [id, members]));
  return ids.map((id) => counts.get(id) ?? 0);
}

export async function loadDependants(ctx: Context, ids: readonly string[]): Promise<SegmentView[][]> {
  const byNamed = groupBy(await findDependantsOf(ctx.pool, ids), ({ namedId }) => namedId);
  return ids.map((id) => byNamed.get(id) ?? []);
}

/** All definitions that others name, once for however many ask. */
export async function loadNamed(ctx: Context, keys: readonly 'all'[]): Promise<BookPages[]> {
  const pages = await loadBook(ctx.pool);
  return keys.map(() => pages);
}

/** The first so many of an owner's. */
export interface FirstOf extends ListKey {
  readonly first: number;
}

export const nameOfFirst = ({ ownerId, first }: FirstOf): string => `${ownerId} ${first}`;

export function loadVersionHistory(ctx: Context, keys: readonly FirstOf[]): Promise<VersionView[][]> {
  return readLists(keys, {
    argumentsOf: ({ first }) => `${first}`,
    read: (ids, { first }) => findVersionHistory(ctx.pool, ids, first),
    ownerOf: ({ segmentId }) => segmentId,
  });
}

export function loadMemberships(ctx: Context, keys: readonly FirstOf[]): Promise<MembershipView[][]> {
  return readLists(keys, {
    argumentsOf: ({ first }) => `${first}`,
    read: (ids, { first }) => listMemberships(ctx.pool, ids, first),
    ownerOf: ({ customerId }) => customerId,
  });
}

export interface PageOf extends ListKey {
  readonly page: PageRequest;
}

export const nameOfPage = ({ ownerId, page }: PageOf): string => `${ownerId} ${JSON.stringify(page)}`;

const pageArguments = ({ page }: PageOf): string => JSON.stringify(page);

export function loadLogsOfSegments(ctx: Context, keys: readonly PageOf[]): Promise<LogView[][]> {
  return readLists(keys, {
    argumentsOf: pageArguments,
    read: (ids, { page }) => listLogOfSegments(ctx.pool, ids, page),
    ownerOf: ({ ownerId }) => ownerId,
  });
}

export function loadLogsOfCustomers(ctx: Context, keys: readonly PageOf[]): Promise<LogView[][]> {
  return readLists(keys, {
    argumentsOf: pageArguments,
    read: (ids, { page }) => listLogOfCustomers(ctx.pool, ids, page),
    ownerOf: ({ ownerId }) => ownerId,
  });
}

export interface MembersOf extends PageOf {
  /** Null: now. */
  readonly at: Date | null;
}

export const nameOfMembers = ({ ownerId, page, at }: MembersOf): string => `${ownerId} ${JSON.stringify([page, at])}`;

export function loadMembers(ctx: Context, keys: readonly MembersOf[]): Promise<MembershipView[][]> {
  return readLists(keys, {
    argumentsOf: ({ page, at }) => JSON.stringify([page, at]),
    read: (ids, { page, at }) => {
      const cut = customerCut(ctx);
      return at ? listMembersAt(ctx.pool, ids, { at, page, cut }) : listMembers(ctx.pool, ids, { page, cut });
    },
    ownerOf: ({ segmentId }) => segmentId,
  });
}
