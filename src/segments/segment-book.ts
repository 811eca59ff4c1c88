import type { Condition } from '../conditions/condition.ts';
import { type Dependence, type Needs, union } from '../conditions/leaf-kind.ts';
import type { Moment } from '../conditions/moment.ts';
import type { Reach } from './condition-reach.ts';

/** Conditions that are evaluated together, as they depend on the same things. */
export interface BookGroup<Entry> {
  readonly needs: Needs;
  readonly entries: readonly Entry[];
}

/** Statements beyond this many cost more than evaluating a condition too often. */
const mostGroups = 6;
/** Of one statement: each condition is some columns, and a plan that PostgreSQL keeps. */
const largestGroup = 60;

interface Dependent {
  readonly needs: Needs;
  readonly reach: Reach;
}

/**
 * Which conditions to evaluate together: those that depend on the same touchpoints and look back equally far. So a customer
 * who only looked at pages is not asked about orders, and the whole of a history is read only for whoever needs it, once.
 */
export function groupByNeeds<Entry extends Dependent>(entries: readonly Entry[]): BookGroup<Entry>[] {
  const groups = [...Map.groupBy(entries, signatureOf).values()].map(toGroup);
  while (groups.length > mostGroups) {
    const pair = closestPair(groups);
    if (!pair) break;
    const [one, other] = pair;
    groups.splice(groups.indexOf(other), 1);
    groups[groups.indexOf(one)] = toGroup([...one.entries, ...other.entries]);
  }
  return groups.flatMap((group) => chunks(group.entries, largestGroup)).map(toGroup);
}

function toGroup<Entry extends Dependent>(entries: readonly Entry[]): BookGroup<Entry> {
  return { entries, needs: union(entries.map(({ needs }) => needs)) };
}

function signatureOf({ needs, reach }: Dependent): string {
  return `${reach} ${needs.members} ${[...typesOf(needs)].sort().join(' ')}`;
}

/** Of those that may be evaluated together at all, the two that have most in common. Short histories are the cheapest to share. */
function closestPair<Entry extends Dependent>(groups: readonly BookGroup<Entry>[]) {
  let best: { pair: [BookGroup<Entry>, BookGroup<Entry>]; likeness: number } | undefined;
  for (const [index, one] of groups.entries()) {
    for (const other of groups.slice(index + 1)) {
      if (!mayShare(one, other)) continue;
      const likeness = likenessOf(one, other);
      if (!best || likeness > best.likeness) best = { pair: [one, other], likeness };
    }
  }
  return best?.pair;
}

/** Members of households are other customers, with locks of their own: never in one statement with the others. */
function mayShare<Entry extends Dependent>(one: BookGroup<Entry>, other: BookGroup<Entry>): boolean {
  return one.entries[0]!.reach === other.entries[0]!.reach && one.needs.members === other.needs.members;
}

function likenessOf<Entry extends Dependent>(one: BookGroup<Entry>, other: BookGroup<Entry>): number {
  const [a, b] = [typesOf(one.needs), typesOf(other.needs)];
  const shared = a.intersection(b).size / Math.max(a.union(b).size, 1);
  const { reach } = one.entries[0]!;
  return reach === 'NONE' || reach === 'SHORT' ? shared : shared - 1;
}

/** Any touchpoint can earn points, and move a KPI. */
function typesOf({ types, loyalty, kpis }: Needs): ReadonlySet<string> {
  return types === 'ANY' || loyalty || kpis ? new Set([everyType]) : types;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** What happened to one customer; null: anything may have. */
export interface Touch {
  readonly customerId: string;
  readonly what: {
    /** By type when the newest of the touchpoints occurred, in milliseconds since 1970. */
    readonly types: ReadonlyMap<string, number>;
    readonly traits: ReadonlySet<string>;
    readonly identity: boolean;
    readonly members: boolean;
    readonly list: boolean;
    /** Points, a tier or a membership, or touchpoints that may have earned some. */
    readonly loyalty: boolean;
    /** KPIs, scores, a stage or a risk, or touchpoints that may have moved them. */
    readonly kpis: boolean;
  } | null;
}

/** By type behind which instant touchpoints matter, in milliseconds since 1970; `*`: those of every type. */
export type Starts = ReadonlyMap<string, number>;

export function startsOf(dependences: readonly Dependence[], moment: Moment): Starts {
  const starts = new Map<string, number>();
  for (const { types, since } of dependences) {
    const start = since(moment)?.getTime() ?? Number.NEGATIVE_INFINITY;
    for (const type of types === 'ANY' ? [everyType] : types) {
      starts.set(type, Math.min(start, starts.get(type) ?? start));
    }
  }
  return starts;
}

/** No type of touchpoints: those are words. */
const everyType = '*';

/**
 * Whether what happened can change an answer that depends on this. A touchpoint that is older than every window which asks
 * for it changes none: it is not in there, and never comes in. So a history that is imported costs little.
 */
export function concerns({ what }: Touch, { needs, starts }: { needs: Needs; starts: Starts }): boolean {
  if (what === null) return true;
  return (
    (what.types.size > 0 && (needs.customer || reaches(what.types, starts))) ||
    intersects(what.traits, needs.traits) ||
    intersects(what.traits, needs.traitHistories) ||
    (what.identity && needs.identity) ||
    (what.members && needs.members) ||
    (what.list && needs.segments.size > 0) ||
    (what.loyalty && needs.loyalty) ||
    (what.kpis && needs.kpis)
  );
}

function reaches(newest: ReadonlyMap<string, number>, starts: Starts): boolean {
  const ofEvery = starts.get(everyType) ?? Number.POSITIVE_INFINITY;
  for (const [type, at] of newest) if (at > Math.min(starts.get(type) ?? ofEvery, ofEvery)) return true;
  return false;
}

function intersects(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const one of a.size < b.size ? a : b) if ((a.size < b.size ? b : a).has(one)) return true;
  return false;
}

/** Definitions of segments that others name, by segment and version. */
export type Definitions = (
  segmentId: string,
  version: number,
) => { definition: Condition; pins: Readonly<Record<string, number>> } | undefined;

/**
 * Puts the definitions of other segments where a condition names them, each in the version that it is pinned to: being in a
 * segment means fulfilling its condition, at the same instant and without any order of evaluation.
 */
export function expand(
  condition: Condition,
  pins: Readonly<Record<string, number>>,
  definitions: Definitions,
): Condition {
  const inner = (part: Condition) => expand(part, pins, definitions);
  if ('all' in condition) return { all: condition.all.map(inner) };
  if ('any' in condition) return { any: condition.any.map(inner) };
  if ('not' in condition) return { not: inner(condition.not) };
  if ('members' in condition)
    return { members: { ...condition.members, condition: inner(condition.members.condition) } };
  if (!('segment' in condition)) return condition;
  const named = definitions(condition.segment.id, pins[condition.segment.id]!);
  if (!named) throw new Error(`No version ${pins[condition.segment.id]} of segment ${condition.segment.id} is known.`);
  return expand(named.definition, named.pins, definitions);
}
