import { audit } from '../access/audit.service.ts';
import { hasScope, requireScope } from '../access/scopes.ts';
import type { Context } from '../kernel/context.ts';
import type { Tx } from '../kernel/database.ts';
import { notFound } from '../kernel/errors.ts';
import { readNamePage, toNamePage } from '../kernel/name-paging.ts';
import type { Page, PageArguments } from '../kernel/paging.ts';
import type { CataloguedTraits } from './personal-traits.service.ts';
import { loadTraitRefolds, loadTraitVersions } from './trait-definition.loader.ts';
import {
  blankDefinition,
  changedMeaning,
  checkedReason,
  foldsAlike,
  isSameMeaning,
  type TraitChange,
  type TraitDefinition,
  type TraitStatus,
  versionConflict,
} from './trait-definition.ts';
import {
  listDefinitions,
  lockDefinition,
  saveDefinition,
  type TraitDefinitionVersionView,
} from './trait-definitions.queries.ts';
import { startRefold, type TraitRefoldView } from './trait-refold.queries.ts';
import type { TraitRefolder } from './trait-refold.service.ts';

export interface TraitUpdate extends TraitChange {
  readonly name: string;
  readonly reason: string;
  /** The version that the steward has looked at; 0 for a trait that is not in the catalogue. */
  readonly expectedVersion: number;
}

/** What traits mean, and which of several values counts. */
export class TraitCatalog {
  readonly #personalTraits: Pick<CataloguedTraits, 'refresh'>;
  readonly #refolder: Pick<TraitRefolder, 'wake'>;

  constructor(personalTraits: Pick<CataloguedTraits, 'refresh'>, refolder: Pick<TraitRefolder, 'wake'>) {
    this.#personalTraits = personalTraits;
    this.#refolder = refolder;
  }

  async listTraits<N>(
    ctx: Context,
    args: { readonly status?: TraitStatus | null } & Pick<PageArguments, 'first' | 'after'>,
    node: (definition: TraitDefinition) => N,
  ): Promise<Page<N>> {
    requireScope(ctx, 'identity:read');
    const request = readNamePage('traitCatalog', args);
    const rows = await listDefinitions(ctx.pool, { ...request, status: args.status ?? null });
    return toNamePage(request, rows, node);
  }

  /**
   * Changes a definition, which thereby is reviewed. Says the same twice: the second time changes nothing. Where golden
   * values may differ, the past is folded anew in the background; later events are from now on.
   */
  async updateTrait(ctx: Context, update: TraitUpdate): Promise<TraitDefinition> {
    requireScope(ctx, 'identity:manage');
    const reason = checkedReason(update.reason);
    const definition = await ctx.pool.begin((tx) => applyUpdate(tx, ctx, { ...update, reason }));
    await this.#personalTraits.refresh();
    this.#refolder.wake();
    return definition;
  }
}

async function applyUpdate(tx: Tx, ctx: Context, update: TraitUpdate): Promise<TraitDefinition> {
  const { name, expectedVersion, reason } = update;
  const now = ctx.clock.now();
  const stored = await lockDefinition(tx, name);
  if (!stored && expectedVersion !== 0) throw notFound('trait', name);
  const current = stored ?? blankDefinition(name, now);
  const meaning = changedMeaning(current, update);
  if (current.status === 'REVIEWED' && isSameMeaning(current, meaning)) return current;
  if (current.version !== expectedVersion) throw versionConflict(expectedVersion, current.version);
  // Else a key could show itself what it may not see.
  if (current.personal && !meaning.personal) requireScope(ctx, 'pii:read');
  const next: TraitDefinition = {
    ...current,
    ...meaning,
    status: 'REVIEWED',
    version: current.version + 1,
    updatedAt: now,
    updatedBy: ctx.viewer.name,
  };
  if (!(await saveDefinition(tx, next, reason))) throw versionConflict(expectedVersion, undefined);
  await audit(tx, ctx, {
    action: 'traits.defined',
    subject: `trait ${name}`,
    reason,
    detail: { version: next.version },
  });
  if (!foldsAlike(current, next)) await startRefold(tx, name, next.version, now);
  return next;
}

export async function versionsOfTrait(ctx: Context, name: string): Promise<TraitDefinitionVersionView[]> {
  requireAnyScope(ctx);
  return ctx.loaders.get(loadTraitVersions, ctx).load(name);
}

export async function refoldOfTrait(ctx: Context, name: string): Promise<TraitRefoldView | null> {
  requireAnyScope(ctx);
  return ctx.loaders.get(loadTraitRefolds, ctx).load(name);
}

/** Who has just changed a definition may see what it was and what follows. */
function requireAnyScope(ctx: Context): void {
  if (!hasScope(ctx, 'identity:manage')) requireScope(ctx, 'identity:read');
}
