import { type BatcherOptions, MicroBatcher, overloaded } from './batcher.ts';
import { Whereabouts } from './whereabouts.ts';

export interface LanesOptions<T, R> extends Omit<BatcherOptions<T, R>, 'concurrency'> {
  /** Batches under way at once. */
  readonly lanes: number;
  /** What items are about, as UUIDs: those that have one in common had better not be in two batches at once. */
  readonly recordOf: (item: T) => string;
  readonly identifiersOf: (item: T) => readonly { readonly id: string }[];
  /** What tells an item from others. */
  readonly idOf: (item: T) => string;
}

/** Smaller calls stay in one batch, and with it in one transaction. */
const splitFrom = 100;

/**
 * Micro-batches side by side, each lane with people of its own: what comes in together is often about the same ones, and
 * batches that share a record or a new identifier would wait for each other's commit instead of working. Only time
 * depends on where an item goes: the database's locks keep batches apart that do share something.
 */
export class Lanes<T, R> {
  readonly #options: LanesOptions<T, R>;
  readonly #batchers: readonly MicroBatcher<T, R>[];
  readonly #whereabouts = new Whereabouts();

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
    const { idOf, lanes } = this.#options;
    const waiting = this.#batchers.map((batcher) => batcher.queued);
    if (items.length < splitFrom || lanes === 1) return this.#placeTogether(items, waiting);
    const placed = new Map<string, number>();
    return items.map((item) => {
      const lane = placed.get(idOf(item)) ?? this.#relieved(this.#laneOf(item), waiting);
      placed.set(idOf(item), lane);
      this.#note(item, lane);
      waiting[lane]! += 1;
      return lane;
    });
  }

  #placeTogether(items: readonly T[], waiting: readonly number[]): number[] {
    const known = items.map((item) => this.#laneOf(item)).find((lane) => lane !== undefined);
    const together = this.#relieved(known, waiting);
    for (const item of items) this.#note(item, together);
    return items.map(() => together);
  }

  /** Where its like went lately. */
  #laneOf(item: T): number | undefined {
    let lane = this.#whereabouts.find(this.#options.recordOf(item));
    if (lane !== undefined) return lane;
    for (const { id } of this.#options.identifiersOf(item)) {
      lane = this.#whereabouts.find(id);
      if (lane !== undefined) return lane;
    }
    return undefined;
  }

  /** The shortest lane, where none is known or far more waits in it: what all share must not fill one lane. */
  #relieved(known: number | undefined, waiting: readonly number[]): number {
    const least = Math.min(...waiting);
    if (known !== undefined && waiting[known]! - least <= this.#options.maximumItems / 4) return known;
    return waiting.indexOf(least);
  }

  #note(item: T, lane: number): void {
    const { recordOf, identifiersOf } = this.#options;
    this.#whereabouts.note(recordOf(item), lane);
    for (const { id } of identifiersOf(item)) this.#whereabouts.note(id, lane);
  }
}
