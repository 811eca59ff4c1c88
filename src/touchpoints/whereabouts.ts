/** Several times what can be under way at once: calls of a thousand items with a handful of keys each. */
const keysOfAGeneration = 50_000;

/** Which lane something went to lately. Forgets what hasn't been met for a while; memory is bounded. */
export class Whereabouts {
  #recent = new Map<string, number>();
  #earlier: ReadonlyMap<string, number> = new Map();

  /** The lane of the first of these that is known. */
  find(keys: readonly string[]): number | undefined {
    for (const key of keys) {
      const lane = this.#recent.get(key) ?? this.#earlier.get(key);
      if (lane !== undefined) return lane;
    }
    return undefined;
  }

  note(keys: readonly string[], lane: number): void {
    for (const key of keys) this.#recent.set(key, lane);
    if (this.#recent.size < keysOfAGeneration) return;
    this.#earlier = this.#recent;
    this.#recent = new Map();
  }
}
