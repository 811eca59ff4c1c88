import {
  beforeTransaction,
  cursorExpired,
  decodeFeedCursor,
  encodeFeedCursor,
  type FeedPosition,
  isBehind,
} from './change-cursor.ts';
import { Alarm } from './change-feed-alarm.ts';
import { Audience } from './change-feed-audience.ts';
import { openFeedEpoch } from './change-feed-epoch.ts';
import { Gate } from './change-feed-gate.ts';
import { ChangePage, RecentPages } from './change-feed-page.ts';
import {
  ChangeSubscription,
  type FeedSource,
  type ReplayPage,
  type SubscribeRequest,
} from './change-feed-subscription.ts';
import {
  type ChangeSelection,
  type ChangesRead,
  type FeedBounds,
  loadFeedBounds,
  readChanges,
} from './changes.queries.ts';
import type { Pool } from './database.ts';
import type { DomainError } from './errors.ts';
import type { Logger } from './log.ts';

export interface ChangeFeedOptions {
  /** How soon changes that other nodes commit are noticed, while somebody subscribes. Default 100. */
  readonly pollMs?: number;
  /** The table is read at most this often; changes that come faster are delivered together. Default 10. */
  readonly leastMsBetweenReads?: number;
  /** Lines of one read for everybody. Default 500. */
  readonly pageSize?: number;
  /** Lines of one read for a subscriber who reads history: everybody may have so many loaded. Default 100. */
  readonly replaySize?: number;
  /** Subscribers that may read history at once: they share the connections with everybody else. Default 2. */
  readonly replaysAtOnce?: number;
}

const defaults = { pollMs: 100, leastMsBetweenReads: 10, pageSize: 500, replaySize: 100, replaysAtOnce: 2 };
/** Lines looked at for one page of history: some milliseconds of the database's time. */
const replayScan = 2_000;
const longestBackoffMs = 5_000;
const everything: ChangeSelection = { topics: null, about: null };

/** The cursors between which the feed can be read. */
export interface FeedWindow {
  readonly head: string;
  readonly oldest: string;
}

/**
 * This node's reader of the change feed: follows the table while somebody subscribes, and gives every subscriber what
 * it asked for. It holds nothing that matters: positions are the subscribers' own, so any node can go on for any other.
 */
export class ChangeFeed implements FeedSource {
  readonly #pool: Pool;
  readonly #log: Logger;
  readonly #options: Required<ChangeFeedOptions>;
  readonly #audience = new Audience();
  readonly #subscriptions = new Set<ChangeSubscription>();
  readonly #alarm = new Alarm();
  readonly #replays: Gate;
  #epoch: string | undefined;
  /** Everything up to here has been pushed; `undefined` while nobody is pushed to and the table is left alone. */
  #position: FeedPosition | undefined;
  #tailing: Promise<void> = Promise.resolve();
  readonly #pages = new RecentPages();
  #failures = 0;

  constructor({ pool, log }: { readonly pool: Pool; readonly log: Logger }, options: ChangeFeedOptions = {}) {
    this.#pool = pool;
    this.#log = log;
    this.#options = { ...defaults, ...options };
    this.#replays = new Gate(this.#options.replaysAtOnce);
  }

  /** Before the first change is written: see {@link openFeedEpoch}. */
  async start(): Promise<void> {
    this.#epoch = await openFeedEpoch(this.#pool);
  }

