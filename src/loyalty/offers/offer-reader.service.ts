import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { type Page, type PageArguments, readPageArguments, toPage } from '../../kernel/paging.ts';
import { type BudgetRow, findBudgets } from './budgets.queries.ts';
import type { Answers } from './expected-value.ts';
import type { OfferStatus } from './offer.ts';
import type { OfferView } from './offer-terms.ts';
import { findOffers, listOffers, loadAnswers } from './offers.queries.ts';
import { findPresentations, type StoredPresentation } from './presentations.queries.ts';

export async function findOffer(ctx: Context, id: string): Promise<OfferView | null> {
  requireScope(ctx, 'loyalty:read');
  return ctx.loaders.get(loadOffersById, ctx).load(id);
}

/** The newest first. */
export async function listAllOffers<N>(
  ctx: Context,
  { statuses, programId, ...args }: { statuses: readonly OfferStatus[]; programId: string | null } & PageArguments,
  node: (offer: OfferView) => N,
): Promise<Page<N>> {
  requireScope(ctx, 'loyalty:read');
  const page = readPageArguments('loyaltyOffers', args);
  const rows = await listOffers(ctx.pool, { statuses, programId, page });
  return toPage(page, rows, { position: ({ createdAt, id }) => ({ at: createdAt, id }), node });
}

/** What has been reserved and spent of its budget. */
export async function findBudget(ctx: Context, offerId: string): Promise<BudgetRow | null> {
  requireScope(ctx, 'loyalty:read');
  return ctx.loaders.get(loadBudgets, ctx).load(offerId);
}

/** What came of its last presentations. */
export async function findAnswers(ctx: Context, offerId: string): Promise<Answers> {
  requireScope(ctx, 'loyalty:read');
  return ctx.loaders.get(loadLatestAnswers, ctx).load(offerId);
}

export async function findPresentation(ctx: Context, id: string): Promise<StoredPresentation | null> {
  requireScope(ctx, 'loyalty:read');
  const [row] = await findPresentations(ctx.pool, [id]);
  return row ?? null;
}

async function loadOffersById(ctx: Context, ids: readonly string[]): Promise<(OfferView | null)[]> {
  const byId = new Map((await findOffers(ctx.pool, ids)).map((offer) => [offer.id, offer]));
  return ids.map((id) => byId.get(id) ?? null);
}

async function loadBudgets(ctx: Context, offerIds: readonly string[]): Promise<(BudgetRow | null)[]> {
  const rows = await findBudgets(ctx.pool, { offerIds, now: ctx.clock.now() });
  const byId = new Map(rows.map((row) => [row.offerId, row]));
  return offerIds.map((id) => byId.get(id) ?? null);
}

async function loadLatestAnswers(ctx: Context, offerIds: readonly string[]): Promise<Answers[]> {
  const rows = await loadAnswers(ctx.pool, { offerIds, latest: 200, now: ctx.clock.now() });
  const byId = new Map(rows.map((row) => [row.offerId, row]));
  return offerIds.map((id) => byId.get(id) ?? { presented: 0, accepted: 0 });
}
