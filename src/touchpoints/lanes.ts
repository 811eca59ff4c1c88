import { type BatcherOptions, MicroBatcher, overloaded } from './batcher.ts';
import { FamiliarPairs } from './familiar-pairs.ts';
import { UnderWay } from './under-way.ts';

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

/** Where items go that may join people. */
const joiningLane = 0;

/**
 * Micro-batches side by side. Two things would make them wait for each other's commit instead of working: the same record or
 * new identifier in both, and evidence that may join people, since that is done under one lock. So each lane has people of
 * its own while they are under way, and what brings a record with an identifier for the first time goes to one lane: the
 * others, with the most of the traffic, need the lock rarely. Only time depends on where an item goes: the database's locks
 * keep batches apart that do share something.
 */
export class Lanes<T, R> {
  readonly #options: LanesOptions<T, R>;
  readonly #batchers: readonly MicroBatcher<T, R>[];
  readonly #familiar = new FamiliarPairs();
  readonly #underWay = new UnderWay();

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
    const shares = this.#batchers.map((batcher, lane) => {
      const share = items.filter((_, index) => places[index] === lane);
      return batcher.add(share).finally(() => this.#leave(share));
    });
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
      this.#enter(item, lane);
      waiting[lane]! += 1;
      return lane;
    });
  }

  #placeTogether(items: readonly T[], waiting: readonly number[]): number[] {
    const known = items.map((item) => this.#laneOf(item));
    const wanted = known.includes(joiningLane) ? joiningLane : known.find((lane) => lane !== undefined);
    const together = this.#relieved(wanted, waiting);
    for (const item of items) this.#enter(item, together);
    return items.map(() => together);
  }

  /** Where its like is under way, or where people are joined. */
  #laneOf(item: T): number | undefined {
    const record = this.#options.recordOf(item);
    const identifiers = this.#options.identifiersOf(item);
    let strange = false;
    for (const { id } of identifiers) if (!this.#familiar.meet(record, id)) strange = true;
    // Also where its record is under way elsewhere: one that waits for a row is better than all that wait for the lock.
    if (strange) return joiningLane;
    for (const { id } of identifiers) {
      const lane = this.#underWay.find(id);
      if (lane !== undefined) return lane;
    }
    return this.#underWay.find(record);
  }

  /** The shortest lane, where none is wanted or far more waits in it: what all share must not fill one lane. */
  #relieved(wanted: number | undefined, waiting: readonly number[]): number {
    // The joining lane is kept short. What overflows from it may go anywhere.
    const first = wanted === joiningLane || waiting.length === 1 ? 0 : joiningLane + 1;
    const least = Math.min(...waiting.slice(first));
    if (wanted !== undefined && waiting[wanted]! - least <= this.#options.maximumItems / 4) return wanted;
    return waiting.indexOf(least, first);
  }

  #enter(item: T, lane: number): void {
    this.#underWay.enter(this.#options.recordOf(item), lane);
    for (const { id } of this.#options.identifiersOf(item)) this.#underWay.enter(id, lane);
  }

  #leave(items: readonly T[]): void {
    for (const item of items) {
      this.#underWay.leave(this.#options.recordOf(item));
      for (const { id } of this.#options.identifiersOf(item)) this.#underWay.leave(id);
    }
  }
}
