import { requireScope } from '../access/scopes.ts';
import type { Context } from '../kernel/context.ts';
import { type Page, type PageArguments, readPageArguments, readSize, toPage } from '../kernel/paging.ts';
import {
  loadLogsOfCustomers,
  loadLogsOfSegments,
  loadMembers,
  loadMemberships,
  nameOfFirst,
  nameOfMembers,
  nameOfPage,
} from './segment.loader.ts';
import type { LogView, MembershipView } from './segment-members.queries.ts';

/** Who is in a segment, the latest first; or who was in it at an instant, by their ids. */
export async function membersOf<N>(
  ctx: Context,
  segmentId: string,
  { args: { at, ...args }, node }: { args: PageArguments & { at?: Date | null }; node: (row: MembershipView) => N },
): Promise<Page<N>> {
  requireScope(ctx, 'segments:read');
  requireScope(ctx, 'customers:read');
  const page = readPageArguments(at ? 'members at' : 'members', args);
  const key = { ownerId: segmentId, page, at: at ?? null };
  const rows = await ctx.loaders.get(loadMembers, ctx, nameOfMembers).load(key);
  return toPage(page, rows, { position: ({ since, customerId }) => ({ at: since, id: customerId }), node });
}

/** What a customer is in, the latest first. */
export async function membershipsOf(ctx: Context, customerId: string, first: number): Promise<MembershipView[]> {
  requireScope(ctx, 'segments:read');
  requireScope(ctx, 'customers:read');
  const key = { ownerId: customerId, first: readSize(first, 'first') };
  return ctx.loaders.get(loadMemberships, ctx, nameOfFirst).load(key);
}

type Listing<N> = {
  readonly args: Pick<PageArguments, 'first' | 'after'>;
  readonly node: (row: LogView) => N;
};

/** Who entered and left a segment, the latest first. */
export async function logOfSegment<N>(ctx: Context, segmentId: string, { args, node }: Listing<N>): Promise<Page<N>> {
  requireScope(ctx, 'segments:read');
  requireScope(ctx, 'customers:read');
  const page = readPageArguments('segment log', args);
  const rows = await ctx.loaders.get(loadLogsOfSegments, ctx, nameOfPage).load({ ownerId: segmentId, page });
  return toPage(page, rows, { position: ({ at, id }) => ({ at, id }), node });
}

/** What a customer entered and left, the latest first. */
export async function logOfCustomer<N>(ctx: Context, customerId: string, { args, node }: Listing<N>): Promise<Page<N>> {
  requireScope(ctx, 'segments:read');
  requireScope(ctx, 'customers:read');
  const page = readPageArguments('segmentHistory', args);
  const rows = await ctx.loaders.get(loadLogsOfCustomers, ctx, nameOfPage).load({ ownerId: customerId, page });
  return toPage(page, rows, { position: ({ at, id }) => ({ at, id }), node });
}
