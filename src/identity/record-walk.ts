/**
 * A walk over all records in order of id that looks at each neighbourhood once, with the first of its records. What was
 * met on the way and is still to come is remembered.
 */
export class RecordWalk {
  /** Everything up to this id has been looked at. */
  position: string | null = null;
  readonly #ahead = new Set<string>();

  /** Of the next records in order, those that were not met before. */
  takeUp(ids: readonly string[]): string[] {
    this.position = ids.at(-1) ?? this.position;
    return ids.filter((id) => !this.#ahead.delete(id));
  }

  /** These have been looked at, together with records that were taken up. */
  meet(ids: Iterable<string>): void {
    for (const id of ids) if (this.position !== null && id > this.position) this.#ahead.add(id);
  }
}
