import { setTimeout as sleep } from 'node:timers/promises';
import { lockFreeCustomers } from '../identity/customers.queries.ts';
import { deleteNoted, findNoted } from '../identity/relations/company-changes.queries.ts';
import { appendChanges } from '../kernel/changes.queries.ts';
import type { Platform } from '../kernel/context.ts';
import type { Touch } from './segment-book.ts';
import type { SegmentCause } from './segment-cause.ts';
import { deleteStray, findDue, findLongTallies, findNextDue, takeTallies } from './segment-clock.queries.ts';
import type { SegmentEvaluator } from './segment-evaluator.service.ts';
import { because } from './segment-reactions.service.ts';
import { insertTallies } from './segment-states.queries.ts';

export interface SegmentClockOptions {
  /** States of one transaction. Default 1,000. */
  readonly atOnce?: number;
  /** How long it sleeps at most. Default 1,000 ms: what another node has written is seen then. */
  readonly everyMs?: number;
}

/** Another holds the customers whose time has come. */
const retryMs = 50;
const longTally = 200;

/**
 * Evaluates again whom only time, or a change of a household or account, moves. It sleeps until the next instant that is
 * stored; with nothing due that is one look at an index a second. Any number of nodes can run it.
 */
export class SegmentClock {
  readonly #platform: Pick<Platform, 'pool' | 'clock' | 'log' | 'feed' | 'ids'>;
  readonly #evaluator: SegmentEvaluator;
  readonly #atOnce: number;
  readonly #everyMs: number;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #failures = 0;

  constructor(
    platform: Pick<Platform, 'pool' | 'clock' | 'log' | 'feed' | 'ids'>,
    evaluator: SegmentEvaluator,
    options: SegmentClockOptions = {},
  ) {
    this.#platform = platform;
    this.#evaluator = evaluator;
    this.#atOnce = options.atOnce ?? 1_000;
    this.#everyMs = options.everyMs ?? 1_000;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Finishes the step under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Works until nothing is due. */
  async catchUp(): Promise<void> {
    for (;;) {
      const outcome = await this.step();
      if (outcome === 'NOTHING_DUE') return;
      if (outcome === 'HELD') await sleep(retryMs);
    }
  }

  /** One transaction for those whose time has come, one for those whose household or account has changed. */
  async step(): Promise<'WORKED' | 'HELD' | 'NOTHING_DUE'> {
    const [answered, noted] = [await this.#answerDue(), await this.#answerNoted()];
    if (answered === 'WORKED' || noted === 'WORKED') this.#platform.feed.wake();
    if (answered === 'NOTHING_DUE') return noted;
    return noted === 'WORKED' ? noted : answered;
  }

  /** Makes one line of the tallies of segments that have many. */
  async addUp(): Promise<void> {
    const { pool, ids } = this.#platform;
    for (const segmentId of await findLongTallies(pool, longTally)) {
      await pool.begin(async (tx) => {
        const members = await takeTallies(tx, segmentId);
        if (members !== 0) await insertTallies(tx, [{ id: ids.uuid(), segmentId, members }]);
      });
    }
  }

  async #answerDue(): Promise<'WORKED' | 'HELD' | 'NOTHING_DUE'> {
    const { pool, clock } = this.#platform;
    const due = await findDue(pool, clock.now(), this.#atOnce);
    if (due.length === 0) return 'NOTHING_DUE';
    const only = new Set(due.map(({ segmentId }) => segmentId));
    const customerIds = [...new Set(due.map(({ customerId }) => customerId))];
    return (await this.#evaluate(customerIds, { cause: 'CLOCK', only })) > 0 ? 'WORKED' : 'HELD';
  }

  async #answerNoted(): Promise<'WORKED' | 'HELD' | 'NOTHING_DUE'> {
    const { pool } = this.#platform;
    const noted = await findNoted(pool, this.#atOnce);
    if (noted.length === 0) return 'NOTHING_DUE';
    const customerIds = [...new Set(noted.flatMap(({ now }) => now ?? []))];
    const done = (locked: ReadonlySet<string>) =>
      noted.filter(({ now }) => now === null || locked.has(now)).map(({ id }) => id);
    const worked = await this.#evaluate(customerIds, { cause: 'RELATIONS', done });
    return worked > 0 || customerIds.length === 0 ? 'WORKED' : 'HELD';
  }

  /** Answers how many customers were free. */
  async #evaluate(
    customerIds: readonly string[],
    {
      cause,
      only,
      done,
    }: { cause: SegmentCause; only?: ReadonlySet<string>; done?: (locked: ReadonlySet<string>) => string[] },
  ): Promise<number> {
    return this.#platform.pool.begin(async (tx) => {
      const locked = await lockFreeCustomers(tx, customerIds);
      if (only) await deleteStray(tx, customerIds);
      if (done) await deleteNoted(tx, done(new Set(locked)));
      // After the locks: what was due when they were taken must be in the past.
      const at = this.#platform.clock.now();
      const changes = await this.#evaluator.evaluate(tx, {
        at,
        touches: locked.map((customerId) => ({ customerId, what: only ? null : companyOnly })),
        only,
        exactly: only !== undefined,
        causeOf: () => because(cause),
      });
      await appendChanges(tx, at, changes);
      return locked.length;
    });
  }

  async #run(): Promise<void> {
    for (let round = 0; !this.#stopping.signal.aborted; round += 1) {
      const outcome = await this.#tryStep();
      if (round % 100 === 0) await this.addUp().catch(() => {});
      if (outcome !== 'WORKED') await this.#rest(outcome === 'HELD' ? retryMs : await this.#untilDue());
    }
  }

  async #tryStep(): Promise<'WORKED' | 'HELD' | 'NOTHING_DUE'> {
    try {
      const outcome = await this.step();
      this.#failures = 0;
      return outcome;
    } catch (err) {
      if (this.#failures === 0)
        this.#platform.log.warn({ err }, 'segments could not be evaluated in time; trying again');
      this.#failures += 1;
      return 'NOTHING_DUE';
    }
  }

  async #untilDue(): Promise<number> {
    if (this.#failures > 0) return this.#everyMs;
    const { pool, clock } = this.#platform;
    const next = await findNextDue(pool).catch(() => null);
    return next === null ? this.#everyMs : Math.min(Math.max(next.getTime() - clock.now().getTime(), 1), this.#everyMs);
  }

  async #rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => {});
  }
}

const companyOnly: Touch['what'] = {
  types: new Map(),
  traits: new Set(),
  identity: false,
  members: true,
  list: false,
  loyalty: false,
  kpis: false,
};
