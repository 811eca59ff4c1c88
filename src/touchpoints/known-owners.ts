import { wordOf } from './uuid-word.ts';

const slots = 2 ** 20;

/**
 * Which customer records and identifiers belonged to when they last came: a table of a fixed size, 8 MB, in which the latest
 * takes the place of an earlier one. Whoever asks gets a number that stands for the customer; now and then two share one.
 */
export class KnownOwners {
  readonly #ids = new Int32Array(slots);
  readonly #owners = new Int32Array(slots);

  note(id: string, customerId: string): void {
    const slot = slotOf(id);
    this.#ids[slot] = wordOf(id, 28);
    this.#owners[slot] = wordOf(customerId, 19);
  }

  /** Undefined where nothing is known. */
  find(id: string): number | undefined {
    const slot = slotOf(id);
    const owner = this.#owners[slot]!;
    return owner !== 0 && this.#ids[slot] === wordOf(id, 28) ? owner : undefined;
  }
}

function slotOf(id: string): number {
  return wordOf(id, 19) & (slots - 1);
}
