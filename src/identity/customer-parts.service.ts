import { requireScope } from '../access/scopes.ts';
import type { Context } from '../kernel/context.ts';
import { badInput } from '../kernel/errors.ts';
import {
  loadIdentifiersOfCustomers,
  loadIdentifiersOfRecords,
  loadRecordsOfCustomers,
  loadTraitProvenance,
  loadTraitsOfRecords,
  nameOfFirst,
  type TraitProvenance,
} from './customer.loader.ts';
import type { Customer } from './customer.type.ts';
import { Identifier } from './identifier.type.ts';
import { sightOf } from './masking.ts';
import { SourceRecord } from './record.type.ts';
import { RecordTrait, Trait, TraitLoser } from './trait.type.ts';

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
export function traitsOfCustomer(
  ctx: Context,
  customer: Customer,
  { names, withProvenance }: { names?: readonly string[] | null; withProvenance?: boolean | null },
): Trait[] {
  requireScope(ctx, 'customers:read');
  const { traits } = customer.row;
  const wanted = names ? new Set(names) : null;
  return Object.keys(traits)
    .filter((name) => traits[name] !== null && (wanted === null || wanted.has(name)))
    .sort()
    .map((name) => ({
      customerId: customer.uuid,
      name,
      value: traits[name]!,
      withProvenance: withProvenance !== false,
    }))
    .map((trait) => new Trait(trait, sightOf(ctx)));
}

/** Null where the caller declined to know, or no record says anything about the trait any more. */
export async function provenanceOfTrait(ctx: Context, trait: Trait): Promise<TraitProvenance | null> {
  requireScope(ctx, 'customers:read');
  if (!trait.withProvenance) return null;
  const byName = await ctx.loaders.get(loadTraitProvenance, ctx).load(trait.customerId);
  return byName.get(trait.name) ?? null;
}

/** What the golden value is made of, the latest first. */
export async function contributionsOfTrait(ctx: Context, trait: Trait): Promise<RecordTrait[] | null> {
  const provenance = await provenanceOfTrait(ctx, trait);
  return provenance?.survival.contributions.map((statement) => new RecordTrait(statement, sightOf(ctx))) ?? null;
}

/** What does not count, and why. */
export async function losersOfTrait(ctx: Context, trait: Trait): Promise<TraitLoser[] | null> {
  const provenance = await provenanceOfTrait(ctx, trait);
  return provenance?.survival.losers.map((loser) => new TraitLoser(loser, sightOf(ctx))) ?? null;
}
