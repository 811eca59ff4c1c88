/** In which lane things are under way, by id. What several items are about is there until the last of them is through. */
export class UnderWay {
  readonly #places = new Map<string, { lane: number; items: number }>();

  find(id: string): number | undefined {
    return this.#places.get(id)?.lane;
  }

  /** The lane that was noted last is the one to follow. */
  enter(id: string, lane: number): void {
    const place = this.#places.get(id);
    if (!place) {
      this.#places.set(id, { lane, items: 1 });
      return;
    }
    place.lane = lane;
    place.items += 1;
  }

  leave(id: string): void {
    const place = this.#places.get(id);
    if (!place) return;
    place.items -= 1;
    if (place.items === 0) this.#places.delete(id);
  }
}
