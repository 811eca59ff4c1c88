import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { type Page, type PageArguments, readPageArguments, toPage } from '../../kernel/paging.ts';
import type { ModelKind } from './fit-models.ts';
import { findModelInUse, findModels, type KpiModelRow, listModels } from './models.queries.ts';

/** By UUID. */
export async function findModel(ctx: Context, id: string): Promise<KpiModelRow | null> {
  requireScope(ctx, 'metrics:read');
  const [found] = await findModels(ctx.pool, [id]);
  return found ?? null;
}

export async function modelInUse(ctx: Context): Promise<KpiModelRow | null> {
  requireScope(ctx, 'metrics:read');
  return (await findModelInUse(ctx.pool)) ?? null;
}

/** The latest first. */
export async function listAllModels<N>(
  ctx: Context,
  { kind = null, ...args }: PageArguments & { readonly kind?: ModelKind | null },
  node: (model: KpiModelRow) => N,
): Promise<Page<N>> {
  requireScope(ctx, 'metrics:read');
  const page = readPageArguments('kpiModels', args);
  const rows = await listModels(ctx.pool, { kind, page });
  return toPage(page, rows, { position: ({ fittedAt, id }) => ({ at: fittedAt, id }), node });
}
