import { DomainError } from '../kernel/errors.ts';
import { FamiliarPairs } from './familiar-pairs.ts';
import { KnownOwners } from './known-owners.ts';
import { type Key, keyOf, UnderWay } from './under-way.ts';

export interface SchedulerOptions<T, R> {
  /** Handles a batch; answers one result for each item, in order. */
  readonly run: (items: readonly T[]) => Promise<readonly R[]>;
  readonly maximumItems: number;
  /** How long the first item waits for company. */
  readonly maximumWaitMs: number;
  /**
   * The same for a few items while a batch is under way: at most so long, and not longer than until none is. Left out: no longer
   * than otherwise.
   */
  readonly maximumWaitBehindMs?: number;
  /** Items that may wait; more are refused with `OVERLOADED`. */
  readonly maximumQueued: number;
  /** Batches under way at once. */
  readonly concurrency: number;
  /** What items are about, as UUIDs: those that have one in common had better not be in two batches at once. */
  readonly recordOf: (item: T) => string;
  readonly identifiersOf: (item: T) => readonly { readonly id: string }[];
  /** What tells an item from others. */
  readonly idOf: (item: T) => string;
  /** Whose the item's record is, as its result says. */
  readonly customerOf?: (result: R) => string | null | undefined;
}

interface Call<R> {
  readonly results: R[];
  /** Items without a result. */
  missing: number;
  readonly resolve: (results: R[]) => void;
  readonly reject: (error: unknown) => void;
}

/** What tells others to keep away. */
interface Marked {
  /** Of its items. What has one in common with an earlier parcel never goes before it, nor beside it. */
  readonly ids: readonly Key[];
  /** Records, identifiers and people that it is about: what shares one with it had better not be under way at the same time. */
  readonly keys: readonly Key[];
  /** It brings a record together with an identifier for the first time, as far as is known here. */
  readonly mayJoin: boolean;
}

/** A small call, or one item of a large one: what is never parted. */
interface Parcel<T, R> extends Marked {
  readonly items: readonly T[];
  readonly call: Call<R>;
  /** The place of its first item in the call. */
  readonly from: number;
  /** How often a batch went without it. */
  passedOver: number;
}

/** Smaller calls stay in one batch, and with it in one transaction; and so many are no small batch any more. */
const splitFrom = 100;

/** A batch looks so many times its own size ahead. */
const lookAhead = 4;

/** Whoever was passed over so often goes before all others who share something with it. */
const patience = 3;

/** In the place of a key, and no whole number as those are: what may join people is kept apart, too. */
const joining = 0.5;

/**
 * Collects the items of many callers into batches and runs a few of these side by side. While as many run as may, items
 * gather, so batches grow with the load.
 *
 * Two things would make batches wait for each other's commit instead of working: the same people in both, and evidence that
 * may join people, since that is done under one lock. So a batch takes, in order of arrival, what has nothing in common with
 * those under way, as far as is known here, and leaves the rest for later. Unless there is little else to do and a crowd of it waits: what everybody
 * shares, and what is new about everybody, must not make everybody queue up. Only time depends on all this: the
 * database's locks keep batches apart that do share something.
 */
export class BatchScheduler<T, R> {
  readonly #options: SchedulerOptions<T, R>;
  readonly #familiar = new FamiliarPairs();
  readonly #owners = new KnownOwners();
  readonly #underWay = new UnderWay();
  #waiting: Parcel<T, R>[] = [];
  #queued = 0;
  #running = 0;
  /** Where a lot waits and little of it is free: so much has to wait until another look is worth it before something is through. */
  #lookFrom = 0;
  #timer: NodeJS.Timeout | undefined;
  /** What gathers is small, and waits for a batch that is under way. */
  #isBehind = false;
  #idle: (() => void)[] = [];

  constructor(options: SchedulerOptions<T, R>) {
    this.#options = options;
  }

  /** Items that wait for their batch. */
  get queued(): number {
    return this.#queued;
  }

