/** Whole numbers below a bound, the same for the same seed (xorshift32; G. Marsaglia, "Xorshift RNGs", 2003). */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  below(bound: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return Math.floor(((state >>> 0) / 0x100000000) * bound);
  }
}
