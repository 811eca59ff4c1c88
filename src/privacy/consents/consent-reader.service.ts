import { hasScope, requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { type Page, type PageArguments, readPageArguments, toPage } from '../../kernel/paging.ts';
import { signIds } from '../signed-token.ts';
import { loadConsents, loadHistory, loadPurposes, loadStatements, nameOfHistory } from './consent.loader.ts';
import { verdictsOf } from './consent.ts';
import type { HistoryFilter, HistoryRow } from './consent-history.queries.ts';
import type { PurposeRow } from './consent-purposes.queries.ts';
import type { StatementRow, StoredConsent } from './consents.queries.ts';

/** A statement with the records on which it stands. */
export type ShownStatement = StatementRow & { readonly recordIds: readonly string[] };

/** What counts for a customer, by purpose and channel. */
export async function consentsOf(ctx: Context, customerId: string): Promise<StoredConsent[]> {
  requireScope(ctx, 'customers:read');
  return ctx.loaders.get(loadConsents, ctx).load(customerId);
}

/** What each record of the customer says of it at the moment: where these differ, the most restrictive one decides. */
export async function wordsOf(
  ctx: Context,
  { customerId, purpose, channel }: Pick<StoredConsent, 'customerId' | 'purpose' | 'channel'>,
): Promise<ShownStatement[]> {
  requireScope(ctx, 'customers:read');
  const all = await ctx.loaders.get(loadStatements, ctx).load(customerId);
  const said = all.filter((one) => one.purpose === purpose);
  return joinRecords(verdictsOf(said, channel));
}

/** A decision is one statement on several records. */
export function joinRecords(rows: readonly StatementRow[]): ShownStatement[] {
  const byId = Map.groupBy(rows, ({ id }) => id);
  return [...byId.values()].map((same) => ({ ...same[0]!, recordIds: same.map(({ recordId }) => recordId) }));
}

/** All that was said, the latest first. */
export async function historyOf<N>(
  ctx: Context,
  customerId: string,
  { args, filter, node }: { args: PageArguments; filter: HistoryFilter; node: (row: HistoryRow) => N },
): Promise<Page<N>> {
  requireScope(ctx, 'customers:read');
  const page = readPageArguments('consentHistory', args);
  const rows = await ctx.loaders.get(loadHistory, ctx, nameOfHistory).load({ ownerId: customerId, ...filter, page });
  return toPage(page, rows, { position: ({ statedAt, id }) => ({ at: statedAt, id }), node });
}

export async function purposeOf(ctx: Context, name: string): Promise<PurposeRow | null> {
  requireScope(ctx, 'customers:read');
  return ctx.loaders.get(loadPurposes, ctx).load(name);
}

/** With which `confirmConsent` makes a consent of it. Null: it was not asked for, or not by somebody who may. */
export function confirmationToken(
  ctx: Context,
  { status, recordIds, id }: ShownStatement,
  idSecret: string,
): string | null {
  if (status !== 'PENDING' || !hasScope(ctx, 'consent:manage')) return null;
  return signIds(idSecret, 'consent confirmation', [recordIds[0]!, id]);
}
