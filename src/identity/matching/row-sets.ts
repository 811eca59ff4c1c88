import type { PairList } from './match-model.ts';

/** Disjoint sets of rows; a set is named by its smallest row. */
export class RowSets {
  readonly #parent: Int32Array;

  constructor(rows: number) {
    this.#parent = Int32Array.from({ length: rows }, (_, row) => row);
  }

  find(row: number): number {
    const parent = this.#parent;
    let root = row;
    while (parent[root] !== root) root = parent[root]!;
    for (let at = row; at !== root; ) {
      const up = parent[at]!;
      parent[at] = root;
      at = up;
    }
    return root;
  }

  union(a: number, b: number): void {
    const rootA = this.find(a);
    const rootB = this.find(b);
    if (rootA < rootB) this.#parent[rootB] = rootA;
    else this.#parent[rootA] = rootB;
  }

  /** By row, the name of its set. */
  names(): Int32Array {
    return this.#parent.map((_, row) => this.find(row));
  }

  /** The sets of more than one row, by their names, rows ascending. */
  groups(): Map<number, number[]> {
    const groups = new Map<number, number[]>();
    for (let row = 0; row < this.#parent.length; row++) {
      const name = this.find(row);
      if (name === row) continue;
      const group = groups.get(name);
      if (group) group.push(row);
      else groups.set(name, [name, row]);
    }
    return groups;
  }
}

/** Joins the pairs that reach the threshold. */
export function joinPairs(sets: RowSets, { count, left, right, weight }: PairList, threshold: number): void {
  for (let at = 0; at < count; at++) if (weight[at]! >= threshold) sets.union(left[at]!, right[at]!);
}
