import type { Caused, SegmentCause } from './segment-cause.ts';

/** What is stored of one customer in one segment. */
export interface Stored {
  readonly segmentId: string;
  readonly version: number;
  readonly member: boolean;
  readonly dueAt: Date | null;
}

/** What was found of one customer under one version. */
export interface Verdict {
  readonly segmentId: string;
  readonly version: number;
  readonly customerId: string;
  readonly verdict: boolean;
  /** It holds until then, unless something happens; null: for ever. */
  readonly next: Date | null;
}

export interface StateChange extends Stored {
  readonly customerId: string;
  readonly since: Date;
}

export interface Transition {
  readonly customerId: string;
  readonly segmentId: string;
  readonly version: number;
  readonly entered: boolean;
  readonly cause: SegmentCause;
  readonly causeId: string | null;
  /** Of a customer who is no more: who took their place. */
  readonly into?: string | null;
}

/** What follows from an evaluation, ready to be written. */
export class SegmentChanges {
  readonly states: StateChange[] = [];
  readonly gone: { readonly customerId: string; readonly segmentId: string }[] = [];
  readonly builds: {
    readonly segmentId: string;
    readonly customerId: string;
    readonly version: number;
    readonly verdict: boolean;
    readonly dueAt: Date | null;
  }[] = [];
  /** Customers who are no more. */
  readonly absorbed: string[] = [];
  readonly transitions: Transition[] = [];
  readonly #at: Date;
  /** Stored instants are made what they are, not only brought forward: for whoever answers them. */
  readonly #exactly: boolean;

  constructor(at: Date, { exactly = false }: { exactly?: boolean } = {}) {
    this.#at = at;
    this.#exactly = exactly;
  }

  /** By the version that counts for this customer. */
  serve(
    { customerId, segmentId, version, verdict, next }: Verdict,
    stored: Stored | undefined,
    { cause, causeId }: Caused,
  ): void {
    const was = stored?.member ?? false;
    if (was !== verdict) {
      this.transitions.push({ customerId, segmentId, version, entered: verdict, cause, causeId });
    }
    if (!verdict && next === null && (was || this.#exactly)) {
      if (stored) this.gone.push({ customerId, segmentId });
      return;
    }
    const dueAt = this.#dueOf(stored, next, was !== verdict);
    if (
      was !== verdict ||
      (stored?.dueAt ?? null)?.getTime() !== dueAt?.getTime() ||
      (stored && stored.version !== version)
    ) {
      this.states.push({ customerId, segmentId, version, member: verdict, since: this.#at, dueAt });
    }
  }

  /** By a version that is being built: it counts for nobody yet. */
  build({ customerId, segmentId, version, verdict, next }: Verdict): void {
    this.builds.push({ segmentId, customerId, version, verdict, dueAt: next });
  }

  /** Nothing is to be kept of customers who are no more. */
  forget(customerIds: readonly string[]): void {
    this.absorbed.push(...customerIds);
  }

  /** A member who is no more. */
  leave(
    { customerId, segmentId, version }: { customerId: string; segmentId: string; version: number },
    { cause, causeId }: Caused,
  ): void {
    this.transitions.push({ customerId, segmentId, version, entered: false, cause, causeId, into: causeId });
  }

  /** By how much each segment has grown. */
  tallies(): Map<string, number> {
    const tallies = new Map<string, number>();
    for (const { segmentId, entered } of this.transitions) {
      tallies.set(segmentId, (tallies.get(segmentId) ?? 0) + (entered ? 1 : -1));
    }
    for (const [segmentId, members] of tallies) if (members === 0) tallies.delete(segmentId);
    return tallies;
  }

  /**
   * An instant that is stored and too early stays: whoever answers it looks again and puts it right. Every visit would
   * otherwise move the end of "visited in the last 30 days", and with it a row, for each segment that asks.
   */
  #dueOf(stored: Stored | undefined, next: Date | null, changed: boolean): Date | null {
    const due = stored?.dueAt ?? null;
    if (this.#exactly || changed || due === null || due <= this.#at) return next;
    return next !== null && next < due ? next : due;
  }
}
