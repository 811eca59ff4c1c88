import { setTimeout as sleep } from 'node:timers/promises';
import type { Platform, Viewer } from '../kernel/context.ts';
import type { DomainError } from '../kernel/errors.ts';
import type { ApiKeyText } from './api-key.ts';
import { findKeysInUse, type KeyInUse, touchApiKeys } from './api-keys.queries.ts';
import type { ApiKeyRow } from './api-keys.table.ts';
import { type AddressSource, type Entrance, isFormer, matchSecret, whyShut } from './entrance.ts';
import { changedKey, unknownKey } from './errors.ts';
import { type CachedKey, KeyCache } from './key-cache.ts';
import { type Charge, KeyMeter } from './key-meter.service.ts';
import type { RateLimit } from './quota.ts';
import { GuessLimiter } from './rate-of-guesses.ts';

/** Told once, with the reason, when a key stops being good. */
export type EndListener = (why: DomainError) => void;

/** Somebody who stays. */
interface Guest {
  readonly listener: EndListener;
  readonly address: AddressSource | undefined;
  /** `undefined`: came in by no key that we let in. */
  readonly entrance: Entrance | undefined;
}

export interface AuthenticatorOptions {
  /** What keys without a budget of their own may spend in a minute, in points of cost; left out: any amount. */
  readonly costPerMinute?: number | null;
  /** How many keys that do not exist an address may try in a minute; left out: any number. */
  readonly guessesPerMinute?: number | null;
}

/** Half of the second within which a revocation must work everywhere: a late timer or a slow read still keeps it. */
const pollInterval = 500;
const lastUsedPrecision = 60_000;

/**
 * Lets callers in, and tells when one must go. One per process.
 *
 * Twice a second one statement re-reads all keys in use (used since the last time, or with an open connection), so a
 * key revoked on any node, expired, rotated or kept to other networks, stops within a second on this one. Whatever the
 * number of connections and requests, that is all that authentication costs the database; an idle node asks nothing.
 */
