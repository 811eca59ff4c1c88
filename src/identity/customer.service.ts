import { customerCut, refuseWhole, touchpointBoundary } from '../access/boundary.ts';
import { isCoordinateClosed, requireFields } from '../access/field-limits.ts';
import { requireScope } from '../access/scopes.ts';
import type { Context } from '../kernel/context.ts';
import { badInput } from '../kernel/errors.ts';
import { fromPublicId } from '../kernel/ids.ts';
import { type Page, type PageArguments, type Position, readPageArguments, toPage } from '../kernel/paging.ts';
import { loadCustomers, loadRecords } from './customer.loader.ts';
import { findCustomerByIdentifier } from './customer.queries.ts';
import { Customer, type CustomerView } from './customer.type.ts';
import { type CustomerFilter, checkCustomerFilter, fieldsOfFilter } from './customer-filter.ts';
import { countCustomers, listCustomers } from './customer-list.queries.ts';
import { sightOf } from './masking.ts';
import { identifierId, normaliseIdentifier } from './normalise.ts';
import { SourceRecord } from './record.type.ts';

export interface GivenIdentifier {
  readonly kind: string;
  readonly value: string;
}

export interface CustomerOrder {
  readonly field: 'FIRST_SEEN' | 'LAST_SEEN';
  readonly direction: 'ASC' | 'DESC';
}

const fieldOfOrder = { FIRST_SEEN: 'Customer.firstSeenAt', LAST_SEEN: 'Customer.lastSeenAt' } as const;
const epoch = new Date(0);
const newestFirst: CustomerOrder = { field: 'LAST_SEEN', direction: 'DESC' };

/** Finds and lists customers. Their further fields come from loaders. */
export class CustomerService {
  readonly #settings: { readonly idSecret: string; readonly defaultRegion: string };

  /** `idSecret` is the database's own; `defaultRegion` (ISO 3166) is where phone numbers without country code are. */
  constructor(settings: { readonly idSecret: string; readonly defaultRegion: string }) {
    this.#settings = settings;
  }

  /** By id or by identifier, exactly one of them. Null when there is none. */
  async findCustomer(
    ctx: Context,
    input: { id?: string | null; identifier?: GivenIdentifier | null },
  ): Promise<Customer | null> {
    requireScope(ctx, 'customers:read');
    const { id, identifier } = input;
    if (id != null && identifier == null) return findCustomerByUuid(ctx, fromPublicId('cus', id));
    if (identifier != null && id == null) return this.#findByIdentifier(ctx, identifier);
    throw badInput('Give `id` or `identifier`, exactly one of them.');
  }

  /**
   * Needs no `pii:read`, on purpose: a till with the card in its hand must find the customer without a right to see
   * everybody's data. The caller shows that it knows the whole value, one value a call; what comes back is masked as
   * always. Filters, which could try parts of values or thousands at once, do need it.
   */
  async #findByIdentifier(ctx: Context, identifier: GivenIdentifier): Promise<Customer | null> {
    const id = this.#identifierId(identifier);
    const row = id === null ? undefined : await findCustomerByIdentifier(ctx.pool, id, insideOf(ctx));
    return row ? new Customer(row) : null;
  }

  async listCustomers(
    ctx: Context,
    input: { filter?: CustomerFilter | null; orderBy?: CustomerOrder | null } & PageArguments,
  ): Promise<Page<Customer>> {
    requireScope(ctx, 'customers:read');
    const { field, direction } = orderFor(ctx, input.orderBy);
    const page = readPageArguments(`customers.${field}.${direction}`, input);
    const selection = this.#select(ctx, input.filter);
    const listing = { ...selection, orderBy: field, descending: direction === 'DESC', page };
    const rows = await listCustomers(ctx.pool, listing);
    const position = (row: CustomerView): Position => ({
      at: placeIn(field, row),
      id: row.id,
    });
    return toPage(page, rows, { position, node: (row) => new Customer(row) });
  }

  async countCustomers(ctx: Context, filter: CustomerFilter | null | undefined): Promise<number> {
    requireScope(ctx, 'customers:read');
    return countCustomers(ctx.pool, this.#select(ctx, filter));
  }

  #select(ctx: Context, filter: CustomerFilter | null | undefined) {
    if (filter) {
      refuseWhole(ctx, 'What customers are filtered by', 'filter');
      requireFields(ctx, fieldsOfFilter(filter), 'filter');
      checkCustomerFilter(filter, sightOf(ctx));
    }
    return {
      filter: filter ?? null,
      identifierIdOf: (identifier: GivenIdentifier) => this.#identifierId(identifier),
      cut: customerCut(ctx),
    };
  }

  /** Null for what can't be an identifier of its kind: nobody carries it. */
  #identifierId({ kind, value }: GivenIdentifier): string | null {
    const normalised = normaliseIdentifier(kind, value, this.#settings);
    return normalised.ok ? identifierId(this.#settings.idSecret, normalised.kind, normalised.value) : null;
  }
}

/** An order by times that follow from all touchpoints would tell of those that the key may not see. */
function orderFor(ctx: Context, orderBy: CustomerOrder | null | undefined) {
  if (orderBy) {
    refuseWhole(ctx, 'What customers are ordered by', 'orderBy');
    requireFields(ctx, [fieldOfOrder[orderBy.field]], 'orderBy');
  }
  const isHidden = touchpointBoundary(ctx) || isCoordinateClosed(ctx.viewer.boundary, fieldOfOrder[newestFirst.field]);
  return orderBy ?? (isHidden ? ({ field: 'NONE', direction: 'ASC' } as const) : newestFirst);
}

function placeIn(field: CustomerOrder['field'] | 'NONE', row: CustomerView): Date {
  if (field === 'NONE') return epoch;
  return field === 'FIRST_SEEN' ? row.firstSeenAt : row.lastSeenAt;
}

/** An identifier that only a source outside of the key's boundary knows leads nowhere. */
function insideOf(ctx: Context) {
  return { cut: customerCut(ctx), sources: ctx.viewer.boundary?.sources };
}

/** By the UUID of any of its records, which is what its id is. */
export async function findCustomerByUuid(ctx: Context, uuid: string): Promise<Customer | null> {
  requireScope(ctx, 'customers:read');
  return ctx.loaders.get(loadCustomers, ctx).load(uuid);
}

export async function findRecordByUuid(ctx: Context, uuid: string): Promise<SourceRecord | null> {
  requireScope(ctx, 'customers:read');
  const row = await ctx.loaders.get(loadRecords, ctx).load(uuid);
  return row ? new SourceRecord(row, sightOf(ctx)) : null;
}
