/** What a sample says about a total. */
export interface TotalEstimate {
  readonly value: bigint;
  /** The ends of a 95 % confidence interval; null: it was counted, or nobody was in the sample. */
  readonly lowest: bigint | null;
  readonly highest: bigint | null;
}

export interface SampleSize {
  /** Everybody. */
  readonly total: number;
  readonly sampled: number;
}

/** Of the normal distribution, for 95 %. */
const z = 1.959964;

/** Adds up one number of every member; most of them have none. */
export class Total {
  #sum = 0n;
  #squares = 0;

  add(value: bigint): void {
    this.#sum += value;
    this.#squares += Number(value) ** 2;
  }

  get sum(): bigint {
    return this.#sum;
  }

  /**
   * N·ȳ ± z·N·√((1 − n/N)·s²/n): W. G. Cochran, Sampling Techniques, 3rd ed., 2.4 to 2.9, with its finite population
   * correction. Members whose number was never added count as 0.
   */
  estimate({ total, sampled }: SampleSize): TotalEstimate {
    if (sampled >= total) return { value: this.#sum, lowest: null, highest: null };
    if (sampled === 0) return { value: 0n, lowest: null, highest: null };
    const sum = Number(this.#sum);
    const value = (total / sampled) * sum;
    // Of one member nothing can be said about how members differ.
    const variance = sampled > 1 ? Math.max(0, this.#squares - (sum * sum) / sampled) / (sampled - 1) : 0;
    const half = z * total * Math.sqrt(((1 - sampled / total) * variance) / sampled);
    return {
      value: BigInt(Math.round(value)),
      lowest: BigInt(Math.floor(value - half)),
      highest: BigInt(Math.ceil(value + half)),
    };
  }
}

/** Totals by name, made when the first member has one. */
export class Totals {
  readonly #totals = new Map<string, Total>();

  add(name: string, value: bigint): void {
    if (value === 0n) return;
    const known = this.#totals.get(name) ?? new Total();
    this.#totals.set(name, known);
    known.add(value);
  }

  estimate(name: string, size: SampleSize): TotalEstimate {
    return (this.#totals.get(name) ?? new Total()).estimate(size);
  }

  get names(): string[] {
    return [...this.#totals.keys()].sort();
  }
}
