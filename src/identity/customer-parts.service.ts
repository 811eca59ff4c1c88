import { requireScope } from '../access/scopes.ts';
import type { Context } from '../kernel/context.ts';
import { badInput } from '../kernel/errors.ts';
import {
  loadIdentifiersOfCustomers,
  loadIdentifiersOfRecords,
  loadRecordsOfCustomers,
  loadTraitsOfCustomers,
  loadTraitsOfRecords,
  nameOfFirst,
} from './customer.loader.ts';
import type { Customer } from './customer.type.ts';
import { Identifier } from './identifier.type.ts';
import { sightOf } from './masking.ts';
import type { RecordTraitView } from './record.queries.ts';
import { SourceRecord } from './record.type.ts';
import { RecordTrait, Trait } from './trait.type.ts';

const mostParts = 200;

function checkFirst(first: number): void {
  if (first < 1 || first > mostParts)
    throw badInput(`Expected \`first\` from 1 to ${mostParts}, got ${first}.`, 'first');
}

export async function recordsOfCustomer(ctx: Context, customerId: string, first: number): Promise<SourceRecord[]> {
  requireScope(ctx, 'customers:read');
  checkFirst(first);
  const rows = await ctx.loaders.get(loadRecordsOfCustomers, ctx, nameOfFirst).load({ ownerId: customerId, first });
  return rows.map((row) => new SourceRecord(row, sightOf(ctx)));
}

export async function identifiersOfCustomer(ctx: Context, customerId: string, first: number): Promise<Identifier[]> {
  requireScope(ctx, 'customers:read');
  checkFirst(first);
  const rows = await ctx.loaders.get(loadIdentifiersOfCustomers, ctx, nameOfFirst).load({ ownerId: customerId, first });
  return rows.map((row) => new Identifier(row, sightOf(ctx)));
}

export async function identifiersOfRecord(ctx: Context, recordId: string): Promise<Identifier[]> {
  requireScope(ctx, 'customers:read');
  const rows = await ctx.loaders.get(loadIdentifiersOfRecords, ctx).load(recordId);
  return rows.map((row) => new Identifier(row, sightOf(ctx)));
}

export async function traitsOfRecord(ctx: Context, recordId: string): Promise<RecordTrait[]> {
  requireScope(ctx, 'customers:read');
  const rows = await ctx.loaders.get(loadTraitsOfRecords, ctx).load(recordId);
  return rows.map((row) => new RecordTrait(row, sightOf(ctx)));
}

/** Golden traits by name. A trait whose latest value is null is not there: the source said that there is none. */
export function traitsOfCustomer(ctx: Context, customer: Customer, names?: readonly string[] | null): Trait[] {
  requireScope(ctx, 'customers:read');
  const { traits } = customer.row;
  const wanted = names ? new Set(names) : null;
  return Object.keys(traits)
    .filter((name) => traits[name] !== null && (wanted === null || wanted.has(name)))
    .sort()
    .map((name) => new Trait({ customerId: customer.uuid, name, value: traits[name]! }, sightOf(ctx)));
}

/** Every value that the customer's records hold of a trait, the one that counts first. */
export async function valuesOfTrait(ctx: Context, customerId: string, name: string): Promise<RecordTrait[]> {
  requireScope(ctx, 'customers:read');
  const byName = await ctx.loaders.get(loadTraitsOfCustomers, ctx).load(customerId);
  const rows: readonly RecordTraitView[] = byName.get(name) ?? [];
  return rows.map((row) => new RecordTrait(row, sightOf(ctx)));
}
