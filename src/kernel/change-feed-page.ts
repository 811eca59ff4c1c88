import type { ChangeLine } from './changes.queries.ts';
import { encodeFeedCursor } from './change-cursor.ts';

/** One line of the feed, as a subscriber gets it. */
export interface Change extends ChangeLine {
  /** Subscribe `after` it to go on behind this change. */
  readonly cursor: string;
  /** The page with which it was read; what is loaded for one of its changes is loaded for all, for all subscribers. */
  readonly page: ChangePage;
}

/**
 * The changes that were read at once and that somebody subscribes to. A thousand subscribers of a page share one
 * statement for what they need to show of it, instead of sending one each.
 */
export class ChangePage {
  readonly #wanted = new Set<Change>();
  readonly #loads = new Map<unknown, Promise<unknown>>();

  static of(epoch: string, lines: readonly ChangeLine[]): Change[] {
    const page = new ChangePage();
    return lines.map((line) => ({ ...line, cursor: encodeFeedCursor(epoch, line.position), page }));
  }

  /** Only what somebody gets is loaded. */
  want(change: Change): void {
    this.#wanted.add(change);
  }

  /** Runs `load` for the whole page, once. It must be a module-level function: its identity names what it loads. */
  once<C, V>(load: (context: C, changes: readonly Change[]) => Promise<V>, context: C): Promise<V> {
    const known = this.#loads.get(load);
    if (known) return known as Promise<V>;
    const loading = load(context, [...this.#wanted]);
    this.#loads.set(load, loading);
    return loading;
  }
}
