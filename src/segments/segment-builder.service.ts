import { setTimeout as sleep } from 'node:timers/promises';
import type { Condition } from '../conditions/condition.ts';
import { compileForAll, compileForEach } from '../conditions/condition-statement.queries.ts';
import { evaluate } from '../conditions/evaluation.queries.ts';
import { BackgroundLoop } from '../kernel/background-loop.ts';
import { appendChanges } from '../kernel/changes.queries.ts';
import type { Platform } from '../kernel/context.ts';
import type { Tx } from '../kernel/database.ts';
import { lookUpByIndex } from '../kernel/plans.queries.ts';
import { PageWriter } from './page-writer.ts';
import { loadBook, lockBook, turnPage } from './segment-book.queries.ts';
import {
  type BuildingVersion,
  type BuiltState,
  countCustomers,
  deleteBuilds,
  evaluateAll,
  type FoundState,
  findBuilt,
  listBuilding,
  listLeftOver,
  listToApply,
  lockApplying,
  lockExisting,
  saveApplied,
  saveEvaluated,
  saveFailure,
  serveVersion,
  setPhase,
  tryHoldBuild,
} from './segment-builds.queries.ts';
import { SegmentChanges } from './segment-changes.ts';
import { expandWith, type SegmentEvaluator } from './segment-evaluator.service.ts';
import { because } from './segment-reactions.service.ts';
import { addBuilds } from './segment-states.queries.ts';
import { writeChanges } from './segment-writer.service.ts';

export interface SegmentBuilderOptions {
  /** Customers whom one transaction moves. Default 2,000. */
  readonly atOnce?: number;
  /** How soon a node takes up what another began and left. Default 1,000 ms. */
  readonly everyMs?: number;
  /** Called when a version is served: what names the segment follows. */
  readonly onServed?: (tx: Tx, version: BuildingVersion, now: Date) => Promise<void>;
}

const page = 5_000;
const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
/** So many customers may be put right while everybody else waits. */
const fewLeftOver = 100;
const longestPause = 60_000;

/**
 * Builds versions of segments: evaluates everybody in one statement that only reads, keeps the verdicts beside, and then
 * applies them in short steps. From the commit that made the version on, live evaluation writes the verdicts of whoever is
 * touched; what the statement read before that is older and gives way. Until a step has reached a customer, the served
 * version counts for them.
 */
export class SegmentBuilder {
  readonly #platform: Pick<Platform, 'pool' | 'clock' | 'log' | 'feed' | 'ids'>;
  readonly #evaluator: SegmentEvaluator;
  readonly #options: Required<SegmentBuilderOptions>;
  readonly #loop = new BackgroundLoop(() => this.#round());

  constructor(
    platform: Pick<Platform, 'pool' | 'clock' | 'log' | 'feed' | 'ids'>,
    evaluator: SegmentEvaluator,
    options: SegmentBuilderOptions = {},
  ) {
    this.#platform = platform;
    this.#evaluator = evaluator;
    this.#options = { atOnce: 2_000, everyMs: 1_000, onServed: async () => {}, ...options };
  }

  start(): void {
    this.#loop.start();
  }

  /** Finishes the step under way. */
  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** There is something to build. */
  wake(): void {
    this.#loop.wake();
  }

