import type { Context } from '../kernel/context.ts';
import { groupBy } from '../kernel/lists.ts';
import { findVersions, type TraitDefinitionVersionView } from './trait-definitions.queries.ts';
import { findRefolds, type TraitRefoldView } from './trait-refold.queries.ts';

export async function loadTraitVersions(
  ctx: Context,
  names: readonly string[],
): Promise<TraitDefinitionVersionView[][]> {
  const byName = groupBy(await findVersions(ctx.pool, names), (row) => row.name);
  return names.map((name) => byName.get(name) ?? []);
}

export async function loadTraitRefolds(ctx: Context, names: readonly string[]): Promise<(TraitRefoldView | null)[]> {
  const byName = new Map((await findRefolds(ctx.pool, names)).map((row) => [row.name, row]));
  return names.map((name) => byName.get(name) ?? null);
}
