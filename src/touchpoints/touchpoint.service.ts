import { requireFields } from '../access/field-limits.ts';
import { requireScope } from '../access/scopes.ts';
import { findCustomerByUuid } from '../identity/customer.service.ts';
import { sightOf } from '../identity/masking.ts';
import type { Context } from '../kernel/context.ts';
import { badInput } from '../kernel/errors.ts';
import { type Page, type PageArguments, type PageRequest, readPageArguments, toPage } from '../kernel/paging.ts';
import {
  loadTouchpoints,
  loadTouchpointsById,
  loadTouchpointsOfCustomers,
  nameOfCustomerTouchpoints,
  nameOfTouchpoint,
} from './touchpoint.loader.ts';
import { listTouchpoints, listTouchpointsOfRecord, type TouchpointKey } from './touchpoint.queries.ts';
import { Touchpoint, type TouchpointView } from './touchpoint.type.ts';
import { touchpointCut } from './touchpoint-cut.queries.ts';
import { checkTouchpointFilter, fieldsOfFilter, type TouchpointFilter } from './touchpoint-filter.ts';

interface TouchpointListInput extends Pick<PageArguments, 'first' | 'after'> {
  /** Ids in it are UUIDs; a customer's may be any that the customer ever had. */
  readonly filter?: TouchpointFilter | null;
}

/** Newest first, of everybody or of whom the filter names. */
export async function listAllTouchpoints(ctx: Context, input: TouchpointListInput): Promise<Page<Touchpoint>> {
  requireScope(ctx, 'customers:read');
  const filter = input.filter ?? {};
  requireFields(ctx, fieldsOfFilter(filter), 'filter');
  if (filter.customerId != null && filter.recordId != null) {
    throw badInput('Give `customerId` or `recordId`, not both: a record belongs to one customer.', 'filter.recordId');
  }
  if (filter.customerId != null) return touchpointsOfAnyId(ctx, filter.customerId, input);
  checkTouchpointFilter(filter);
  const page = readPageArguments('touchpoints', input);
  const selection = { filter, after: page.after, limit: page.size + 1, cut: touchpointCut(ctx) };
  const rows =
    filter.recordId == null
      ? await listTouchpoints(ctx.pool, selection)
      : await listTouchpointsOfRecord(ctx.pool, filter.recordId, selection);
  return pageOf(ctx, page, rows);
}

const nobody = '00000000-0000-0000-0000-000000000000';

/** An id may be from before a merge: its customer is found first. Nobody's id has no touchpoints. */
async function touchpointsOfAnyId(
  ctx: Context,
  customerId: string,
  input: TouchpointListInput,
): Promise<Page<Touchpoint>> {
  const customer = await findCustomerByUuid(ctx, customerId);
  const ownId = customer?.uuid ?? nobody;
  return touchpointsOfCustomer(ctx, ownId, { ...input, filter: { ...input.filter, customerId: null } });
}

/** Newest first; batched, whatever the number of customers. `customerId` is the UUID of the customer as it is now. */
export async function touchpointsOfCustomer(
  ctx: Context,
  customerId: string,
  input: TouchpointListInput,
): Promise<Page<Touchpoint>> {
  requireScope(ctx, 'customers:read');
  const filter = input.filter ?? {};
  requireFields(ctx, fieldsOfFilter(filter), 'filter');
  checkTouchpointFilter(filter);
  if (filter.customerId != null)
    throw badInput('These are the touchpoints of one customer already.', 'filter.customerId');
  const page = readPageArguments('touchpoints', input);
  const loader = ctx.loaders.get(loadTouchpointsOfCustomers, ctx, nameOfCustomerTouchpoints);
  return pageOf(ctx, page, await loader.load({ ownerId: customerId, page, filter }));
}

function pageOf(ctx: Context, page: PageRequest, rows: readonly TouchpointView[]): Page<Touchpoint> {
  const sight = sightOf(ctx);
  return toPage(page, rows, {
    position: (row) => ({ at: row.occurredAt, id: row.id }),
    node: (row) => new Touchpoint(row, sight),
  });
}

/** By its whole key, as the change feed gives it. */
export async function findTouchpoint(ctx: Context, key: TouchpointKey): Promise<Touchpoint | null> {
  requireScope(ctx, 'customers:read');
  const row = await ctx.loaders.get(loadTouchpoints, ctx, nameOfTouchpoint).load(key);
  return row ? new Touchpoint(row, sightOf(ctx)) : null;
}

export async function findTouchpointByUuid(ctx: Context, uuid: string): Promise<Touchpoint | null> {
  requireScope(ctx, 'customers:read');
  const row = await ctx.loaders.get(loadTouchpointsById, ctx).load(uuid);
  return row ? new Touchpoint(row, sightOf(ctx)) : null;
}
