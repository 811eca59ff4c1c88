import { customerCut } from '../access/boundary.ts';
import type { Context } from '../kernel/context.ts';
import { groupBy, type ListKey, readLists } from '../kernel/lists.ts';
import { findCustomersOfRecords } from './customer.queries.ts';
import { Customer } from './customer.type.ts';
import { findIdentifiersOfCustomers, findIdentifiersOfRecords, type IdentifierView } from './identifier.queries.ts';
import {
  findRecords,
  findRecordsOfCustomers,
  findTraitsOfCustomers,
  findTraitsOfRecords,
  type HeldStatement,
  type RecordCut,
  type RecordTraitView,
  type RecordView,
} from './record.queries.ts';
import { type Strategy, type Survival, survive } from './survivorship.ts';

/** UUID of any record → the customer to whom it belongs now. A customer's id is the id of one of its records. */
export async function loadCustomers(ctx: Context, recordIds: readonly string[]): Promise<(Customer | null)[]> {
  const rows = await findCustomersOfRecords(ctx.pool, recordIds, customerCut(ctx));
  const byRecord = new Map(rows.map((row) => [row.recordId, new Customer(row)]));
  return recordIds.map((id) => byRecord.get(id) ?? null);
}

export async function loadRecords(ctx: Context, ids: readonly string[]): Promise<(RecordView | null)[]> {
  const byId = new Map((await findRecords(ctx.pool, ids, recordCut(ctx))).map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** Which records the caller's key may see: those of its sources, of customers inside of its boundary. */
function recordCut(ctx: Context): RecordCut {
  return { customers: customerCut(ctx), sources: ctx.viewer.boundary?.sources };
}

/** The first so many of an owner's. */
export interface FirstOf extends ListKey {
  readonly first: number;
}

export const nameOfFirst = (key: FirstOf): string => `${key.ownerId} ${key.first}`;

export function loadRecordsOfCustomers(ctx: Context, keys: readonly FirstOf[]): Promise<RecordView[][]> {
  return readLists(keys, {
    argumentsOf: (key) => `${key.first}`,
    read: (ids, { first }) => findRecordsOfCustomers(ctx.pool, ids, { limit: first, cut: recordCut(ctx) }),
    ownerOf: (row) => row.customerId,
  });
}

export function loadIdentifiersOfCustomers(ctx: Context, keys: readonly FirstOf[]): Promise<IdentifierView[][]> {
  return readLists(keys, {
    argumentsOf: (key) => `${key.first}`,
    read: (ids, { first }) => findIdentifiersOfCustomers(ctx.pool, ids, first),
    ownerOf: (row) => row.ownerId,
  });
}

export async function loadIdentifiersOfRecords(
  ctx: Context,
  recordIds: readonly string[],
): Promise<IdentifierView[][]> {
  const byRecord = groupBy(await findIdentifiersOfRecords(ctx.pool, recordIds), (row) => row.ownerId);
  return recordIds.map((id) => byRecord.get(id) ?? []);
}

export async function loadTraitsOfRecords(ctx: Context, recordIds: readonly string[]): Promise<RecordTraitView[][]> {
  const byRecord = groupBy(await findTraitsOfRecords(ctx.pool, recordIds), (row) => row.recordId);
  return recordIds.map((id) => byRecord.get(id) ?? []);
}

/** Where a golden value comes from, by the strategy as it is now. */
export interface TraitProvenance {
  readonly strategy: Strategy;
  readonly survival: Survival<HeldStatement>;
}

/** By name of the trait: once for a customer, however many of its traits ask where they come from. */
export async function loadTraitProvenance(
  ctx: Context,
  customerIds: readonly string[],
): Promise<Map<string, TraitProvenance>[]> {
  const byCustomer = groupBy(await findTraitsOfCustomers(ctx.pool, customerIds), (row) => row.customerId);
  return customerIds.map((id) => {
    const byName = groupBy(byCustomer.get(id) ?? [], (row) => row.name);
    return new Map([...byName].map(([name, held]) => [name, provenanceOf(held)]));
  });
}

function provenanceOf(held: readonly HeldStatement[]): TraitProvenance {
  const rule = held[0]!;
  return { strategy: rule.survivorship.strategy, survival: survive(rule, held) };
}
