/**
 * Distinct texts with a number each, in memory that threads share: a column holds the numbers, and two values are
 * equal where their numbers are.
 */
export class Dictionary {
  /** UTF-16 units of all texts, one after the other. */
  readonly units: Uint16Array;
  /** Where each text starts; one more for the end of the last. */
  readonly offsets: Int32Array;
  readonly #texts: (string | undefined)[];

  constructor({ units, offsets }: DictionaryParts) {
    this.units = units;
    this.offsets = offsets;
    this.#texts = new Array(this.size);
  }

  get size(): number {
    return this.offsets.length - 1;
  }

  text(code: number): string {
    const known = this.#texts[code];
    if (known !== undefined) return known;
    const text = String.fromCharCode(...this.units.subarray(this.offsets[code]!, this.offsets[code + 1]!));
    this.#texts[code] = text;
    return text;
  }

  /** What another thread needs to have the same dictionary. */
  parts(): DictionaryParts {
    return { units: this.units, offsets: this.offsets };
  }
}

export interface DictionaryParts {
  readonly units: Uint16Array;
  readonly offsets: Int32Array;
}

export class DictionaryBuilder {
  readonly #codes = new Map<string, number>();
  #length = 0;

  /** The number of the text: the same for the same text, counted from 0 in order of appearance. */
  encode(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const code = this.#codes.size;
    this.#codes.set(text, code);
    this.#length += text.length;
    return code;
  }

  build(): Dictionary {
    const units = new Uint16Array(new SharedArrayBuffer(2 * this.#length));
    const offsets = sharedInts(this.#codes.size + 1);
    let end = 0;
    let code = 0;
    for (const text of this.#codes.keys()) {
      for (let at = 0; at < text.length; at++) units[end++] = text.charCodeAt(at);
      offsets[++code] = end;
    }
    return new Dictionary({ units, offsets });
  }
}

export function sharedInts(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * length));
}
