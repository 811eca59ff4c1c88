import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { readSize } from '../../kernel/paging.ts';
import { loadPresentations, nameOfPresentations } from './presentations.loader.ts';
import type { StoredPresentation } from './presentations.queries.ts';

/** What a customer was shown, the latest first. */
export async function presentationsOf(
  ctx: Context,
  customerId: string,
  first: number,
): Promise<readonly StoredPresentation[]> {
  requireScope(ctx, 'loyalty:read');
  const key = { ownerId: customerId, first: readSize(first, 'first') };
  return ctx.loaders.get(loadPresentations, ctx, nameOfPresentations).load(key);
}
