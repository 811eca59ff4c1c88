import { subjectsOf } from './change-feed-follow.ts';
import type { Change } from './change-feed-page.ts';
import type { ChangeTopic } from './changes.queries.ts';

/** Somebody who gets changes pushed. */
export interface Listener {
  readonly topics: ReadonlySet<ChangeTopic>;
  /** Only changes about these customers and records; `undefined`: about anybody. */
  readonly subjects: ReadonlySet<string> | undefined;
  /** Must not throw. */
  offer(change: Change): void;
  fail(failure: () => unknown): void;
}

/**
 * All listeners, found by what they listen to: a change costs as much as the number of those whom it concerns, not as
 * the number of those who are there.
 */
export class Audience {
  readonly #places = new Map<Listener, readonly string[]>();
  /** By the ids of subjects, else by topic: an id never looks like a topic. */
  readonly #listeners = new Map<string, Set<Listener>>();

  get size(): number {
    return this.#places.size;
  }

  add(listener: Listener): void {
    const places = listener.subjects ? [...listener.subjects] : [...listener.topics];
    this.#places.set(listener, places);
    for (const place of places) this.#at(place).add(listener);
  }

  remove(listener: Listener): void {
    for (const place of this.#places.get(listener) ?? []) {
      const there = this.#at(place);
      there.delete(listener);
      if (there.size === 0) this.#listeners.delete(place);
    }
    this.#places.delete(listener);
  }

  /** For a listener that now listens to other customers. */
  move(listener: Listener): void {
    if (!this.#places.has(listener)) return;
    this.remove(listener);
    this.add(listener);
  }

  /** The set is made anew: offering a change may make listeners move or leave. */
  concernedBy(change: Change): Set<Listener> {
    const concerned = new Set<Listener>(this.#listeners.get(change.topic));
    for (const subject of subjectsOf(change)) {
      for (const listener of this.#listeners.get(subject) ?? []) {
        if (listener.topics.has(change.topic)) concerned.add(listener);
      }
    }
    return concerned;
  }

  everybody(): Listener[] {
    return [...this.#places.keys()];
  }

  #at(place: string): Set<Listener> {
    let there = this.#listeners.get(place);
    if (!there) {
      there = new Set();
      this.#listeners.set(place, there);
    }
    return there;
  }
}
