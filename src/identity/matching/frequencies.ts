import type { TermFrequencies } from './match-model.ts';
import type { MatchColumn } from './match-table.ts';

/** Values that a model remembers for each field; rarer ones are all alike. */
const listed = 5_000;

/** A value is worth at most so many bits more, or less, than the average one: frequencies are estimates themselves. */
const mostBits = 6;

export function countFrequencies({ codes, values }: MatchColumn): TermFrequencies {
  const counts = new Int32Array(values.size);
  let known = 0;
  for (const code of codes) {
    if (code < 0) continue;
    counts[code]!++;
    known++;
  }
  const common = mostCommon(counts, values.size);
  const rest = restShare(counts, common, known);
  const shares: Record<string, number> = {};
  for (const code of common) shares[values.text(code)] = counts[code]! / known;
  return { shares, rest, collision: collisionOf(counts, known) };
}

/** Values found more than once, from the most common on; ties by text, so that the order of rows doesn't count. */
function mostCommon(counts: Int32Array, size: number): number[] {
  const repeated: number[] = [];
  for (let code = 0; code < size; code++) if (counts[code]! > 1) repeated.push(code);
  return repeated.sort((a, b) => counts[b]! - counts[a]! || a - b).slice(0, listed);
}

function restShare(counts: Int32Array, common: readonly number[], known: number): number {
  let others = 0;
  for (const count of counts) if (count > 0) others++;
  others -= common.length;
  if (others === 0) return 1 / Math.max(1, known);
  const listedCount = common.reduce((sum, code) => sum + counts[code]!, 0);
  return Math.max(1, known - listedCount) / others / Math.max(1, known);
}

/** Σ share², without the pairs of a row with itself. */
function collisionOf(counts: Int32Array, known: number): number {
  let pairs = 0;
  for (const count of counts) pairs += count * (count - 1);
  return known < 2 ? 1 : Math.max(pairs, 1) / (known * (known - 1));
}

/**
 * Bits by value: `log2(collision / share)`. An agreed value replaces the average u by its own frequency (as Splink's
 * term frequency adjustment does, after Winkler 2000).
 */
export function rarityBits({ values }: MatchColumn, { shares, rest, collision }: TermFrequencies): Float32Array {
  const known = new Map(Object.entries(shares));
  return Float32Array.from({ length: values.size }, (_, code) => {
    const share = Math.max(known.get(values.text(code)) ?? rest, 1e-9);
    return Math.max(-mostBits, Math.min(mostBits, Math.log2(collision / share)));
  });
}
