import { canonicalJson, type Json } from '../kernel/json.ts';
import { exactSum } from './exact-sum.ts';
import { comparableOf, type TraitType } from './trait-value.ts';

/** How one golden value comes from the statements of a customer's records. */
export const strategies = [
  'MOST_RECENT',
  'OLDEST',
  'MOST_FREQUENT',
  'SOURCE_PRIORITY',
  'LONGEST',
  'MIN',
  'MAX',
  'SUM',
  'SET_UNION',
  'MOST_RESTRICTIVE',
] as const;
export type Strategy = (typeof strategies)[number];

export interface Survivorship {
  readonly strategy: Strategy;
  /** Of SOURCE_PRIORITY: the most trusted source first; those that are not named come after all of them. */
  readonly sources?: readonly string[];
  /** Of MOST_RESTRICTIVE: the values from the most to the least restrictive. */
  readonly ranking?: readonly Json[];
}

/** What has to be known of a trait to fold it. */
export interface TraitRule {
  readonly type: TraitType;
  readonly survivorship: Survivorship;
}

/** What one record says about one trait: the latest that its source has given. */
export interface Statement {
  readonly recordId: string;
  readonly source: string;
  /** Null: the source said that there is none. */
  readonly value: Json;
  readonly setAt: Date;
  readonly touchpointId: string;
}

/** Why a statement is not the golden value, or no part of it. */
export const losingReasons = [
  'OLDER',
  'NEWER',
  'LESS_FREQUENT',
  'LESS_TRUSTED_SOURCE',
  'SHORTER',
  'GREATER',
  'SMALLER',
  'LESS_RESTRICTIVE',
  'SAME_VALUE',
  'NO_VALUE',
  'WRONG_TYPE',
  'NOT_RANKED',
] as const;
export type LosingReason = (typeof losingReasons)[number];

export interface Loser<S extends Statement = Statement> {
  readonly statement: S;
  readonly reason: LosingReason;
}

export interface Survival<S extends Statement = Statement> {
  /** `undefined`: no statement counts. Null: the one that counts says that there is none. */
  readonly value: Json | undefined;
  /** What the value is made of, the latest first: one statement, or several of SUM and SET_UNION. */
  readonly contributions: readonly S[];
  /** The latest first. */
  readonly losers: readonly Loser<S>[];
}

/**
 * The golden value of one trait. A function of the *set* of statements: whatever their order, the result is the same,
 * so that merging customers and taking them apart again leaves no trace. Statements are told apart by their time, then
 * their touchpoint, then their record.
 *
 * Except for MOST_RECENT, a null makes a record silent instead of being a value: an empty field of the most trusted
 * source must not wipe out what others know.
 */
export function survive<S extends Statement>(rule: TraitRule, statements: readonly S[]): Survival<S> {
  const latestFirst = [...statements].sort(compareRecency);
  const { strategy } = rule.survivorship;
  if (strategy === 'MOST_RECENT') return choose(latestFirst, [], () => 0, 'OLDER');
  const excluded: Loser<S>[] = [];
  const heard: S[] = [];
  for (const statement of latestFirst) {
    const reason = whyUnheard(rule, statement.value);
    if (reason) excluded.push({ statement, reason });
    else heard.push(statement);
  }
  if (strategy === 'SUM') return combine(heard, excluded, sumOf);
  if (strategy === 'SET_UNION') return combine(heard, excluded, unionOf);
  return choose(heard, excluded, rankOf(rule, heard), losingReasonOf[strategy]);
}

/** The latest first. */
function compareRecency(a: Statement, b: Statement): number {
  return (
    b.setAt.getTime() - a.setAt.getTime() ||
    descending(a.touchpointId, b.touchpointId) ||
    descending(a.recordId, b.recordId)
  );
}

function descending(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? 1 : -1;
}

/** Why a value has no say, whatever the others are. */
function whyUnheard({ type, survivorship }: TraitRule, value: Json): LosingReason | undefined {
  if (value === null) return 'NO_VALUE';
  switch (survivorship.strategy) {
    case 'SUM':
      return typeof value === 'number' ? undefined : 'WRONG_TYPE';
    case 'LONGEST':
      return typeof value === 'string' ? undefined : 'WRONG_TYPE';
    case 'MIN':
    case 'MAX':
      return comparableOf(type, value) === undefined ? 'WRONG_TYPE' : undefined;
    case 'MOST_RESTRICTIVE':
      return placeIn(survivorship.ranking ?? [], value) === -1 ? 'NOT_RANKED' : undefined;
    default:
      return undefined;
  }
}

