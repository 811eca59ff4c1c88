import { wordOf } from './uuid-word.ts';

const bits = 2 ** 24;
/** Of so many pairs one new one in a thousand looks familiar. */
const pairsOfAGeneration = 500_000;

/**
 * Which records have come with which identifiers lately: a Bloom filter of two generations, 4 MB. A pair that is not
 * familiar may be new, and whoever looks it up learns so from the database; one that is familiar hardly ever is.
 */
export class FamiliarPairs {
  #recent = new Uint32Array(bits / 32);
  #earlier = new Uint32Array(bits / 32);
  #noted = 0;

  /** Whether it was noted lately. Notes it. */
  meet(recordId: string, identifierId: string): boolean {
    const first = wordOf(recordId, 19) ^ Math.imul(wordOf(identifierId, 28), 0x9e3779b1);
    const step = wordOf(recordId, 28) ^ Math.imul(wordOf(identifierId, 19), 0x85ebca6b);
    const recent = this.#isIn(this.#recent, first, step);
    const familiar = recent || this.#isIn(this.#earlier, first, step);
    if (!recent) this.#note(first, step);
    return familiar;
  }

  #isIn(generation: Uint32Array, first: number, step: number): boolean {
    for (let turn = 0; turn < turns; turn += 1) {
      const bit = bitOf(first, step, turn);
      if (!(generation[bit >>> 5]! & (1 << (bit & 31)))) return false;
    }
    return true;
  }

  #note(first: number, step: number): void {
    for (let turn = 0; turn < turns; turn += 1) {
      const bit = bitOf(first, step, turn);
      this.#recent[bit >>> 5]! |= 1 << (bit & 31);
    }
    this.#noted += 1;
    if (this.#noted < pairsOfAGeneration) return;
    [this.#recent, this.#earlier] = [this.#earlier.fill(0), this.#recent];
    this.#noted = 0;
  }
}

const turns = 3;

function bitOf(first: number, step: number, turn: number): number {
  return ((first + Math.imul(step | 1, turn)) >>> 0) & (bits - 1);
}
