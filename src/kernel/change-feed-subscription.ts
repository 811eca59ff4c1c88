import { BoundedQueue, type Combine } from './bounded-queue.ts';
import { type FeedPosition, isBehind } from './change-cursor.ts';
import type { Listener } from './change-feed-audience.ts';
import { Follow, type FollowedCustomer } from './change-feed-follow.ts';
import type { Change } from './change-feed-page.ts';
import { type ChangeLine, type ChangeSelection, type ChangeTopic, changeTopics } from './changes.queries.ts';
import { DomainError } from './errors.ts';

export interface SubscribeRequest {
  /** Cursor of the last change the subscriber has; without one it starts now. */
  readonly after?: string | null;
  /** Default: all. */
  readonly topics?: readonly ChangeTopic[];
  /** Only changes about this customer, through merges and splits. */
  readonly customer?: FollowedCustomer;
  /** Only these. Runs for every change of the topics, so it must be cheap. */
  readonly match?: (change: ChangeLine) => boolean;
  /** How a change joins the one that waits, for subscribers who only need the latest state. */
  readonly combine?: Combine<Change>;
  /** Changes that may wait until the subscriber counts as too slow. Not below the feed's page size. Default 1,000. */
  readonly capacity?: number;
  /** Ends the subscription, as `return()` does. */
  readonly signal?: AbortSignal;
}

export interface ReplayPage {
  readonly changes: readonly Change[];
  readonly through: FeedPosition;
  readonly more: boolean;
}

/** What a subscription needs of its feed. */
export interface FeedSource {
  /** Reads from the table, in the background of the live feed. */
  replay(after: FeedPosition, selection: ChangeSelection): Promise<ReplayPage>;
  /** Starts to push, unless that would leave a gap. `upToDate`: the listener has just read all there is. */
  attach(listener: ChangeSubscription, upToDate: boolean): boolean;
  /** The listener listens to other customers now. */
  move(listener: ChangeSubscription): void;
  detach(listener: ChangeSubscription): void;
}

/**
 * The changes that one subscriber asked for, each exactly once, in feed order.
 *
 * Behind the feed it reads from the table, a page whenever it has run dry, so history costs a slow subscriber's time
 * and not our memory. Once it has caught up it is pushed to; then a slow one is ended with `SLOW_CONSUMER` and the
 * cursor to come back with. A plain iterator, not a generator: a generator that waits can't be told to return.
 */
export class ChangeSubscription implements AsyncIterableIterator<Change>, Listener {
  readonly topics: ReadonlySet<ChangeTopic>;
  readonly #wanted: ReadonlySet<ChangeTopic>;
  readonly #match: (change: ChangeLine) => boolean;
  readonly #follow: Follow | undefined;
  readonly #queue: BoundedQueue<Change>;
  readonly #source: FeedSource;
  #position: FeedPosition;
  #lastCursor: string;
  #live = false;
  #catchingUp: Promise<void> | undefined;
  #failure: (() => unknown) | undefined;

  /** `cursor` is that of `position`. */
  constructor(source: FeedSource, position: FeedPosition, cursor: string, request: SubscribeRequest) {
    this.#source = source;
    this.#position = position;
    this.#lastCursor = cursor;
    this.#wanted = new Set(request.topics ?? changeTopics);
    this.#match = request.match ?? (() => true);
    this.#follow = request.customer && new Follow(request.customer);
    this.topics = this.#follow ? new Set([...this.#wanted, 'customer.merged', 'customer.split']) : this.#wanted;
    this.#queue = new BoundedQueue(request.capacity ?? 1_000, request.combine);
    if (request.signal?.aborted) this.end();
    request.signal?.addEventListener('abort', () => this.end(), { once: true });
  }

  /** Where it stands in the feed: it wants nothing in front of this. */
  get position(): FeedPosition {
    return this.#position;
  }

  get subjects(): ReadonlySet<string> | undefined {
    return this.#follow?.subjects;
  }

  /** There was a split: see {@link settle}. Changes may be about the other side. */
  get hasSplit(): boolean {
    return this.#follow?.hasSplit ?? false;
  }

  /** Says which customer the followed person belongs to, which after a split only the caller can know. */
  settle(customerId: string): void {
    if (this.#follow?.settle(customerId)) this.#source.move(this);
  }

  async next(): Promise<IteratorResult<Change, undefined>> {
    while (!this.#live && !this.#queue.closed && this.#queue.size === 0) await this.#catchUpOnce();
    const result = await this.#queue.next();
    if (!result.done) this.#lastCursor = result.value.cursor;
    else this.#throwFailure();
    return result;
  }

  async return(): Promise<IteratorResult<Change, undefined>> {
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The subscriber's next call says that there is nothing more. */
  end(): void {
    this.#queue.close();
    this.#source.detach(this);
  }

  /** The subscriber's next call throws what `failure` makes of the cursor of the last change that it got. */
  fail(failure: (lastCursor: string) => unknown): void {
    if (this.#queue.closed) return;
    // Made when thrown: a change that is on its way to the subscriber at this moment counts as got.
    this.#failure = () => failure(this.#lastCursor);
    this.end();
  }

  offer(change: Change): void {
    if (!isBehind(change.position, this.#position)) return;
    try {
      this.#take(change);
    } catch (error) {
      this.fail(() => error);
    }
  }

  /** Calls of `next` that overlap must not read the same page twice. */
  #catchUpOnce(): Promise<void> {
    this.#catchingUp ??= this.#catchUp().finally(() => {
      this.#catchingUp = undefined;
    });
    return this.#catchingUp;
  }

  async #catchUp(): Promise<void> {
    if (this.#source.attach(this, false)) {
      this.#live = true;
      return;
    }
    try {
      const page = await this.#source.replay(this.#position, this.#selection());
      if (this.#queue.closed) return;
      const whole = this.#takePage(page);
      this.#live = this.#source.attach(this, whole && !page.more);
    } catch (error) {
      this.fail((cursor) => (error instanceof DomainError ? error : unreadable(error, cursor)));
    }
  }

  #selection(): ChangeSelection {
    return { topics: [...this.topics], about: this.#follow?.selection ?? null };
  }

  /** False when it stopped half-way: the page was selected for a customer who was merged or split in it. */
  #takePage({ changes, through }: ReplayPage): boolean {
    for (const change of changes) {
      const moved = this.#take(change);
      if (moved) {
        this.#position = change.position;
        return false;
      }
    }
    this.#position = through;
    return true;
  }

  /** True when other customers are followed from here on. */
  #take(change: Change): boolean {
    if (this.#follow && !this.#follow.isAbout(change)) return false;
    const moved = this.#follow?.advance(change) ?? false;
    if (moved) this.#source.move(this);
    if (this.#wanted.has(change.topic) && this.#match(change)) this.#deliver(change);
    return moved;
  }

  #deliver(change: Change): void {
    change.page.want(change);
    if (!this.#queue.push(change)) this.fail(slowConsumer);
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure();
  }
}

function slowConsumer(cursor: string): DomainError {
  return new DomainError(
    'SLOW_CONSUMER',
    'This subscriber takes events more slowly than they come, and too many were waiting. Subscribe again `after` the cursor given here.',
    { cursor },
  );
}

function unreadable(cause: unknown, cursor: string): DomainError {
  const error = new DomainError(
    'SERVICE_UNAVAILABLE',
    "The change feed can't be read at the moment. Subscribe again `after` the cursor given here.",
    { cursor },
  );
  error.cause = cause;
  return error;
}
