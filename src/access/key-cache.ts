import type { Clock } from '../kernel/clock.ts';
import type { Viewer } from '../kernel/context.ts';
import type { ApiKeyRow } from './api-keys.table.ts';

/** A key as the database had it a moment ago. */
export interface CachedKey {
  readonly row: ApiKeyRow;
  readonly viewer: Viewer;
  readonly readAt: Date;
  /** Which of this node's reads it comes from: the one that began later knows better, whichever ended first. */
  readonly turn: number;
}

/** Reads those of these keys that exist, in one statement. */
export type ReadRows = (ids: readonly string[]) => Promise<readonly ApiKeyRow[]>;

/** What a node believes about a key is never older than this, whatever the timer does. */
const maximumAge = 1_000;
/** Far more keys than are in use within one poll; beyond it each request reads its own. */
const maximumKeys = 10_000;

/**
 * The keys in use on this node, so that a request doesn't cost a read. Holds only rows that exist: made-up keys can't
 * fill it, and a key made a moment ago on another node is never missed.
 */
export class KeyCache {
  readonly #clock: Clock;
  readonly #readRows: ReadRows;
  readonly #keys = new Map<string, CachedKey>();
  readonly #reading = new Map<string, Promise<CachedKey | undefined>>();
  #turn = 0;

  constructor(clock: Clock, readRows: ReadRows) {
    this.#clock = clock;
    this.#readRows = readRows;
  }

  /** The key with this id, at most a second old; costs one indexed read at most, shared by those who ask meanwhile. */
  async get(id: string): Promise<CachedKey | undefined> {
    const known = this.#keys.get(id);
    if (known && this.#isFresh(known)) return known;
    const begun = this.#reading.get(id);
    if (begun) return begun;
    const reading = this.#read([id])
      .then(([key]) => key)
      .finally(() => this.#reading.delete(id));
    this.#reading.set(id, reading);
    return reading;
  }

  /** Reads these keys anew, in one statement, and forgets all others. Returns those that exist, by id. */
  async refresh(ids: readonly string[]): Promise<ReadonlyMap<string, CachedKey>> {
    const turn = this.#turn + 1;
    const read = ids.length === 0 ? [] : await this.#read(ids);
    for (const [id, known] of this.#keys) if (known.turn < turn) this.#keys.delete(id);
    return new Map(read.map((key) => [key.row.id, key]));
  }

  #isFresh(key: CachedKey): boolean {
    const age = this.#clock.now().getTime() - key.readAt.getTime();
    // A clock that was set back must not make an old answer look new.
    return age >= 0 && age < maximumAge;
  }

  async #read(ids: readonly string[]): Promise<CachedKey[]> {
    const turn = ++this.#turn;
    const readAt = this.#clock.now();
    const rows = await this.#readRows(ids);
    const keys = rows.map((row) => ({ row, viewer: viewerOf(row), readAt, turn }));
    for (const key of keys) this.#remember(key);
    return keys;
  }

  #remember(key: CachedKey): void {
    const known = this.#keys.get(key.row.id);
    if (known ? known.turn < key.turn : this.#keys.size < maximumKeys) this.#keys.set(key.row.id, key);
  }
}

function viewerOf(row: ApiKeyRow): Viewer {
  return { keyId: row.id, name: row.name, scopes: new Set(row.scopes) };
}
