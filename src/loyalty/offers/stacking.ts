/** What decides which offers go together. */
export interface Stackable {
  readonly id: string;
  readonly exclusive: boolean;
  readonly group: string | null;
  readonly priority: number;
  /** What it is worth, in any unit that all of them have in common. */
  readonly value: bigint;
}

/** Before another one: a higher priority, then a greater value, then the smaller id. A total order. */
export function compareOffers(a: Stackable, b: Stackable): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  if (a.value !== b.value) return a.value > b.value ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Offers that are used together, taken one after the other: an exclusive one goes with none, those of a group not with each other. */
export class Stacking {
  readonly #groups = new Set<string>();
  #isEmpty = true;
  #isClosed = false;

  fits({ exclusive, group }: Stackable): boolean {
    if (this.#isClosed || (exclusive && !this.#isEmpty)) return false;
    return group === null || !this.#groups.has(group);
  }

  take({ exclusive, group }: Stackable): void {
    this.#isEmpty = false;
    this.#isClosed ||= exclusive;
    if (group !== null) this.#groups.add(group);
  }
}

/**
 * Which of them can be used together: the first one is taken, and each further one that goes with all that were taken. The
 * answer is in that order and does not depend on the order of the argument.
 */
export function stack<T extends Stackable>(offers: readonly T[]): { readonly taken: T[]; readonly out: T[] } {
  const taken: T[] = [];
  const out: T[] = [];
  const stacking = new Stacking();
  for (const offer of [...offers].sort(compareOffers)) {
    const fits = stacking.fits(offer);
    (fits ? taken : out).push(offer);
    if (fits) stacking.take(offer);
  }
  return { taken, out };
}
