/** Rows that are to be divided into people, and what speaks for and against each pair. */
export interface Agglomeration {
  readonly rows: readonly number[];
  /** Rows of one part are one person already. */
  readonly parts: readonly (readonly number[])[];
  /** Bits above what is needed to link two rows; −∞ if they must never be one person. */
  readonly evidence: (a: number, b: number) => number;
}

/**
 * Joins parts, the best two first, as long as the best evidence between any of their rows and the mean evidence over
 * all of their rows speak for it together. The best link alone makes chains: A is like B, and B like C, so strangers
 * A and C become one. The mean alone tears people apart whose records know different things. Half of each resists
 * both. Among equals the parts that stand first are joined, so the result depends on nothing but the evidence.
 */
export function agglomerate({ parts, evidence }: Pick<Agglomeration, 'parts' | 'evidence'>): number[][] {
  const clusters = parts.map((rows) => [...rows]);
  const between = parts.map((a, i) => parts.map((b, j) => (j > i ? compareParts(a, b, evidence) : nothing)));
  for (let best = findBest(between, clusters); best; best = findBest(between, clusters)) {
    const { into, from } = best;
    clusters[into]!.push(...clusters[from]!);
    clusters[from] = [];
    for (let other = 0; other < clusters.length; other++) {
      if (other === into || other === from) continue;
      const joined = addEvidence(at(between, into, other), at(between, from, other));
      between[Math.min(into, other)]![Math.max(into, other)] = joined;
    }
  }
  return clusters.filter((rows) => rows.length > 0);
}

interface Evidence {
  readonly best: number;
  readonly sum: number;
}

const nothing: Evidence = { best: Number.NEGATIVE_INFINITY, sum: 0 };

function compareParts(a: readonly number[], b: readonly number[], evidence: Agglomeration['evidence']): Evidence {
  let total = nothing;
  for (const rowA of a) {
    for (const rowB of b) {
      const bits = evidence(rowA, rowB);
      total = addEvidence(total, { best: bits, sum: bits });
    }
  }
  return total;
}

function addEvidence(one: Evidence, other: Evidence): Evidence {
  return { best: Math.max(one.best, other.best), sum: one.sum + other.sum };
}

function at(between: readonly (readonly Evidence[])[], i: number, j: number): Evidence {
  return between[Math.min(i, j)]![Math.max(i, j)]!;
}

function findBest(between: readonly (readonly Evidence[])[], clusters: readonly number[][]) {
  let found: { into: number; from: number } | undefined;
  let most = 0;
  for (let into = 0; into < clusters.length; into++) {
    if (clusters[into]!.length === 0) continue;
    for (let from = into + 1; from < clusters.length; from++) {
      if (clusters[from]!.length === 0) continue;
      const { best, sum } = between[into]![from]!;
      const support = (best + sum / (clusters[into]!.length * clusters[from]!.length)) / 2;
      if (support < most || (found && support === most)) continue;
      most = support;
      found = { into, from };
    }
  }
  return found;
}