  /** Ends all subscriptions. Close the clients' connections first, else they take the end for a regular one. */
  async stop(): Promise<void> {
    this.#epoch = undefined;
    for (const subscription of [...this.#subscriptions]) subscription.end();
    this.#alarm.ring();
    await this.#tailing;
  }

  /** A transaction of this node that appended changes has committed. Cheap, and does nothing while nobody subscribes. */
  wake(): void {
    this.#alarm.ring();
  }

  /** Read the head first and the state second: then a subscription after that head misses nothing. */
  async window(): Promise<FeedWindow> {
    const epoch = this.#openEpoch();
    const { head, horizon } = await loadFeedBounds(this.#pool);
    return {
      head: encodeFeedCursor(epoch, head),
      oldest: encodeFeedCursor(epoch, horizon ?? beforeTransaction(0n)),
    };
  }

  /** Throws `CURSOR_INVALID` or `CURSOR_EXPIRED` for an `after` that can't be resumed from. */
  async subscribe(request: SubscribeRequest = {}): Promise<ChangeSubscription> {
    const epoch = this.#openEpoch();
    const after = request.after == null ? undefined : decodeFeedCursor(epoch, request.after);
    const bounds = await loadFeedBounds(this.#pool);
    if (after) checkWithin(bounds, after);
    const position = after ?? bounds.head;
    const subscription = new ChangeSubscription(this, position, encodeFeedCursor(epoch, position), request);
    this.#subscriptions.add(subscription);
    return subscription;
  }

  replay(after: FeedPosition, selection: ChangeSelection): Promise<ReplayPage> {
    return this.#replays.run(async () => {
      const limits = { scan: replayScan, handOver: this.#options.replaySize };
      const read = await readChanges(this.#pool, after, limits, selection);
      if (hasExpired(read, after)) throw tooOld();
      const changes = new ChangePage().changes(this.#openEpoch(), read.lines);
      return { changes, through: read.through, more: read.more };
    });
  }

  attach(listener: ChangeSubscription, upToDate: boolean): boolean {
    if (this.#position === undefined) {
      if (!upToDate) return false;
      this.#position = listener.position;
      this.#audience.add(listener);
      this.#tailing = this.#tail(listener.position);
      return true;
    }
    // What lies between the two has been pushed already: the listener has to read it from the table first. No `await`
    // separates this comparison from the listener's joining, and a listener that is ahead skips what it has.
    if (isBehind(this.#position, listener.position)) return false;
    this.#audience.add(listener);
    return true;
  }

  move(listener: ChangeSubscription): void {
    this.#audience.move(listener);
  }

  detach(listener: ChangeSubscription): void {
    this.#audience.remove(listener);
    this.#subscriptions.delete(listener);
  }

  async #tail(from: FeedPosition): Promise<void> {
    const { leastMsBetweenReads } = this.#options;
    let position = from;
    while (this.#audience.size > 0) {
      const read = await this.#tryRead(position);
      if (read) {
        this.#push(read, position);
        this.#position = position = read.through;
      }
      if (read?.more) continue;
      await this.#alarm.wait(leastMsBetweenReads, this.#patienceMs(read));
    }
    this.#position = undefined;
  }

  /** A database that is away is no reason to forget the position: `undefined`, try again later. */
  async #tryRead(position: FeedPosition): Promise<ChangesRead | undefined> {
    try {
      const limits = { scan: this.#options.pageSize, handOver: this.#options.pageSize };
      const read = await readChanges(this.#pool, position, limits, everything);
      if (this.#failures > 0) this.#log.info('the change feed can be read again');
      this.#failures = 0;
      return read;
    } catch (error) {
      if (this.#failures === 0) this.#log.warn({ err: error }, 'the change feed cannot be read; trying again');
      this.#failures += 1;
      return undefined;
    }
  }

  /** How long to wait if nobody rings. */
  #patienceMs(read: ChangesRead | undefined): number {
    const { leastMsBetweenReads, pollMs } = this.#options;
    if (!read) return Math.min(pollMs * 2 ** this.#failures, longestBackoffMs);
    return read.held ? leastMsBetweenReads : pollMs;
  }

  #push(read: ChangesRead, position: FeedPosition): void {
    if (hasExpired(read, position)) {
      for (const listener of this.#audience.everybody()) listener.fail(tooOld);
      return;
    }
    if (this.#epoch === undefined) return;
    if (read.lines.length === 0) {
      this.#pages.releaseOldest();
      return;
    }
    for (const change of this.#pages.add(read.lines.length).changes(this.#epoch, read.lines)) {
      for (const listener of this.#audience.concernedBy(change)) listener.offer(change);
    }
  }

  #openEpoch(): string {
    if (this.#epoch === undefined) throw new Error('The change feed has not been started, or has been stopped.');
    return this.#epoch;
  }
}

function checkWithin({ horizon, nextTx }: FeedBounds, after: FeedPosition): void {
  if (hasExpired({ horizon }, after)) throw tooOld();
  // A point-in-time recovery, or a failover that lost something, took the database back behind this cursor.
  if (after.tx > nextTx) throw cursorExpired('it is from a future that this database, since restored, did not have');
}

function hasExpired({ horizon }: Pick<ChangesRead, 'horizon'>, position: FeedPosition): boolean {
  return horizon !== null && isBehind(horizon, position);
}

function tooOld(): DomainError {
  return cursorExpired('changes behind it have been deleted by now');
}
