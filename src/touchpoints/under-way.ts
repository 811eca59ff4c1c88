/** A record, an identifier, or a number that stands for a customer. */
export type Key = string | number;

/** What batches under way are about, by key, until the last of them is through. */
export class UnderWay {
  readonly #counts = new Map<Key, number>();

  has(key: Key): boolean {
    return this.#counts.has(key);
  }

  enter(keys: Iterable<Key>): void {
    for (const key of keys) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  leave(keys: Iterable<Key>): void {
    for (const key of keys) {
      const count = this.#counts.get(key) ?? 0;
      if (count > 1) this.#counts.set(key, count - 1);
      else this.#counts.delete(key);
    }
  }
}
