import type { MetricTable } from './metric-table.ts';

/** An answer, and the state of the database that it is known to hold for. */
export interface CachedTable {
  readonly table: MetricTable;
  /** `pg_snapshot` as text. */
  readonly snapshot: string;
}

interface Entry extends CachedTable {
  readonly weight: number;
}

/** Values that are kept in all, and of one answer. */
const [mostValues, mostOfOne] = [1_000_000, 50_000];
/** Far below the time for which the change feed keeps what happened: behind that nobody could tell whether an entry holds. */
const longestMs = 3_600_000;

/** Answers that were asked for last, within bounds. It does not know whether they still hold. */
export class MetricCache {
  readonly #entries = new Map<string, Entry>();
  readonly #most: number;
  #values = 0;

  constructor(most = mostValues) {
    this.#most = most;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(key: string, now: Date): CachedTable | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    const age = now.getTime() - entry.table.cache.computedAt.getTime();
    this.forget(key);
    if (age < 0 || age > longestMs) return undefined;
    this.#keep(key, entry);
    return entry;
  }

  keep(key: string, cached: CachedTable): void {
    this.forget(key);
    const { rows, columns } = cached.table;
    const weight = (rows.length + 1) * columns.length;
    if (weight <= Math.min(mostOfOne, this.#most)) this.#keep(key, { ...cached, weight });
  }

  forget(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#values -= entry.weight;
  }

  /** A JavaScript map iterates in the order of insertion: what was used last is at the end. */
  #keep(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    this.#values += entry.weight;
    for (const oldest of this.#entries.keys()) {
      if (this.#values <= this.#most) return;
      this.forget(oldest);
    }
  }
}
