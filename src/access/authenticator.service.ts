import { setTimeout as sleep } from 'node:timers/promises';
import type { Platform, Viewer } from '../kernel/context.ts';
import type { DomainError } from '../kernel/errors.ts';
import { isSecretOf } from './api-key.ts';
import { findApiKeys, touchApiKeys } from './api-keys.queries.ts';
import type { ApiKeyRow } from './api-keys.table.ts';
import { readBearer } from './bearer.ts';
import { unknownKey, whyRefused } from './errors.ts';
import { type CachedKey, KeyCache } from './key-cache.ts';

/** Told once, with the reason, when a key stops being good. */
export type EndListener = (why: DomainError) => void;

/** Half of the second within which a revocation must work everywhere: a late timer or a slow read still keeps it. */
const pollInterval = 500;
const lastUsedPrecision = 60_000;

/**
 * Lets callers in, and tells when one must go. One per process.
 *
 * Twice a second one statement re-reads all keys in use (used since the last time, or with an open connection), so a
 * key revoked on any node, or expired, stops within a second on this one. Whatever the number of connections and
 * requests, that is all that authentication costs the database; an idle node asks nothing.
 */
export class Authenticator {
  readonly #platform: Pick<Platform, 'pool' | 'clock' | 'log'>;
  readonly #keys: KeyCache;
  readonly #listeners = new Map<string, Set<EndListener>>();
  #uses = new Map<string, Date>();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(platform: Pick<Platform, 'pool' | 'clock' | 'log'>) {
    this.#platform = platform;
    this.#keys = new KeyCache(platform.clock, (ids) => findApiKeys(platform.pool, ids));
  }

  /**
   * Who is asking, by an HTTP header's value `Bearer rundum_live_…` (for a websocket see `authorizationFrom`).
   * Throws `UNAUTHENTICATED` with a reason when nobody we know.
   */
  async authenticate(authorization: string | undefined): Promise<Viewer> {
    const { id, secret } = readBearer(authorization);
    const key = await this.#keys.get(id);
    // The secret first: without it nobody learns even that a key was revoked.
    if (!key || !isSecretOf(key.row.secretHash, secret)) throw unknownKey();
    const now = this.#platform.clock.now();
    const why = whyRefused(key.row, now);
    if (why) throw why;
    this.#uses.set(id, now);
    return key.viewer;
  }

  /**
   * Calls `listener` once, within a second, when this viewer's key is revoked (on any node) or expires. For whatever
   * outlives a request: websockets, event streams. Call the returned function when the connection closes.
   */
  onEnd(viewer: Viewer, listener: EndListener): () => void {
    // Each registration is its own, even when two share one function.
    const registered: EndListener = (why) => listener(why);
    const listeners = this.#listeners.get(viewer.keyId) ?? new Set();
    this.#listeners.set(viewer.keyId, listeners.add(registered));
    return () => {
      listeners.delete(registered);
      if (listeners.size === 0 && this.#listeners.get(viewer.keyId) === listeners) this.#listeners.delete(viewer.keyId);
    };
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
    const watched = [...this.#listeners.keys()];
    const uses = this.#takeUses(watched);
    const keys = await this.#keys.refresh([...uses.keys()]);
    this.#endRefused(watched, keys);
    await this.#noteUses(uses, keys);
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
      const why = key ? whyRefused(key.row, now) : unknownKey();
      if (why) this.#end(id, why);
    }
  }

  #end(id: string, why: DomainError): void {
    const listeners = this.#listeners.get(id) ?? [];
    this.#listeners.delete(id);
    for (const listener of listeners) {
      try {
        listener(why);
      } catch (err) {
        this.#platform.log.error({ err, keyId: id }, 'a connection could not be ended');
      }
    }
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
