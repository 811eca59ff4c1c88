/**
 * Text of a statement with holes, and what fills them: parameters, or fragments of postgres.js. Statements of metrics are put
 * together from the catalogue's texts, in another order than that of their parts.
 */
export class SqlText {
  readonly #values: unknown[] = [];
  readonly #known = new Map<string, string>();

  /** A hole for a parameter. The same text twice is one value, if in two places. */
  value(value: string | number | null): string {
    const name = JSON.stringify(value);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const hole = this.fragment(value);
    this.#known.set(name, hole);
    return hole;
  }

  /** A hole for something else that postgres.js understands. */
  fragment(value: unknown): string {
    this.#values.push(value);
    // U+0001 stands in no text of the catalogue, and what callers say is never text of a statement.
    return `\u0001${this.#values.length - 1}\u0001`;
  }

  /** What stands between the holes, one more than there are, and what fills them. */
  pieces(text: string): { readonly texts: readonly string[]; readonly values: readonly unknown[] } {
    const pieces = text.split('\u0001');
    const texts = pieces.filter((_, index) => index % 2 === 0);
    const values = pieces.filter((_, index) => index % 2 === 1).map((index) => this.#values[Number(index)]);
    return { texts, values };
  }
}