type Choosing = Exclude<Strategy, 'MOST_RECENT' | 'SUM' | 'SET_UNION'>;

const losingReasonOf: Readonly<Record<Choosing, LosingReason>> = {
  OLDEST: 'NEWER',
  MOST_FREQUENT: 'LESS_FREQUENT',
  SOURCE_PRIORITY: 'LESS_TRUSTED_SOURCE',
  LONGEST: 'SHORTER',
  MIN: 'GREATER',
  MAX: 'SMALLER',
  MOST_RESTRICTIVE: 'LESS_RESTRICTIVE',
};

/** The statement with the smallest rank counts; of several, the latest. */
function rankOf<S extends Statement>(rule: TraitRule, heard: readonly S[]): (statement: S) => number {
  const { strategy, sources = [], ranking = [] } = rule.survivorship;
  switch (strategy) {
    case 'OLDEST': {
      const age = new Map(heard.map((statement, index) => [statement, -index]));
      return (statement) => age.get(statement)!;
    }
    case 'MOST_FREQUENT': {
      const count = countValues(heard);
      return ({ value }) => -count.get(canonicalJson(value))!;
    }
    case 'SOURCE_PRIORITY':
      return ({ source }) => (sources.includes(source) ? sources.indexOf(source) : sources.length);
    case 'LONGEST':
      return ({ value }) => -[...String(value)].length;
    case 'MIN':
      return ({ value }) => comparableOf(rule.type, value)!;
    case 'MAX':
      return ({ value }) => -comparableOf(rule.type, value)!;
    case 'MOST_RESTRICTIVE':
      return ({ value }) => placeIn(ranking, value);
    default:
      return () => 0;
  }
}

/** `heard` must be the latest first. */
function choose<S extends Statement>(
  heard: readonly S[],
  excluded: readonly Loser<S>[],
  rank: (statement: S) => number,
  outranked: LosingReason,
): Survival<S> {
  const [first, ...rest] = heard;
  if (!first) return { value: undefined, contributions: [], losers: excluded };
  let winner = first;
  for (const statement of rest) if (rank(statement) < rank(winner)) winner = statement;
  const golden = canonicalJson(winner.value);
  const losers = heard
    .filter((statement) => statement !== winner)
    .map((statement) => ({ statement, reason: whyLost(statement) }));
  return { value: winner.value, contributions: [winner], losers: latestFirst([...losers, ...excluded]) };

  function whyLost(statement: S): LosingReason {
    if (canonicalJson(statement.value) === golden) return 'SAME_VALUE';
    return rank(statement) > rank(winner) ? outranked : 'OLDER';
  }
}

function combine<S extends Statement>(
  heard: readonly S[],
  excluded: readonly Loser<S>[],
  join: (values: readonly Json[]) => Json,
): Survival<S> {
  const value = heard.length > 0 ? join(heard.map((statement) => statement.value)) : undefined;
  return { value, contributions: heard, losers: excluded };
}

function latestFirst<S extends Statement>(losers: Loser<S>[]): Loser<S>[] {
  return losers.sort((a, b) => compareRecency(a.statement, b.statement));
}

function countValues(statements: readonly Statement[]): Map<string, number> {
  const count = new Map<string, number>();
  for (const { value } of statements) {
    const name = canonicalJson(value);
    count.set(name, (count.get(name) ?? 0) + 1);
  }
  return count;
}

function placeIn(ranking: readonly Json[], value: Json): number {
  const name = canonicalJson(value);
  return ranking.findIndex((ranked) => canonicalJson(ranked) === name);
}

function sumOf(values: readonly Json[]): number {
  return exactSum(values.filter((value) => typeof value === 'number'));
}

/** The members of lists, and values that are no list as they are; each once, in the order of their JSON text. */
function unionOf(values: readonly Json[]): Json[] {
  const members = new Map<string, Json>();
  for (const member of values.flat() as Json[]) members.set(canonicalJson(member), member);
  return [...members.keys()].sort().map((name) => members.get(name)!);
}
