import { encodeFeedCursor } from './change-cursor.ts';
import type { ChangeLine } from './changes.queries.ts';

/** One line of the feed, as a subscriber gets it. */
export interface Change extends ChangeLine {
  /** Subscribe `after` it to go on behind this change. */
  readonly cursor: string;
  /** The page with which it was read; what is loaded for one of its changes is loaded for all, for all subscribers. */
  readonly page: ChangePage;
}

/**
 * The changes that were read at once. A thousand subscribers of a page share one statement for what they need to show
 * of it, instead of sending one each.
 */
export class ChangePage {
  readonly #wanted = new Set<Change>();
  readonly #loads = new Map<unknown, Promise<unknown>>();
  #released = false;

  /** The page's changes hold it; it doesn't hold them, so that one that waits long doesn't keep the others. */
  changes(epoch: string, lines: readonly ChangeLine[]): Change[] {
    return lines.map((line) => ({ ...line, cursor: encodeFeedCursor(epoch, line.position), page: this }));
  }

  /** Somebody gets this change: only those are loaded. */
  want(change: Change): void {
    if (!this.#released) this.#wanted.add(change);
  }

  /**
   * What `load` finds for the whole page; it runs once. It must be a module-level function: its identity names what it
   * loads. On a released page it runs for `change` alone.
   */
  once<C, V>(load: (context: C, changes: readonly Change[]) => Promise<V>, context: C, change: Change): Promise<V> {
    if (this.#released) return load(context, [change]);
    const known = this.#loads.get(load);
    if (known) return known as Promise<V>;
    const loading = load(context, [...this.#wanted]);
    this.#loads.set(load, loading);
    return loading;
  }

  /** Forgets what was loaded. Whoever still has changes of this page is slow, and must not keep the whole page in memory. */
  release(): void {
    this.#released = true;
    this.#wanted.clear();
    this.#loads.clear();
  }
}

/** Changes for which what was loaded is kept for everybody: those who keep up need the last few. */
const sharedChanges = 200;

/** The live pages whose loaded contents are kept; at least the newest one. */
export class RecentPages {
  #newestFirst: { readonly page: ChangePage; readonly size: number }[] = [];

  add(size: number): ChangePage {
    const page = new ChangePage();
    this.#newestFirst.unshift({ page, size });
    let newer = 0;
    const kept = this.#newestFirst.findIndex((recent) => {
      newer += recent.size;
      return newer >= sharedChanges;
    });
    const released = kept === -1 ? [] : this.#newestFirst.splice(kept + 1);
    for (const old of released) old.page.release();
    return page;
  }

  releaseOldest(): void {
    this.#newestFirst.pop()?.page.release();
  }
}
