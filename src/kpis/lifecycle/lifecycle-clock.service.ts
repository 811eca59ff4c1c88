import { setTimeout as sleep } from 'node:timers/promises';
import { lockFreeCustomers } from '../../identity/customers.queries.ts';
import { BackgroundLoop } from '../../kernel/background-loop.ts';
import { appendChanges, type NewChange } from '../../kernel/changes.queries.ts';
import type { Platform } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { lookUpByIndex } from '../../kernel/plans.queries.ts';
import type { KpisMoved } from '../kpis.events.ts';
import {
  deleteStrayLifecycles,
  findDueLifecycles,
  findNextDueLifecycle,
  findStandings,
  type LifecycleStanding,
} from './lifecycle.queries.ts';
import { findSweep, listToSweep, saveSweep, tryLockSweep } from './lifecycle-sweep.queries.ts';

/** Derives customers anew, see `CustomerKpiFolder`; named here, as that one derives by what stands in this module. */
export interface Refolder {
  refold(
    tx: Tx,
    occasion: { readonly at: Date; readonly customerIds: readonly string[] },
  ): Promise<readonly NewChange[]>;
}

export interface LifecycleClockParts {
  readonly folder: Refolder;
  /** What follows from another stage or risk, in the same transaction. */
  readonly reactions?: readonly KpisMoved[];
  /** Customers of one transaction, who are locked meanwhile. Default 250. */
  readonly atOnce?: number;
}

const longestRest = 1_000;
const retryMs = 50;

type Outcome = 'WORKED' | 'SWEPT' | 'HELD' | 'NOTHING_DUE';

/**
 * Moves customers on whom only time moves: at the instants that were found when they were derived last, it derives them again.
 * And brings everybody after settings, models or scales have changed, at half speed beside everything else. It sleeps until the next of those instants; with nothing due
 * that is two looks at an index a second. Any number of nodes can run it.
 */
export class LifecycleClock {
  readonly #platform: Pick<Platform, 'pool' | 'clock' | 'log' | 'feed'>;
  readonly #parts: LifecycleClockParts;
  readonly #atOnce: number;
  readonly #loop = new BackgroundLoop(() => this.#round());
  #failures = 0;

  constructor(platform: Pick<Platform, 'pool' | 'clock' | 'log' | 'feed'>, parts: LifecycleClockParts) {
    this.#platform = platform;
    this.#parts = parts;
    this.#atOnce = parts.atOnce ?? 250;
  }

  start(): void {
    this.#loop.start();
  }

  /** Finishes the step under way. */
  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Works until nothing is due, and everybody has been swept. */
  async catchUp(): Promise<void> {
    for (;;) {
      const outcome = await this.step();
      if (outcome === 'NOTHING_DUE') return;
      if (outcome === 'HELD') await sleep(retryMs);
    }
  }

  /** Those who are due, and only when there are none, a part of the sweep: whoever is late by the clock has waited longer. */
  async step(): Promise<Outcome> {
    const moved = await this.#moveDue();
    const outcome = moved === 'WORKED' ? moved : worse(moved, await this.#sweep());
    if (outcome === 'WORKED' || outcome === 'SWEPT') this.#platform.feed.wake();
    return outcome;
  }

  async #moveDue(): Promise<Outcome> {
    const { pool, clock } = this.#platform;
    const due = await findDueLifecycles(pool, clock.now(), this.#atOnce);
    if (due.length === 0) return 'NOTHING_DUE';
    return pool.begin(async (tx) => {
      const free = await lockFreeCustomers(tx, due.toSorted());
      if (free.length === 0) return (await deleteStrayLifecycles(tx, due)) > 0 ? 'WORKED' : 'HELD';
      await this.#derive(tx, free);
      return 'WORKED';
    });
  }

  async #sweep(): Promise<Outcome> {
    const { pool } = this.#platform;
    if ((await findSweep(pool)).isOver) return 'NOTHING_DUE';
    return pool.begin(async (tx) => {
      // Not the row itself: who changes the timeline has its lock and wants the row, we hold the row and would want the lock.
      if (!(await tryLockSweep(tx))) return 'NOTHING_DUE';
      const sweep = await findSweep(tx);
      if (sweep.isOver) return 'NOTHING_DUE';
      const ids = await listToSweep(tx, sweep.cursor, this.#atOnce);
      const free = new Set(await lockFreeCustomers(tx, ids));
      // Whom somebody holds may be held for something else. They are waited for, as nobody comes back for them.
      const held = ids.findIndex((id) => !free.has(id));
      const reached = held < 0 ? ids : ids.slice(0, held);
      if (reached.length === 0 && ids.length > 0) return 'HELD';
      const at = await this.#derive(tx, reached);
      const isOver = held < 0 && ids.length < this.#atOnce;
      await saveSweep(tx, { ...sweep, cursor: isOver ? null : reached.at(-1)!, finishedAt: isOver ? at : null });
      return 'SWEPT';
    });
  }

  /** Customers whose rows are locked. Answers the time that it was then. */
  async #derive(tx: Tx, customerIds: readonly string[]): Promise<Date> {
    // After the locks: what was due when they were taken must be in the past.
    const at = this.#platform.clock.now();
    if (customerIds.length === 0) return at;
    await lookUpByIndex(tx);
    const before = await findStandings(tx, customerIds);
    const changes = [...(await this.#parts.folder.refold(tx, { at, customerIds }))];
    const after = await findStandings(tx, customerIds);
    const moved = customerIds.filter((id) => !isSame(before.get(id), after.get(id)));
    if (moved.length > 0)
      for (const react of this.#parts.reactions ?? []) changes.push(...(await react(tx, { at, customerIds: moved })));
    await appendChanges(tx, at, changes);
    return at;
  }

  async #round(): Promise<number> {
    const started = performance.now();
    try {
      const outcome = await this.step();
      this.#failures = 0;
      if (outcome === 'WORKED') return 0;
      // Nobody waits for the sweep, and everybody else needs the processor and the rows: it takes half of its time off.
      if (outcome === 'SWEPT') return performance.now() - started;
      return outcome === 'HELD' ? retryMs : await this.#untilDue();
    } catch (err) {
      if (this.#failures === 0)
        this.#platform.log.warn({ err }, 'stages of the life cycle could not be moved in time; trying again');
      this.#failures += 1;
      return longestRest;
    }
  }

  async #untilDue(): Promise<number> {
    const { pool, clock } = this.#platform;
    const next = await findNextDueLifecycle(pool);
    const ms = next === null ? longestRest : next.getTime() - clock.now().getTime();
    return Math.min(Math.max(ms, 1), longestRest);
  }
}

function worse(moved: Outcome, swept: Outcome): Outcome {
  return swept === 'NOTHING_DUE' ? moved : swept;
}

function isSame(one: LifecycleStanding | undefined, other: LifecycleStanding | undefined): boolean {
  return one?.stage === other?.stage && one?.band === other?.band && one?.since.getTime() === other?.since.getTime();
}
