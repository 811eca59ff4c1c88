import { requireScope } from '../access/scopes.ts';
import { printCondition } from '../conditions/condition-text.ts';
import type { ConditionLanguage } from '../conditions/language.ts';
import { shownCondition } from '../conditions/shown-condition.ts';
import { sightOf } from '../identity/masking.ts';
import type { Context } from '../kernel/context.ts';
import { badInput } from '../kernel/errors.ts';
import { fromPublicId } from '../kernel/ids.ts';
import type { JsonObject } from '../kernel/json.ts';
import { type Page, type PageArguments, readPageArguments, readSize, toPage } from '../kernel/paging.ts';
import {
  loadDependants,
  loadMemberCounts,
  loadNamed,
  loadSegments,
  loadShownVersions,
  loadVersionHistory,
  nameOfFirst,
} from './segment.loader.ts';
import { type CostClass, costClassOf } from './segment-cost.ts';
import { expandWith } from './segment-evaluator.service.ts';
import { findHidden } from './segment-sight.ts';
import {
  findSegmentByName,
  listSegments,
  type SegmentStatus,
  type SegmentView,
  type VersionView,
} from './segments.queries.ts';

export async function findSegment(ctx: Context, id: string): Promise<SegmentView | null> {
  requireScope(ctx, 'segments:read');
  return ctx.loaders.get(loadSegments, ctx).load(id);
}

/** By public id or by name, exactly one of them. */
export async function findSegmentBy(
  ctx: Context,
  { id, name }: { id?: string | null; name?: string | null },
): Promise<SegmentView | null> {
  requireScope(ctx, 'segments:read');
  if (id != null && name == null) return findSegment(ctx, fromPublicId('seg', id));
  if (name != null && id == null) return (await findSegmentByName(ctx.pool, name.trim())) ?? null;
  throw badInput('Give `id` or `name`, exactly one of them.');
}

/** The newest first. */
export async function listAllSegments<N>(
  ctx: Context,
  { statuses, ...args }: { statuses: readonly SegmentStatus[] } & PageArguments,
  node: (segment: SegmentView) => N,
): Promise<Page<N>> {
  requireScope(ctx, 'segments:read');
  const page = readPageArguments('segments', args);
  const rows = await listSegments(ctx.pool, { statuses, page });
  // Members and entries of the log name their segment: it is here.
  const loader = ctx.loaders.get(loadSegments, ctx);
  for (const row of rows) loader.prime(row.id, row);
  return toPage(page, rows, { position: ({ createdAt, id }) => ({ at: createdAt, id }), node });
}

export async function countMembersOf(ctx: Context, segmentId: string): Promise<number> {
  requireScope(ctx, 'segments:read');
  return ctx.loaders.get(loadMemberCounts, ctx).load(segmentId);
}

/** The version that is being built, or waits for that; null where there is none. */
export async function findBuild(ctx: Context, segmentId: string): Promise<VersionView | null> {
  requireScope(ctx, 'segments:read');
  const versions = await ctx.loaders.get(loadShownVersions, ctx).load(segmentId);
  const inPhase = (phase: VersionView['phase']) => versions.find((version) => version.phase === phase);
  return inPhase('APPLYING') ?? inPhase('EVALUATING') ?? inPhase('WAITING') ?? null;
}

/** Segments that the shown definition names. */
export async function findDependencies(ctx: Context, segmentId: string): Promise<SegmentView[]> {
  requireScope(ctx, 'segments:read');
  const { pins } = await getShown(ctx, segmentId);
  const loader = ctx.loaders.get(loadSegments, ctx);
  const named = await Promise.all(
    Object.keys(pins)
      .sort()
      .map((id) => loader.load(id)),
  );
  return named.filter((segment) => segment !== null);
}

export async function findDependantsOf(ctx: Context, segmentId: string): Promise<SegmentView[]> {
  requireScope(ctx, 'segments:read');
  return ctx.loaders.get(loadDependants, ctx).load(segmentId);
}

/** A definition as the caller may see it: null where it tests what is masked for them, and of a list. */
export interface ShownDefinition {
  readonly definition: JsonObject | null;
  readonly text: string | null;
}

const nothingShown: ShownDefinition = { definition: null, text: null };

/** What reading segments takes the condition language for. */
export class SegmentReader {
  readonly #language: ConditionLanguage;

  constructor(language: ConditionLanguage) {
    this.#language = language;
  }

  /** Of the served version, or of the latest where none is served yet. */
  async definitionOf(ctx: Context, segment: SegmentView): Promise<ShownDefinition> {
    requireScope(ctx, 'segments:read');
    return this.show(ctx, segment.kind, await getShown(ctx, segment.id));
  }

  show(ctx: Context, kind: SegmentView['kind'], { definition }: Pick<VersionView, 'definition'>): ShownDefinition {
    if (kind === 'LIST' || findHidden(definition, this.#language, sightOf(ctx))) return nothingShown;
    return { definition: shownCondition(definition), text: printCondition(definition) };
  }

  async costOf(ctx: Context, segmentId: string): Promise<CostClass> {
    requireScope(ctx, 'segments:read');
    const [version, pages] = await Promise.all([getShown(ctx, segmentId), ctx.loaders.get(loadNamed, ctx).load('all')]);
    // A segment that it names may have become more expensive since.
    return costClassOf(this.#language.cost(expandWith(pages, version))) ?? 'HEAVY';
  }

  /** The latest first. */
  async versionsOf(ctx: Context, segmentId: string, first: number): Promise<VersionView[]> {
    requireScope(ctx, 'segments:read');
    const key = { ownerId: segmentId, first: readSize(first, 'first') };
    return ctx.loaders.get(loadVersionHistory, ctx, nameOfFirst).load(key);
  }
}

/** Every segment has a version. */
async function getShown(ctx: Context, segmentId: string): Promise<VersionView> {
  const versions = await ctx.loaders.get(loadShownVersions, ctx).load(segmentId);
  return (versions.find(({ phase }) => phase === 'SERVED') ?? versions.at(-1))!;
}
