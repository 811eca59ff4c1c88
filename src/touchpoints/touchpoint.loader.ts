import type { Context } from '../kernel/context.ts';
import { type ListKey, readLists } from '../kernel/lists.ts';
import type { PageRequest } from '../kernel/paging.ts';
import {
  findTouchpoints,
  findTouchpointsById,
  listTouchpointsOfCustomers,
  type TouchpointKey,
} from './touchpoint.queries.ts';
import type { TouchpointView } from './touchpoint.type.ts';
import { touchpointCut } from './touchpoint-cut.queries.ts';
import type { TouchpointFilter } from './touchpoint-filter.ts';

export interface CustomerTouchpointsKey extends ListKey {
  readonly page: PageRequest;
  readonly filter: TouchpointFilter;
}

const argumentsOf = ({ page, filter }: CustomerTouchpointsKey): string => JSON.stringify([page, filter]);

export const nameOfCustomerTouchpoints = (key: CustomerTouchpointsKey): string => `${key.ownerId} ${argumentsOf(key)}`;

/** A page for each customer, with one too many to tell whether there is more. */
export function loadTouchpointsOfCustomers(
  ctx: Context,
  keys: readonly CustomerTouchpointsKey[],
): Promise<TouchpointView[][]> {
  return readLists(keys, {
    argumentsOf,
    read: (ids, { page, filter }) =>
      listTouchpointsOfCustomers(ctx.pool, ids, {
        filter,
        after: page.after,
        limit: page.size + 1,
        cut: touchpointCut(ctx),
      }),
    ownerOf: (row) => row.customerId,
  });
}

export const nameOfTouchpoint = (key: TouchpointKey): string => key.id;

export async function loadTouchpoints(
  ctx: Context,
  keys: readonly TouchpointKey[],
): Promise<(TouchpointView | null)[]> {
  const rows = await findTouchpoints(ctx.pool, keys, touchpointCut(ctx));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return keys.map((key) => byId.get(key.id) ?? null);
}

export async function loadTouchpointsById(ctx: Context, ids: readonly string[]): Promise<(TouchpointView | null)[]> {
  const rows = await findTouchpointsById(ctx.pool, ids, touchpointCut(ctx));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}
