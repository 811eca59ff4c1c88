import type { Database, Tx } from '../../kernel/database.ts';
import { findTimelineRevision, holdTimeline, loadTimeline, type TimelineRevision } from './kpi-book.queries.ts';
import type { KpiTimeline } from './kpi-timeline.ts';

/** Settings, models and scales through time, kept in memory and read anew when something was added. One for each process. */
export class KpiBook {
  readonly #timeZone: string;
  #read: KpiTimeline | undefined;

  constructor({ timeZone }: { readonly timeZone: string }) {
    this.#timeZone = timeZone;
  }

  /** Keeps everything as it is until the transaction ends. After the locks on customers. */
  async hold(tx: Tx): Promise<KpiTimeline> {
    return this.#at(tx, await holdTimeline(tx));
  }

  /** As it is now; it may change at any moment. For reading. */
  async current(db: Database): Promise<KpiTimeline> {
    return this.#at(db, await findTimelineRevision(db));
  }

  async #at(db: Database, { revision, unsure }: TimelineRevision): Promise<KpiTimeline> {
    if (this.#read?.revision === revision && !unsure) return this.#read;
    const read = { ...(await loadTimeline(db)), revision, timeZone: this.#timeZone };
    // What a transaction itself has added is not yet everybody's: it may be rolled back, and its number given again.
    if (!unsure) this.#read = read;
    return read;
  }
}