  /** One result for each item, in order. Throws `OVERLOADED` with a hint when too many wait; nothing has been taken then. */
  async add(items: readonly T[]): Promise<R[]> {
    if (items.length === 0) return [];
    if (this.#queued > 0 && this.#queued + items.length > this.#options.maximumQueued) throw overloaded(this.#queued);
    return new Promise((resolve, reject) => {
      const call = { results: new Array<R>(items.length), missing: items.length, resolve, reject };
      if (items.length < splitFrom) this.#waiting.push(this.#pack(items, call, 0));
      else for (const [from, item] of items.entries()) this.#waiting.push(this.#pack([item], call, from));
      this.#queued += items.length;
      this.#schedule();
    });
  }

  /** Resolves when nothing waits and nothing runs. */
  drained(): Promise<void> {
    if (this.#queued === 0 && this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #pack(items: readonly T[], call: Call<R>, from: number): Parcel<T, R> {
    const { recordOf, identifiersOf, idOf } = this.#options;
    const keys: Key[] = [];
    let mayJoin = false;
    for (const item of items) {
      const record = recordOf(item);
      this.#addKeys(record, keys);
      for (const { id } of identifiersOf(item)) {
        this.#addKeys(id, keys);
        if (!this.#familiar.meet(record, id)) mayJoin = true;
      }
    }
    return { items, call, from, ids: items.map((item) => keyOf(idOf(item))), keys, mayJoin, passedOver: 0 };
  }

  #addKeys(id: string, keys: Key[]): void {
    keys.push(keyOf(id));
    const owner = this.#owners.find(id);
    if (owner !== undefined) keys.push(owner);
  }

  /** For the batches to come. */
  #noteOwner(item: T, result: R): void {
    const { recordOf, identifiersOf, customerOf } = this.#options;
    const customerId = customerOf?.(result);
    if (!customerId) return;
    this.#owners.note(recordOf(item), customerId);
    for (const { id } of identifiersOf(item)) this.#owners.note(id, customerId);
  }

  #schedule(): void {
    if (this.#running >= this.#options.concurrency || this.#queued === 0) return;
    if (this.#queued < this.#lookFrom) return;
    if (this.#queued >= this.#options.maximumItems) this.#flush();
    else this.#gather();
  }

  /**
   * Most of what a small batch costs doesn't depend on its size: beside another one it would make both slower, and the next
   * ones no larger.
   */
  #gather(): void {
    const { maximumWaitMs, maximumWaitBehindMs = maximumWaitMs } = this.#options;
    const isBehind = this.#running > 0 && this.#queued < splitFrom;
    if (this.#timer && (isBehind || !this.#isBehind)) return;
    clearTimeout(this.#timer);
    this.#isBehind = isBehind;
    this.#timer = setTimeout(() => this.#flush(), isBehind ? maximumWaitBehindMs : maximumWaitMs);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#running >= this.#options.concurrency) return;
    const parcels = this.#take();
    // All that waits shares something with what is under way: the next look is when that is through, or something comes.
    if (parcels.length === 0) return;
    this.#running += 1;
    void this.#run(parcels);
    this.#schedule();
  }

  #take(): Parcel<T, R>[] {
    const { maximumItems } = this.#options;
    const batch = new Selection<T, R>(maximumItems);
    const { joiners, sharers, seen } = this.#select(batch);
    if (batch.isSmall && sizeOf(joiners) >= maximumItems) batch.addWhileTheyFit(joiners);
    if (batch.isSmall && sizeOf(sharers) >= 2 * maximumItems) batch.addWhileTheyFit(sharers);
    if (batch.isSmall && this.#running > 0 && this.#queued >= maximumItems) {
      this.#lookFrom = this.#queued + maximumItems / 2;
      return [];
    }
    const taken = new Set(batch.parcels);
    const passed = this.#waiting.slice(0, seen).filter((parcel) => !taken.has(parcel));
    for (const parcel of passed) parcel.passedOver += 1;
    this.#waiting = [...passed, ...this.#waiting.slice(seen)];
    this.#queued -= batch.size;
    for (const parcel of batch.parcels) this.#underWay.enter(marksOf(parcel));
    return batch.parcels;
  }

  /**
   * Adds what shares nothing with anything under way. Of the others that it has looked at it answers those that only may need
   * the same lock, and those that are about the same people.
   */
  #select(batch: Selection<T, R>) {
    const joiners: Parcel<T, R>[] = [];
    const sharers: Parcel<T, R>[] = [];
    const reserved = new Set<Key>();
    const isTaken = (key: Key) => this.#underWay.has(key) || reserved.has(key);
    const reach = lookAhead * this.#options.maximumItems;
    let looked = 0;
    let seen = 0;
    for (const parcel of this.#waiting) {
      if (batch.isFull || looked >= reach) break;
      seen += 1;
      looked += parcel.items.length;
      const follows = parcel.ids.some(isTaken);
      const shares = follows || parcel.keys.some(isTaken);
      const waits = shares || (parcel.mayJoin && isTaken(joining));
      if (!waits && batch.add(parcel)) continue;
      for (const key of reservedBy(parcel)) reserved.add(key);
      if (!follows) (shares ? sharers : joiners).push(parcel);
    }
    return { joiners, sharers, seen };
  }

  async #run(parcels: readonly Parcel<T, R>[]): Promise<void> {
    try {
      const results = await this.#options.run(parcels.flatMap(({ items }) => items));
      let at = 0;
      for (const { items, call, from } of parcels) {
        for (const [index, item] of items.entries()) {
          const result = results[at + index]!;
          call.results[from + index] = result;
          this.#noteOwner(item, result);
        }
        at += items.length;
        call.missing -= items.length;
        if (call.missing === 0) call.resolve(call.results);
      }
    } catch (error) {
      for (const { call } of parcels) call.reject(error);
    } finally {
      for (const parcel of parcels) this.#underWay.leave(marksOf(parcel));
      this.#running -= 1;
      this.#lookFrom = 0;
      // Who has waited behind it has waited long enough.
      if (this.#running === 0 && this.#timer) this.#flush();
      else this.#schedule();
      if (this.#running === 0 && this.#queued === 0) for (const done of this.#idle.splice(0)) done();
    }
  }
}

/** What a batch is made of. */
class Selection<T, R> {
  readonly parcels: Parcel<T, R>[] = [];
  readonly #maximum: number;
  size = 0;

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  get isFull(): boolean {
    return this.size >= this.#maximum;
  }

  get isSmall(): boolean {
    return this.size < this.#maximum / 2;
  }

  /** False if there is no room for it. A batch of one parcel may be larger. */
  add(parcel: Parcel<T, R>): boolean {
    if (this.size > 0 && this.size + parcel.items.length > this.#maximum) return false;
    this.parcels.push(parcel);
    this.size += parcel.items.length;
    return true;
  }

  addWhileTheyFit(parcels: readonly Parcel<T, R>[]): void {
    for (const parcel of parcels) if (!this.add(parcel)) return;
  }
}

function sizeOf(parcels: readonly { readonly items: readonly unknown[] }[]): number {
  return parcels.reduce((sum, { items }) => sum + items.length, 0);
}

/**
 * What later parcels must not take before this one. A second touchpoint of a new pair looks familiar, and would bring the pair
 * itself where it overtook the first.
 */
function reservedBy(parcel: Marked & { readonly passedOver: number }): readonly Key[] {
  if (parcel.passedOver >= patience) return marksOf(parcel);
  return parcel.mayJoin ? [...parcel.ids, ...parcel.keys] : parcel.ids;
}

/** All that tells others to keep away from it. */
function marksOf({ ids, keys, mayJoin }: Marked): readonly Key[] {
  return mayJoin ? [...ids, ...keys, joining] : [...ids, ...keys];
}

/** Nothing was taken: the same call will pass later. */
function overloaded(queued: number): DomainError {
  return new DomainError(
    'OVERLOADED',
    `${queued} touchpoints wait already; nothing of this call was taken. Try again.`,
    {
      retryAfterMs: 500,
    },
  );
}
