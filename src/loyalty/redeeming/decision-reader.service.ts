import { customerCut } from '../../access/boundary.ts';
import { hasScope, requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { notFound } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { type Page, type PageArguments, readPageArguments, toPage } from '../../kernel/paging.ts';
import { asOf, type Decision } from './decision.ts';
import { findDecisions, listDecisions } from './decisions.queries.ts';
import { findOwnersOfRecords, findRecordsOf } from './parties.queries.ts';

/** For callers who may see or move points. */
export async function findDecision(ctx: Context, id: string): Promise<Decision | null> {
  if (!hasScope(ctx, 'loyalty:operate')) requireScope(ctx, 'loyalty:read');
  const [decision] = await findDecisions(ctx.pool, [id]);
  return decision ? asOf(decision, ctx.clock.now()) : null;
}

/** About any record of a customer, the latest first. */
export async function listDecisionsOf(
  ctx: Context,
  input: { programId: string; customerId: string } & Pick<PageArguments, 'first' | 'after'>,
): Promise<Page<Decision>> {
  requireScope(ctx, 'loyalty:read');
  const { programId, customerId } = input;
  const [owner] = await findOwnersOfRecords(ctx.pool, [customerId], customerCut(ctx));
  if (!owner) throw notFound('customer', toPublicId('cus', customerId));
  const page = readPageArguments('loyaltyDecisions', input);
  const recordIds = (await findRecordsOf(ctx.pool, [owner.customerId])).map(({ recordId }) => recordId);
  const rows = await listDecisions(ctx.pool, { recordIds, programId, page });
  const now = ctx.clock.now();
  return toPage(page, rows, { position: ({ at, id }) => ({ at, id }), node: (row) => asOf(row, now) });
}
