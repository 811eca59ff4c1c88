import type { Database } from '../kernel/database.ts';
import type { Json, JsonObject } from '../kernel/json.ts';
import { introduceTraits } from './trait-definitions.queries.ts';
import { guessType } from './trait-value.ts';

/** Sources that make up names, one for each event, must not fill the memory. */
const mostNames = 100_000;

/** Enters new traits into the catalogue. A name that this process has met before costs a look into a set. */
export class TraitIntroduction {
  #known = new Set<string>();

  /**
   * Before the transaction that stores the values, like the partitions: names that two batches bring at once must not
   * make one wait for the other. A batch that fails leaves a name that nobody holds, which does no harm.
   */
  async introduce(db: Database, traits: readonly (JsonObject | null)[], now: Date): Promise<void> {
    const fresh = this.#unknownAmong(traits);
    if (fresh.size === 0) return;
    const names = [...fresh.keys()].sort();
    await introduceTraits(
      db,
      names.map((name) => ({ name, type: guessType(fresh.get(name)!) })),
      now,
    );
    if (this.#known.size + names.length > mostNames) this.#known = new Set();
    for (const name of names) this.#known.add(name);
  }

  /** Name → the first value that says something about its type. */
  #unknownAmong(all: readonly (JsonObject | null)[]): Map<string, Json> {
    const fresh = new Map<string, Json>();
    for (const traits of all) {
      for (const name in traits) {
        if (!this.#known.has(name) && fresh.get(name) == null) fresh.set(name, traits[name]!);
      }
    }
    return fresh;
  }
}
