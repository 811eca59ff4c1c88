import { type BatcherOptions, MicroBatcher, overloaded } from './batcher.ts';

export interface LanesOptions<T, R> extends Omit<BatcherOptions<T, R>, 'concurrency'> {
  /** Batches under way at once. */
  readonly lanes: number;
  /** Whose an item is, and what tells it from others: UUIDs. */
  readonly recordOf: (item: T) => string;
  readonly idOf: (item: T) => string;
}

/** Smaller calls stay in one batch, and with it in one transaction. */
const splitFrom = 100;

/**
 * Micro-batches side by side, each lane with records of its own: what comes in together is often about the same ones, and
 * batches that share them would wait for each other's locks instead of working.
 */
export class Lanes<T, R> {
  readonly #options: LanesOptions<T, R>;
  readonly #batchers: readonly MicroBatcher<T, R>[];

  constructor(options: LanesOptions<T, R>) {
    this.#options = options;
    const lane = { ...options, maximumQueued: Number.POSITIVE_INFINITY, concurrency: 1 };
    this.#batchers = Array.from({ length: options.lanes }, () => new MicroBatcher<T, R>(lane));
  }

  /** Items that wait for their batch. */
  get queued(): number {
    return this.#batchers.reduce((sum, batcher) => sum + batcher.queued, 0);
  }

  /** One result for each item, in order. Throws `OVERLOADED` with a hint when too many wait; nothing has been taken then. */
  async add(items: readonly T[]): Promise<R[]> {
    const { queued } = this;
    if (queued > 0 && queued + items.length > this.#options.maximumQueued) throw overloaded(queued);
    const places = this.#place(items);
    const shares = this.#batchers.map((batcher, lane) =>
      batcher.add(items.filter((_, index) => places[index] === lane)),
    );
    const results = (await Promise.all(shares)).map((share) => share.values());
    return places.map((lane) => results[lane]!.next().value!);
  }

  /** Resolves when nothing waits and nothing runs. */
  async drained(): Promise<void> {
    await Promise.all(this.#batchers.map((batcher) => batcher.drained()));
  }

  /** The lane of each item. Of two with one id in a call the first must win: the second follows it. */
  #place(items: readonly T[]): number[] {
    const { recordOf, idOf, lanes } = this.#options;
    if (items.length === 0) return [];
    if (items.length < splitFrom || lanes === 1) {
      const together = laneOf(recordOf(items[0]!), lanes);
      return items.map(() => together);
    }
    const placed = new Map<string, number>();
    return items.map((item) => {
      const lane = placed.get(idOf(item)) ?? laneOf(recordOf(item), lanes);
      placed.set(idOf(item), lane);
      return lane;
    });
  }
}

/** Ids are random: any part of them spreads evenly. */
function laneOf(uuid: string, lanes: number): number {
  return Number.parseInt(uuid.slice(-6), 16) % lanes;
}
