import type { FeedPosition } from './change-cursor.ts';
import { isBehind } from './change-cursor.ts';
import type { ChangeLine, ChangeSelection } from './changes.queries.ts';

/** Whom to follow, as the database knew it at `asOf`. */
export interface FollowedCustomer {
  readonly customerId: string;
  /** The records that made up the customer. */
  readonly recordIds: readonly string[];
  /** Lines in front of it are reflected in the above. */
  readonly asOf: FeedPosition;
}

/**
 * Decides which changes are about one customer, while customers merge and split.
 *
 * Up to `asOf` (history that is replayed) it takes today's view: the touchpoints of the records that are the customer's
 * now, and the changes of the customer that they are now. (Some lines behind `asOf` may be reflected already: that is how
 * far a snapshot can tell. So the known records count there too, under whichever customer they were at the time.) The *last* change of somebody's customer always names the
 * customer that it is now (as itself, as what another was merged into, or as what another split from), so a reader
 * who only needs the latest state misses nothing. Behind `asOf` it moves along with every merge.
 *
 * After a split it can't tell on which side the followed person is, and takes both until told ({@link settle}).
 */
export class Follow {
  readonly #asOf: FeedPosition;
  readonly #recordIds: ReadonlySet<string>;
  #customerIds: ReadonlySet<string>;
  #hasSplit = false;

  constructor({ customerId, recordIds, asOf }: FollowedCustomer) {
    this.#asOf = asOf;
    this.#recordIds = new Set(recordIds);
    this.#customerIds = new Set([customerId]);
  }

  get customerIds(): ReadonlySet<string> {
    return this.#customerIds;
  }

  /** Any change that {@link isAbout} accepts names one of these customers or records. */
  get subjects(): ReadonlySet<string> {
    return this.#customerIds.union(this.#recordIds);
  }

  /** There was a split: what is accepted may be about the other side. */
  get hasSplit(): boolean {
    return this.#hasSplit;
  }

  /** A coarse form of {@link isAbout}, for the database to select by. */
  get selection(): ChangeSelection['about'] {
    return { customerIds: [...this.#customerIds], recordIds: [...this.#recordIds] };
  }

  isAbout(change: ChangeLine): boolean {
    if (change.topic === 'touchpoint.recorded') {
      if (this.#recordIds.has(detailOf(change, 'recordId') ?? '')) return true;
      if (!this.#isLater(change)) return false;
    }
    return customersOf(change).some((id) => this.#customerIds.has(id));
  }

  /** Moves along. True when other customers than before are followed now. */
  advance(change: ChangeLine): boolean {
    if (!this.#isLater(change) || change.customerId === null) return false;
    if (change.topic === 'customer.merged') return this.#merge(change.customerId, detailOf(change, 'into'));
    if (change.topic === 'customer.split') return this.#split(change.customerId, detailOf(change, 'from'));
    return false;
  }

  /** Tells on which side of a split the person is. Ignored when the feed has yet to bring how that came about. */
  settle(customerId: string): boolean {
    if (this.#customerIds.size === 1 || !this.#customerIds.has(customerId)) return false;
    this.#customerIds = new Set([customerId]);
    return true;
  }

  #merge(absorbed: string, survivor: string | undefined): boolean {
    if (survivor === undefined || !this.#customerIds.has(absorbed)) return false;
    const others = [...this.#customerIds].filter((id) => id !== absorbed);
    this.#customerIds = new Set([...others, survivor]);
    return true;
  }

  #split(emerged: string, origin: string | undefined): boolean {
    if (origin === undefined || !this.#customerIds.has(origin)) return false;
    this.#customerIds = new Set([...this.#customerIds, emerged]);
    this.#hasSplit = true;
    return true;
  }

  #isLater(change: ChangeLine): boolean {
    return isBehind(change.position, this.#asOf);
  }
}

/** The customers and the record that a change is about: of a merge or split, both sides. */
export function subjectsOf(change: ChangeLine): string[] {
  const recordId = detailOf(change, 'recordId');
  return recordId === undefined ? customersOf(change) : [...customersOf(change), recordId];
}

function customersOf(change: ChangeLine): string[] {
  return [change.customerId, detailOf(change, 'into'), detailOf(change, 'from')].filter((id) => id != null);
}

function detailOf(change: ChangeLine, name: 'into' | 'from' | 'recordId'): string | undefined {
  const value = change.detail?.[name];
  return typeof value === 'string' ? value : undefined;
}