export class Authenticator {
  readonly #platform: Pick<Platform, 'pool' | 'clock' | 'log'>;
  readonly #keys: KeyCache;
  /** Counts what is done with keys. */
  readonly meter: KeyMeter;
  readonly #guesses: GuessLimiter;
  readonly #entrances = new WeakMap<Viewer, Entrance>();
  readonly #guests = new Map<string, Set<Guest>>();
  readonly #afterRefresh: (() => void)[] = [];
  #uses = new Map<string, Date>();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(platform: Pick<Platform, 'pool' | 'clock' | 'log'>, options: AuthenticatorOptions = {}) {
    this.#platform = platform;
    this.#keys = new KeyCache(platform.clock, (ids, periods) => findKeysInUse(platform.pool, ids, periods));
    this.meter = new KeyMeter(platform, options.costPerMinute ?? null);
    this.#guesses = new GuessLimiter(options.guessesPerMinute ?? null);
  }

  /**
   * Who is asking, by an HTTP header's value `Bearer rundum_live_…` (for a websocket see `authorizationFrom`), and from
   * where. Throws `UNAUTHENTICATED` with a reason when nobody we know; `RATE_LIMITED` where too many of those come from.
   */
  async authenticate(authorization: string | undefined, address?: AddressSource): Promise<Viewer> {
    const { key, secretHash } = await this.#guesses.watch(address, authorization, async (given) => {
      const entrance = await this.#enter(given);
      // The secret first: without it nobody learns even that a key was revoked.
      if (!entrance) throw unknownKey();
      return entrance;
    });
    const now = this.#platform.clock.now();
    const why = whyShut(key, { secretHash, address }, now);
    if (why) throw why;
    this.#uses.set(key.row.id, now);
    const viewer = isFormer(key, secretHash) ? key.formerViewer : key.viewer;
    this.#entrances.set(viewer, { key, secretHash });
    return viewer;
  }

  /** Counts a request of this viewer against the quota of its key. Throws `RATE_LIMITED` for one too many. */
  spend(viewer: Viewer): void {
    const key = this.#keyOf(viewer);
    if (key) this.meter.admit(key);
  }

  /**
   * Takes what an operation may cost at worst from the budget of this viewer's key. Throws `RATE_LIMITED` or
   * `OPERATION_TOO_EXPENSIVE`. `undefined` for a viewer without a key.
   */
  charge(viewer: Viewer, cost: number): Charge | undefined {
    const key = this.#keyOf(viewer);
    return key && this.meter.charge(key, cost);
  }

  /** Gives back what it did not cost. */
  settle(charge: Charge, actual: number): void {
    this.meter.settle(charge, actual);
  }

  /** What limits this viewer's key, and what is left of it. */
  limitsOf(viewer: Viewer): RateLimit[] {
    const key = this.#keyOf(viewer);
    return key ? this.meter.limitsOf(key) : [];
  }

  /** As it was read last: a change on another node holds for requests that are under way, too. */
  #keyOf(viewer: Viewer): CachedKey | undefined {
    return this.#keys.peek(viewer.keyId) ?? this.#entrances.get(viewer)?.key;
  }

  /**
   * Calls `listener` once, within a second, when this viewer's key is revoked (on any node) or expires, when the secret with
   * which it came has had its time, or when the key is no longer let in from there or allows something else. For whatever outlives a request:
   * websockets, event streams. Call the returned function when the connection closes.
   */
  onEnd(viewer: Viewer, listener: EndListener, address?: AddressSource): () => void {
    // Each registration is its own, even when two share one function.
    const guest: Guest = { listener, address, entrance: this.#entrances.get(viewer) };
    const guests = this.#guests.get(viewer.keyId) ?? new Set();
    this.#guests.set(viewer.keyId, guests.add(guest));
    return () => this.#forget(viewer.keyId, guests, guest);
  }

  /** Calls `listener` whenever the keys in use have been read anew. It must not throw. */
  onRefresh(listener: () => void): void {
    this.#afterRefresh.push(listener);
  }

  /** This viewer's key, as it was read last. */
  keyInUse(viewer: Viewer): KeyInUse | undefined {
    return this.#keyOf(viewer)?.row;
  }

  /** Begins to poll. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Stops polling, after a last look that notes the last uses. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Looks at once, without waiting for the timer: after a revocation on this node. */
  async refresh(): Promise<void> {
    const watched = [...this.#guests.keys()];
    const uses = this.#takeUses(watched);
    const keys = await this.#keys.refresh([...uses.keys()]);
    this.#endRefused(watched, keys);
    for (const listener of this.#afterRefresh) listener();
    await this.#noteUses(uses, keys);
    await this.meter.flush(() => this.#keys.turn, { force: this.#stopping.signal.aborted });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await sleep(pollInterval, undefined, { signal, ref: false }).catch(() => {});
      await this.refresh().catch((err) => {
        // Nothing is believed for more than a second: while this fails, every request reads its key itself.
        this.#platform.log.warn({ err }, 'could not re-read the API keys in use');
      });
    }
  }

  /** A rotation on another node may be younger than what is remembered: only what was read since then says no. */
  async #enter({ id, secret, test = false }: ApiKeyText): Promise<Entrance | undefined> {
    const before = this.#keys.turn;
    let key = await this.#keys.get(id);
    let secretHash = key && matchSecret(key, secret);
    if (key && !secretHash && key.turn <= before) {
      key = await this.#keys.getAnew(id);
      secretHash = key && matchSecret(key, secret);
    }
    return key && secretHash && key.row.test === test ? { key, secretHash } : undefined;
  }

  /** The uses since the last time. An open connection is a use. */
  #takeUses(watched: readonly string[]): Map<string, Date> {
    const uses = this.#uses;
    this.#uses = new Map();
    const now = this.#platform.clock.now();
    for (const id of watched) uses.set(id, now);
    return uses;
  }

  /** Only those watched before the read: a key that is missing from an answer nobody asked for is not gone. */
  #endRefused(watched: readonly string[], keys: ReadonlyMap<string, CachedKey>): void {
    const now = this.#platform.clock.now();
    for (const id of watched) {
      const key = keys.get(id);
      const guests = this.#guests.get(id) ?? new Set();
      for (const guest of guests) {
        const why = key ? whyGuestMustGo(key, guest, now) : unknownKey();
        if (!why) continue;
        this.#forget(id, guests, guest);
        this.#tell(guest, why);
      }
    }
  }

  #tell({ listener }: Guest, why: DomainError): void {
    try {
      listener(why);
    } catch (err) {
      this.#platform.log.error({ err }, 'a connection could not be ended');
    }
  }

  #forget(id: string, guests: Set<Guest>, guest: Guest): void {
    guests.delete(guest);
    if (guests.size === 0 && this.#guests.get(id) === guests) this.#guests.delete(id);
  }

  async #noteUses(uses: ReadonlyMap<string, Date>, keys: ReadonlyMap<string, CachedKey>): Promise<void> {
    const due = new Map([...uses].filter(([id, at]) => isDue(keys.get(id)?.row, at)));
    if (due.size > 0) await touchApiKeys(this.#platform.pool, due);
  }
}

function isDue(row: ApiKeyRow | undefined, usedAt: Date): boolean {
  if (!row) return false;
  return row.lastUsedAt === null || usedAt.getTime() - row.lastUsedAt.getTime() >= lastUsedPrecision;
}

function whyGuestMustGo(key: CachedKey, { entrance, address }: Guest, now: Date): DomainError | undefined {
  // Read before they came: what has let them in is younger, and knows better.
  if (entrance && entrance.key.turn > key.turn) return undefined;
  const why = whyShut(key, { secretHash: entrance?.secretHash, address }, now);
  // What is open was let in, and is filtered, by what the key allowed then.
  return why ?? (entrance && entrance.key.rights !== key.rights ? changedKey() : undefined);
}
