/** Sets of ids that grow together: union-find with path compression. */
export class DisjointSets {
  readonly #parent = new Map<string, string>();

  constructor(ids: Iterable<string>) {
    for (const id of ids) this.#parent.set(id, id);
  }

  has(id: string): boolean {
    return this.#parent.has(id);
  }

  find(id: string): string {
    let root = id;
    for (let up = this.#parent.get(root)!; up !== root; up = this.#parent.get(root)!) root = up;
    for (let at = id; at !== root; ) {
      const up = this.#parent.get(at)!;
      this.#parent.set(at, root);
      at = up;
    }
    return root;
  }

  /** Joins the sets of both; the root of `a` stays root. */
  union(a: string, b: string): void {
    this.#parent.set(this.find(b), this.find(a));
  }
}
