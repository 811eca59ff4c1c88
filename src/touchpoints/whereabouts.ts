const slots = 2 ** 20;
/** Several times what can be under way at once: calls of a thousand items with a handful of keys each. */
const keysOfAGeneration = 50_000;

/**
 * Which lane something went to lately, by its UUID. A guess: what hasn't been met for a while is forgotten, and one key in
 * twenty or so shares its slot with another. In return it costs nothing that could be measured.
 */
export class Whereabouts {
  /** Lane + 1; 0: unknown. */
  #recent = new Uint8Array(slots);
  #earlier = new Uint8Array(slots);
  #noted = 0;

  find(uuid: string): number | undefined {
    const slot = slotOf(uuid);
    const lane = this.#recent[slot] || this.#earlier[slot];
    return lane ? lane - 1 : undefined;
  }

  note(uuid: string, lane: number): void {
    const slot = slotOf(uuid);
    if (this.#recent[slot] === lane + 1) return;
    this.#recent[slot] = lane + 1;
    this.#noted += 1;
    if (this.#noted >= keysOfAGeneration) this.#forget();
  }

  #forget(): void {
    [this.#recent, this.#earlier] = [this.#earlier.fill(0), this.#recent];
    this.#noted = 0;
  }
}

/** The last five hexadecimal digits: derived ids are random, so any of them spread evenly. */
function slotOf(uuid: string): number {
  let slot = 0;
  for (let index = uuid.length - 5; index < uuid.length; index += 1) {
    const code = uuid.charCodeAt(index);
    slot = (slot << 4) | ((code & 15) + (code > 57 ? 9 : 0));
  }
  return slot & (slots - 1);
}