  /** Builds until nothing is left. Throws what a build fails with. */
  async finish(): Promise<void> {
    for (;;) {
      const building = await listBuilding(this.#platform.pool);
      if (building.length === 0) return;
      for (const version of building) if (!(await this.build(version))) await sleep(20);
    }
  }

  /** Builds one version to its end; false where another node is at it. */
  async build(version: BuildingVersion): Promise<boolean> {
    const { pool } = this.#platform;
    return pool.begin('read only', async (tx) => {
      if (!(await tryHoldBuild(tx, version))) return false;
      const condition = expandWith(await loadBook(pool), version);
      if (version.phase === 'EVALUATING') {
        await this.#evaluateEverybody(tx, version, condition);
        await setPhase(pool, version, 'APPLYING');
      }
      await this.#apply(version, condition);
      return true;
    });
  }

  async #evaluateEverybody(tx: Tx, version: BuildingVersion, condition: Condition): Promise<void> {
    const { pool, clock } = this.#platform;
    const customers = await countCustomers(pool);
    let evaluated = 0;
    await saveEvaluated(pool, version, { customers, evaluated });
    const pages = new PageWriter<FoundState>(page, async (found) => {
      await addBuilds(
        pool,
        found.map((state) => toBuild(version, state)),
      );
      evaluated += found.length;
      await saveEvaluated(pool, version, { customers, evaluated });
    });
    try {
      await evaluateAll(tx, compileForAll(condition, this.#evaluator.compilers), {
        moment: { now: clock.now(), timeZone: this.#evaluator.timeZone },
        signal: AbortSignal.any([this.#loop.stopping, pages.failed]),
        each: (found) => pages.add(found),
      });
    } finally {
      await pages.finish();
    }
  }

  async #apply(version: BuildingVersion, condition: Condition): Promise<void> {
    const { pool, feed } = this.#platform;
    const statement = compileForEach([condition], this.#evaluator.compilers);
    while (await pool.begin((tx) => this.#applyStep(tx, version, statement))) {
      feed.wake();
      this.#loop.stopping.throwIfAborted();
    }
    for (;;) {
      const left = await listLeftOver(pool, version.segmentId, this.#options.atOnce);
      if (left.length <= fewLeftOver) break;
      await pool.begin(async (tx) => {
        await lookUpByIndex(tx);
        await this.#judgeAnew(tx, { version, statement, ids: await lockExisting(tx, left) });
        await deleteBuilds(tx, version.segmentId, left);
      });
    }
    await pool.begin((tx) => this.#serve(tx, version, statement));
    feed.wake();
  }

  /** True while there are customers left. */
  async #applyStep(tx: Tx, version: BuildingVersion, statement: Statement): Promise<boolean> {
    await lookUpByIndex(tx);
    const place = await lockApplying(tx, version);
    if (!place || place.position === lastId) return false;
    const limit = this.#options.atOnce;
    const ids = await listToApply(tx, { segmentId: version.segmentId, after: place.position, limit });
    const changes = await this.#applyTo(tx, { version, statement, ids });
    const position = ids.length < limit ? lastId : ids.at(-1)!;
    await saveApplied(tx, version, { position, ...countOf(changes) });
    return position !== lastId;
  }

  /** Locks customers, and moves them to what the new version says. */
  async #applyTo(tx: Tx, { version, statement, ids }: Step): Promise<SegmentChanges> {
    // The backfill may have met customers who have been merged away meanwhile.
    const existing = await lockExisting(tx, ids);
    const at = this.#platform.clock.now();
    const built = await findBuilt(tx, version.segmentId, existing);
    // What has become old since it was written is found anew.
    const stale = built.filter(({ next }) => next !== null && next <= at).map(({ customerId }) => customerId);
    const anew = new Map((await this.#judge(tx, statement, { ids: stale, at })).map((found) => [found.id, found]));
    const changes = new SegmentChanges(at, { exactly: true });
    for (const state of built) {
      const found = anew.get(state.customerId);
      const verdict = found ? found.verdict(0) : (state.verdict ?? false);
      const next = found ? instantOf(found.next(0)) : state.next;
      const { segmentId } = version;
      changes.serve(
        { ...version, customerId: state.customerId, verdict, next },
        storedOf(segmentId, state),
        because('DEFINITION'),
      );
    }
    await deleteBuilds(tx, version.segmentId, ids);
    const { feed, written } = writeChanges(tx, this.#platform.ids, at, changes);
    await Promise.all([written, appendChanges(tx, at, feed)]);
    return changes;
  }

  /** Those who were passed while somebody else was about to write: what was written may be older than what counts. */
  async #judgeAnew(tx: Tx, { version, statement, ids }: Step): Promise<void> {
    const at = this.#platform.clock.now();
    const stored = new Map((await findBuilt(tx, version.segmentId, ids)).map((state) => [state.customerId, state]));
    const changes = new SegmentChanges(at, { exactly: true });
    for (const found of await this.#judge(tx, statement, { ids, at })) {
      const verdict = { ...version, customerId: found.id, verdict: found.verdict(0), next: instantOf(found.next(0)) };
      changes.serve(verdict, storedOf(version.segmentId, stored.get(found.id)!), because('DEFINITION'));
    }
    const { feed, written } = writeChanges(tx, this.#platform.ids, at, changes);
    await Promise.all([written, appendChanges(tx, at, feed)]);
  }

  async #judge(tx: Tx, statement: Statement, { ids, at }: { ids: readonly string[]; at: Date }) {
    if (ids.length === 0) return [];
    return evaluate(tx, statement, { ids, moment: { now: at, timeZone: this.#evaluator.timeZone } });
  }

  /**
   * Waits until nobody evaluates: whatever was under way has been written, and what is left over is all there is. Customers
   * are not locked here: whoever holds one waits for the book, and evaluates them when this is done.
   */
  async #serve(tx: Tx, version: BuildingVersion, statement: Statement): Promise<void> {
    await lockBook(tx);
    await lookUpByIndex(tx);
    const left = await listLeftOver(tx, version.segmentId, page);
    if (left.length > 0) await this.#judgeAnew(tx, { version, statement, ids: left });
    await deleteBuilds(tx, version.segmentId, left);
    const now = this.#platform.clock.now();
    await serveVersion(tx, version, now);
    await this.#options.onServed(tx, version, now);
    await turnPage(tx);
    const detail = { what: 'SERVED', version: version.version };
    await appendChanges(tx, now, [
      { topic: 'segment.changed', customerId: null, subjectId: version.segmentId, detail },
    ]);
  }

  async #round(): Promise<number> {
    for (const version of await listBuilding(this.#platform.pool).catch(() => [])) await this.#tryBuild(version);
    return this.#options.everyMs;
  }

  /** A build that fails is tried again, later and later, and says so meanwhile. */
  async #tryBuild(version: BuildingVersion): Promise<void> {
    const { clock, log, pool } = this.#platform;
    const pause = Math.min(1_000 * 2 ** version.failures, longestPause);
    if (version.failedAt && clock.now().getTime() < version.failedAt.getTime() + pause) return;
    await this.build(version).catch(async (err: unknown) => {
      if (this.#loop.stopping.aborted) return;
      log.error({ err, segmentId: version.segmentId }, 'A segment could not be built; it is tried again.');
      const message = err instanceof Error ? err.message : String(err);
      await saveFailure(pool, version, { at: clock.now(), message: message.slice(0, 500) }).catch(() => {});
    });
  }
}

function instantOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

type Statement = ReturnType<typeof compileForEach>;

interface Step {
  readonly version: BuildingVersion;
  readonly statement: Statement;
  readonly ids: readonly string[];
}

function toBuild({ segmentId, version }: BuildingVersion, { id, verdict, next }: FoundState) {
  return { segmentId, customerId: id, version, verdict, dueAt: next === null ? null : new Date(Number(next)) };
}

function storedOf(segmentId: string, { stored, storedVersion, member, dueAt }: BuiltState) {
  return stored ? { segmentId, version: storedVersion!, member: member!, dueAt } : undefined;
}

function countOf({ transitions }: SegmentChanges): { entered: number; departed: number } {
  const entered = transitions.filter((transition) => transition.entered).length;
  return { entered, departed: transitions.length - entered };
}
