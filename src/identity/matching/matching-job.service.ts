import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, Platform, Viewer } from '../../kernel/context.ts';
import { Loaders } from '../../kernel/loaders.ts';
import { MatchApplication, type MatchDecisions } from './apply-matches.service.ts';
import { matchChanges } from './match-changes.service.ts';
import { matcherName } from './match-decisions.queries.ts';
import {
  type FeedEnd,
  findFeedEnd,
  findProgress,
  isWorkWaiting,
  type MatchProgress,
  saveProgress,
  tryLockMatching,
} from './match-feed.queries.ts';
import { findActiveModel } from './match-models.queries.ts';
import { performRun, requestMatching } from './match-run.service.ts';
import {
  beginRun,
  failRun,
  findNextRun,
  finishRun,
  type RunProgress,
  type RunRow,
  updateRun,
} from './match-runs.queries.ts';
import { Matcher } from './matcher.ts';

/** The matcher acts for nobody else: its decisions bear its own name. */
const viewer: Viewer = {
  keyId: '00000000-0000-0000-0000-000000000000',
  name: matcherName,
  scopes: new Set(['identity:manage']),
};

export interface MatchingJobOptions {
  /** How often to look for work. Default 500. */
  readonly pollMs?: number;
  /** How often a run's progress is written. Default 500. */
  readonly noticeMs?: number;
}

/** A run has been begun so often without an end: it takes the node down each time. */
const mostAttempts = 3;

class Stopped extends Error {}

/**
 * Matches in the background: runs over all records that somebody asked for, and otherwise what has changed. Every node
 * has such a job; a lock in the database lets one of them work at a time, and when that one dies another goes on.
 */
export class MatchingJob {
  readonly #platform: Platform;
  readonly #options: Required<MatchingJobOptions>;
  readonly #application: MatchApplication;
  readonly #matcher = new Matcher();
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(platform: Platform, decisions: MatchDecisions, options: MatchingJobOptions = {}) {
    this.#platform = platform;
    this.#options = { pollMs: 500, noticeMs: 500, ...options };
    this.#application = new MatchApplication(decisions);
  }

  start(): void {
    this.#loop ??= this.#work();
  }

  /** What is being done is left where it is; the next node, or the next start, does it again. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    // Ends whatever waits for the thread.
    await this.#matcher.close();
    await this.#loop;
  }

  /** Works until nothing is left to do, where nobody else does. For tests and commands that have no loop. */
  async settle(): Promise<void> {
    while (await this.#turn());
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const busy = await this.#turn().catch((err: unknown) => {
        if (!signal.aborted) this.#platform.log.warn({ err }, 'matching failed; trying again');
        return false;
      });
      if (!busy) await sleep(this.#options.pollMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** A piece of work under the lock; false where there is none, or another node does it. */
  async #turn(): Promise<boolean> {
    const { pool } = this.#platform;
    if (!(await isWorkWaiting(pool))) return false;
    return pool.begin(async (tx) => {
      if (!(await tryLockMatching(tx))) return false;
      const run = await findNextRun(pool);
      if (run) return this.#perform(run);
      return this.#follow();
    });
  }

  async #follow(): Promise<boolean> {
    const ctx = this.#context();
    const [model, progress, end] = await Promise.all([
      findActiveModel(ctx.pool),
      findProgress(ctx.pool),
      findFeedEnd(ctx.pool),
    ]);
    if (!model) return false;
    if (!progress || progress.modelVersion !== model.version || hasMissed(progress, end)) {
      if (progress) await saveProgress(ctx.pool, { ...progress, modelVersion: null });
      await requestMatching(ctx, matcherName);
      return true;
    }
    return matchChanges(ctx, { matcher: this.#matcher, application: this.#application }, model, progress);
  }

  async #perform(run: RunRow): Promise<true> {
    const ctx = this.#context();
    if (run.attempts >= mostAttempts) {
      await failRun(ctx.pool, run.id, { error: 'Its node ended each time.', now: ctx.clock.now() });
      return true;
    }
    await beginRun(ctx.pool, run.id, ctx.clock.now());
    try {
      const tools = { matcher: this.#matcher, application: this.#application, advance: this.#notice(ctx, run.id) };
      const outcome = await performRun(ctx, tools, run);
      await finishRun(ctx.pool, run.id, { ...outcome, now: ctx.clock.now() });
      ctx.log.info({ run: run.kind, ...outcome.result, modelVersion: outcome.modelVersion }, 'matching run finished');
    } catch (err) {
      if (this.#stopping.signal.aborted) throw new Stopped('The node stops.', { cause: err });
      ctx.log.error({ err, run: run.kind }, 'matching run failed');
      await failRun(ctx.pool, run.id, { error: messageOf(err), now: ctx.clock.now() });
    }
    return true;
  }

  /** Writes progress now and then, and stops the work when the node stops. */
  #notice(ctx: Context, id: string): (progress: RunProgress) => Promise<void> {
    let lastPhase = '';
    let lastAt = 0;
    return async (progress) => {
      if (this.#stopping.signal.aborted) throw new Stopped('The node stops.');
      const at = performance.now();
      if (progress.phase === lastPhase && at - lastAt < this.#options.noticeMs) return;
      lastPhase = progress.phase;
      lastAt = at;
      await updateRun(ctx.pool, id, progress);
    };
  }

  #context(): Context {
    return { ...this.#platform, viewer, requestId: this.#platform.ids.uuid(), loaders: new Loaders() };
  }
}

/** The feed begins behind what has been looked at, or is another one since the database was restored. */
function hasMissed({ epoch, tx }: MatchProgress, end: FeedEnd): boolean {
  return epoch !== end.epoch || (end.horizon !== null && BigInt(tx) < BigInt(end.horizon));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
