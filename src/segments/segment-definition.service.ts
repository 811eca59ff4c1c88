import type { Condition, Leaf } from '../conditions/condition.ts';
import type { ConditionLanguage } from '../conditions/language.ts';
import { sightOf } from '../identity/masking.ts';
import type { Context } from '../kernel/context.ts';
import type { Database } from '../kernel/database.ts';
import { badInput, DomainError } from '../kernel/errors.ts';
import { toPublicId } from '../kernel/ids.ts';
import { findPrograms } from '../loyalty/programs/programs.queries.ts';
import { loadBook } from './segment-book.queries.ts';
import { type CostClass, checkCost } from './segment-cost.ts';
import { expandWith } from './segment-evaluator.service.ts';
import { findHidden } from './segment-sight.ts';
import { findSegments, findVersions, type VersionView } from './segments.queries.ts';

/** A definition, ready to be stored. */
export interface Prepared {
  readonly definition: Condition;
  readonly pins: Readonly<Record<string, number>>;
  /** With the segments that it names written out. */
  readonly expanded: Condition;
  readonly cost: number;
  readonly costClass: CostClass;
}

export interface GivenDefinition {
  /** The segment that it is for; null: none, or a new one. */
  readonly segmentId: string | null;
  readonly definition: Condition;
  /** The argument it came in. */
  readonly field: string;
}

/**
 * Checks a definition as it would be stored. Throws `BAD_USER_INPUT` with the path of the fault, `FORBIDDEN` for a
 * condition on values that are masked for the caller: who may ask often enough would find them out.
 */
export async function prepareDefinition(
  ctx: Context,
  db: Database,
  language: ConditionLanguage,
  { segmentId, definition: given, field }: GivenDefinition,
): Promise<Prepared> {
  const definition = language.check(given, field);
  const named = [...language.needs(definition).segments];
  const leaves = leavesIn(definition);
  await checkPrograms(db, leaves, field);
  const lists = new Set(leaves.flatMap((leaf) => ('list' in leaf ? [leaf.list.id] : [])));
  const pins = await pin(db, { named, lists, segmentId, field });
  const pages = await loadBook(db);
  const versions = named.length > 0 ? await findVersions(db, named) : [];
  const expanded = expandWith({ ...pages, named: [...pages.named, ...versions] }, { definition, pins });
  checkSight(ctx, language, { expanded, field });
  const cost = language.cost(expanded);
  return { definition, pins, expanded, cost, costClass: checkCost(cost, field) };
}

async function pin(
  db: Database,
  {
    named,
    lists,
    segmentId,
    field,
  }: { named: readonly string[]; lists: ReadonlySet<string>; segmentId: string | null; field: string },
): Promise<Record<string, number>> {
  const found = new Map((await findSegments(db, named)).map((segment) => [segment.id, segment]));
  const pins: Record<string, number> = {};
  for (const id of named) {
    const segment = found.get(id);
    if (id === segmentId) throw cycle(id, field);
    if (segment?.status !== 'ACTIVE') throw badInput(`There is no active segment ${toPublicId('seg', id)}.`, field);
    if (lists.has(id) && segment.kind !== 'LIST')
      throw badInput(`${JSON.stringify(segment.name)} is no list: name it as a segment.`, field);
    if (segment.servedVersion === null) {
      throw badInput(`The segment ${JSON.stringify(segment.name)} is still being built: name it once it is.`, field);
    }
    if (segmentId !== null && (await reaches(db, id, segmentId))) throw cycle(id, field);
    pins[id] = segment.servedVersion;
  }
  return pins;
}

/** Not whether they have such wallets and tiers: those may come with a later version. */
async function checkPrograms(db: Database, leaves: readonly Leaf[], field: string): Promise<void> {
  const named = leaves.flatMap((leaf) => ('loyalty' in leaf && leaf.loyalty.program ? [leaf.loyalty.program] : []));
  if (named.length === 0) return;
  const known = new Set((await findPrograms(db, named)).map(({ id }) => id));
  const unknown = named.find((id) => !known.has(id));
  if (unknown !== undefined) throw badInput(`There is no loyalty program ${toPublicId('prg', unknown)}.`, field);
}

/** Those inside of conditions on members too. */
function leavesIn(condition: Condition): Leaf[] {
  if ('all' in condition) return condition.all.flatMap(leavesIn);
  if ('any' in condition) return condition.any.flatMap(leavesIn);
  if ('not' in condition) return leavesIn(condition.not);
  return 'members' in condition ? leavesIn(condition.members.condition) : [condition];
}

/** Whether the latest definition of `from` names `to`, or something that does. */
async function reaches(db: Database, from: string, to: string): Promise<boolean> {
  const seen = new Set<string>();
  for (let front = [from]; front.length > 0; ) {
    const versions = latestOf(await findVersions(db, front));
    front = versions.flatMap(({ pins }) => Object.keys(pins)).filter((id) => !seen.has(id));
    if (front.includes(to)) return true;
    for (const id of front) seen.add(id);
  }
  return false;
}

function latestOf(versions: readonly VersionView[]): VersionView[] {
  const latest = new Map<string, VersionView>();
  for (const version of versions) if (!latest.has(version.segmentId)) latest.set(version.segmentId, version);
  return [...latest.values()];
}

function checkSight(
  ctx: Context,
  language: ConditionLanguage,
  { expanded, field }: { expanded: Condition; field: string },
): void {
  const hidden = findHidden(expanded, language, sightOf(ctx));
  if (hidden === undefined) return;
  const name = JSON.stringify(hidden.name.slice(0, 80));
  throw new DomainError(
    'FORBIDDEN',
    `The ${hidden.what} ${name} is masked for this key, so it can't be a condition: that needs the scope pii:read.`,
    { field, requiredScope: 'pii:read' },
  );
}

function cycle(id: string, field: string): DomainError {
  return new DomainError('SEGMENT_CYCLE', `This definition leads back to itself by way of ${toPublicId('seg', id)}.`, {
    field,
  });
}
