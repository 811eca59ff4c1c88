import { agglomerate } from './agglomeration.ts';
import type { ClusterConstraints, MatchModel, PairList } from './match-model.ts';
import type { MatchTable } from './match-table.ts';
import { joinPairs, RowSets } from './row-sets.ts';
import { Scorer } from './scorer.ts';

export interface ClusterOptions {
  /** Bits; the model's threshold for links unless given. */
  readonly threshold?: number;
  readonly scorer?: Scorer;
}

/** So many rows are divided at a time, every pair of them compared; where more hang together, weak links are cut first. */
const mostRows = 100;

/** By how many bits the threshold rises to make a group fall apart. */
const cut = 2;

/**
 * At this threshold nothing falls apart any more: the rows are as good as identical. They are divided by count then,
 * since more than that many records of one person are a default value rather than a person.
 */
const nearCertain = 40;

/**
 * Divides rows into people. Rows that pairs connect are compared with each other all round, then joined best first;
 * vetoes and unique sources hold throughout. Returns, by row, the smallest row of its cluster.
 */
export function clusterPairs(
  table: MatchTable,
  model: MatchModel,
  pairs: PairList,
  constraints: ClusterConstraints = {},
  { threshold = model.thresholds.link, scorer = new Scorer(table, model) }: ClusterOptions = {},
): Int32Array {
  const linked = new RowSets(table.rows);
  for (const [a, b] of constraints.links ?? []) linked.union(a, b);
  const people = new RowSets(table.rows);
  joinGroups(people, linked.groups().values());
  const isForbidden = forbids(table, constraints, linked);
  const evidence = (a: number, b: number) =>
    isForbidden(a, b) ? Number.NEGATIVE_INFINITY : scorer.weigh(Math.min(a, b), Math.max(a, b)) - threshold;
  for (const group of connect({ rows: table.rows, linked, pairs, threshold })) {
    joinGroups(people, agglomerate({ parts: partsOf(group, linked), evidence }));
  }
  return people.names();
}

function joinGroups(sets: RowSets, groups: Iterable<readonly number[]>): void {
  for (const group of groups) for (const row of group) sets.union(group[0]!, row);
}

interface Connection {
  readonly rows: number;
  readonly linked: RowSets;
  readonly pairs: PairList;
  readonly threshold: number;
}

/** Groups that pairs at or above the threshold hold together, none too large to be compared all round. */
function connect({ rows, linked, pairs, threshold }: Connection): number[][] {
  const sets = new RowSets(rows);
  joinGroups(sets, linked.groups().values());
  joinPairs(sets, pairs, threshold);
  const groups = [...sets.groups().values()];
  const large = groups.filter((group) => group.length > mostRows);
  if (large.length === 0) return groups;
  if (threshold >= nearCertain) return groups.flatMap(slice);
  const inside = within(pairs, large, rows);
  const finer = connect({ rows, linked, pairs: inside, threshold: Math.max(threshold + cut, lowest(inside)) });
  const inLarge = new Set(large.flat());
  return [...groups.filter((group) => group.length <= mostRows), ...finer.filter((group) => inLarge.has(group[0]!))];
}

function slice(group: readonly number[]): number[][] {
  const slices: number[][] = [];
  for (let from = 0; from < group.length; from += mostRows) slices.push(group.slice(from, from + mostRows));
  return slices;
}

function within({ count, left, right, weight }: PairList, groups: readonly number[][], rows: number): PairList {
  const isInside = new Uint8Array(rows);
  for (const group of groups) for (const row of group) isInside[row] = 1;
  const kept = Int32Array.from({ length: count }, (_, at) => at).filter((at) => isInside[left[at]!] === 1);
  return {
    count: kept.length,
    left: kept.map((at) => left[at]!),
    right: kept.map((at) => right[at]!),
    weight: Float32Array.from(kept, (at) => weight[at]!),
  };
}

function lowest({ weight }: PairList): number {
  return weight.reduce((least, bits) => Math.min(least, bits), Number.POSITIVE_INFINITY);
}

/** The rows of a group, those that are one person already together. */
function partsOf(group: readonly number[], linked: RowSets): number[][] {
  return [...Map.groupBy(group, (row) => linked.find(row)).values()];
}

/** Vetoes, and sources that hold a person once. Rows that a link declares one person are beyond both. */
function forbids(
  { rows, sources, sourceNames }: MatchTable,
  { vetoes, uniqueSources }: ClusterConstraints,
  linked: RowSets,
): (a: number, b: number) => boolean {
  const isUnique = sourceNames.map((name) => uniqueSources?.has(name) ?? false);
  const vetoed = new Set<number>();
  const keyOf = (a: number, b: number) => Math.min(a, b) * rows + Math.max(a, b);
  for (const [a, b] of vetoes ?? []) vetoed.add(keyOf(linked.find(a), linked.find(b)));
  return (a, b) => {
    if (vetoed.size > 0 && vetoed.has(keyOf(linked.find(a), linked.find(b)))) return true;
    const source = sources[a]!;
    return source >= 0 && source === sources[b] && isUnique[source] === true;
  };
}
