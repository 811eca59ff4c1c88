import { wordOf } from './uuid-word.ts';

/** A number that stands for a touchpoint, a record, an identifier or a customer; hardly ever for two of them. */
export type Key = number;

/** Numbers are found sooner than texts, which have to be read. */
export function keyOf(id: string): Key {
  return wordOf(id, 28);
}

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
