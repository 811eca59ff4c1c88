import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import { type Page, type PageArguments, readPageArguments, toPage } from '../../kernel/paging.ts';
import { loadCustomers, loadRecords, nameOfFirst } from '../customer.loader.ts';
import type { Customer } from '../customer.type.ts';
import type { DecisionKind } from '../decision.ts';
import type { DecisionRow } from '../decisions.queries.ts';
import { sightOf } from '../masking.ts';
import { SourceRecord } from '../record.type.ts';
import type { RegroupingRow } from '../regroupings.queries.ts';
import type { Refusal } from '../resolution.ts';
import {
  type DecisionRecordRow,
  loadDecisions,
  loadKnownIdentifiers,
  loadRecordsOfDecisions,
  loadRegroupings,
  loadRegroupingsOfCustomers,
  loadTogether,
} from './steward.loader.ts';
import {
  type KnownIdentifierRow,
  listDecisions,
  listOverusedIdentifiers,
  listRefusedLinks,
  listRegroupings,
  type RefusedLinkRow,
} from './steward.queries.ts';

type Paging = Pick<PageArguments, 'first' | 'after'>;

const mostParts = 200;

/** Evidence that is refused as things stand now, the latest first. */
export async function listRefused<N>(
  ctx: Context,
  args: Paging & { readonly refusals?: readonly Refusal[] | null; readonly kinds?: readonly string[] | null },
  node: (row: RefusedLinkRow) => N,
): Promise<Page<N>> {
  requireScope(ctx, 'identity:read');
  const page = readPageArguments('refusedLinks', args);
  const { refusals = null, kinds = null } = args;
  const rows = await listRefusedLinks(ctx.pool, { refusals, kinds, after: page.after, limit: page.size + 1 });
  return toPage(page, rows, { position: ({ refusedAt, place }) => ({ at: refusedAt, id: place }), node });
}

/** Identifiers that join nobody because too many records carry them, the latest first. */
export async function listOverused<N>(
  ctx: Context,
  args: Paging,
  node: (row: KnownIdentifierRow) => N,
): Promise<Page<N>> {
  requireScope(ctx, 'identity:read');
  const page = readPageArguments('overusedIdentifiers', args);
  const rows = await listOverusedIdentifiers(ctx.pool, { after: page.after, limit: page.size + 1 });
  return toPage(page, rows, { position: ({ cutAt, id }) => ({ at: cutAt, id }), node });
}

/** Decisions, the latest first; without `kinds` those of people, without the matcher's. */
export async function listAllDecisions<N>(
  ctx: Context,
  args: Paging & { readonly kinds?: readonly DecisionKind[] | null },
  node: (row: DecisionRow) => N,
): Promise<Page<N>> {
  requireScope(ctx, 'identity:read');
  const page = readPageArguments('identityDecisions', args);
  const rows = await listDecisions(ctx.pool, { kinds: args.kinds ?? null, after: page.after, limit: page.size + 1 });
  return toPage(page, rows, { position: ({ decidedAt, id }) => ({ at: decidedAt, id }), node });
}

/** All merges, splits and moves, the latest first. */
export async function listAllRegroupings<N>(
  ctx: Context,
  args: Paging,
  node: (row: RegroupingRow) => N,
): Promise<Page<N>> {
  requireScope(ctx, 'identity:read');
  const page = readPageArguments('identityRegroupings', args);
  const rows = await listRegroupings(ctx.pool, { after: page.after, limit: page.size + 1 });
  return toPage(page, rows, { position: ({ at, id }) => ({ at, id }), node });
}

export async function findDecision(ctx: Context, id: string): Promise<DecisionRow | null> {
  requireScope(ctx, 'identity:read');
  return ctx.loaders.get(loadDecisions, ctx).load(id);
}

export async function recordsOfDecision(ctx: Context, id: string, first: number): Promise<DecisionRecordRow[]> {
  requireScope(ctx, 'identity:read');
  checkFirst(first);
  const records = await ctx.loaders.get(loadRecordsOfDecisions, ctx).load(id);
  return records.slice(0, first);
}

export async function findRegroupingById(ctx: Context, id: string): Promise<RegroupingRow | null> {
  requireScope(ctx, 'identity:read');
  return ctx.loaders.get(loadRegroupings, ctx).load(id);
}

/** Whether there still is something to undo: records of both its sides are in one customer. */
export async function isTogether(ctx: Context, id: string): Promise<boolean> {
  requireScope(ctx, 'identity:read');
  return ctx.loaders.get(loadTogether, ctx).load(id);
}

/** What became of a customer, the latest first. */
export async function regroupingsOfCustomer(ctx: Context, customerId: string, first: number): Promise<RegroupingRow[]> {
  requireScope(ctx, 'identity:read');
  checkFirst(first);
  return ctx.loaders.get(loadRegroupingsOfCustomers, ctx, nameOfFirst).load({ ownerId: customerId, first });
}

export async function findKnownIdentifier(ctx: Context, id: string): Promise<KnownIdentifierRow | null> {
  requireScope(ctx, 'identity:read');
  return ctx.loaders.get(loadKnownIdentifiers, ctx).load(id);
}

/** A record as a steward sees it: who it is in which source. What it did and what it says needs `customers:read`. */
export async function findStewardsRecord(ctx: Context, id: string): Promise<SourceRecord | null> {
  requireScope(ctx, 'identity:read');
  const row = await ctx.loaders.get(loadRecords, ctx).load(id);
  return row && new SourceRecord(row, sightOf(ctx));
}

/** The first so many records of a list that may be long. */
export async function findStewardsRecords(
  ctx: Context,
  ids: readonly string[],
  first: number,
): Promise<SourceRecord[]> {
  checkFirst(first);
  const records = await Promise.all(ids.slice(0, first).map((id) => findStewardsRecord(ctx, id)));
  return records.filter((record) => record !== null);
}

/** Customers by the ids of their records, each once. */
export async function findConcernedCustomers(ctx: Context, ids: readonly string[]): Promise<Customer[]> {
  requireScope(ctx, 'customers:read');
  const customers = await Promise.all(ids.map((id) => ctx.loaders.get(loadCustomers, ctx).load(id)));
  return customers.filter((customer) => customer !== null);
}

function checkFirst(first: number): void {
  if (first < 1 || first > mostParts)
    throw badInput(`Expected \`first\` from 1 to ${mostParts}, got ${first}.`, 'first');
}
