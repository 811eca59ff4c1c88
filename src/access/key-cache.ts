import type { Clock } from '../kernel/clock.ts';
import type { Viewer } from '../kernel/context.ts';
import { isoDay } from '../kernel/iso-day.ts';
import { NetworkList } from '../kernel/networks.ts';
import type { KeyInUse } from './api-keys.queries.ts';
import { minuteOf, type Used } from './quota.ts';
import { rightsOf } from './rights.ts';

/** The periods by which requests are counted, at one moment. */
export interface Periods {
  readonly minute: Date;
  /** In UTC, such as `2026-03-29`. */
  readonly day: string;
}

/** A key as the database had it a moment ago. */
export interface CachedKey {
  readonly row: KeyInUse;
  readonly viewer: Viewer;
  /** The same for who came with the secret before the last rotation: it ends earlier. */
  readonly formerViewer: Viewer;
  /** What it allows: see {@link rightsOf}. */
  readonly rights: string;
  /** From where it may be used; `undefined`: from anywhere. */
  readonly networks: NetworkList | undefined;
  /** What all nodes have counted. */
  readonly counts: Periods & Used;
  readonly readAt: Date;
  /** Which of this node's reads it comes from: the one that began later knows better, whichever ended first. */
  readonly turn: number;
}

/** Reads those of these keys that exist, with what was counted in these periods, in one statement. */
export type ReadRows = (ids: readonly string[], periods: Periods) => Promise<readonly KeyInUse[]>;

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

  /** Of the latest read that has begun. */
  get turn(): number {
    return this.#turn;
  }

  /** What is remembered, without asking anybody. */
  peek(id: string): CachedKey | undefined {
    return this.#keys.get(id);
  }

  /** What the database has now. For what must not be answered from memory. */
  async getAnew(id: string): Promise<CachedKey | undefined> {
    const [key] = await this.#read([id]);
    return key;
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
    const periods = { minute: minuteOf(readAt), day: isoDay(readAt) };
    const rows = await this.#readRows(ids, periods);
    const keys = rows.map((row) => toCachedKey(row, { periods, readAt, turn }));
    for (const key of keys) this.#remember(key);
    return keys;
  }

  #remember(key: CachedKey): void {
    const known = this.#keys.get(key.row.id);
    if (known ? known.turn < key.turn : this.#keys.size < maximumKeys) this.#keys.set(key.row.id, key);
  }
}

function toCachedKey(row: KeyInUse, { periods, ...read }: { periods: Periods; readAt: Date; turn: number }): CachedKey {
  const { inMinute, onDay, costInMinute, allowedNetworks } = row;
  return {
    ...read,
    row,
    viewer: viewerOf(row),
    formerViewer: viewerOf(row),
    rights: rightsOf(viewerOf(row)),
    networks: allowedNetworks.length === 0 ? undefined : new NetworkList(allowedNetworks),
    counts: { ...periods, inMinute, onDay, costInMinute },
  };
}

function viewerOf(row: KeyInUse): Viewer {
  const { id, name, scopes, test, boundary, writeOnly, allowedOrigins, trustedDocumentsOnly } = row;
  return {
    keyId: id,
    name,
    scopes: new Set(scopes),
    ...(test ? { test } : {}),
    ...(boundary === null ? {} : { boundary }),
    ...(writeOnly ? { writeOnly } : {}),
    ...(trustedDocumentsOnly ? { trustedDocumentsOnly } : {}),
    ...(allowedOrigins.length > 0 ? { allowedOrigins } : {}),
  };
}
