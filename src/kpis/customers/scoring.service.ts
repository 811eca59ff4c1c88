import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import { lockFreeCustomers } from '../../identity/customers.queries.ts';
import { appendChanges, type NewChange } from '../../kernel/changes.queries.ts';
import type { Context, Platform } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { currencyExponent } from '../../kernel/money.ts';
import { lookUpByIndex } from '../../kernel/plans.queries.ts';
import type { KpisMoved } from '../kpis.events.ts';
import { lockTimeline, turnTimeline } from '../settings/kpi-book.queries.ts';
import type { KpiBook } from '../settings/kpi-book.service.ts';
import type { RfmSettings } from '../settings/kpi-settings.ts';
import { inForce, type KpiTimeline, type SettingsVersion } from '../settings/kpi-timeline.ts';
import type { HistoryReader } from './history-reader.service.ts';
import { ModelScoring } from './model-scoring.ts';
import type { Observer } from './observer.service.ts';
import { endsBelow, rfmSegmentTable } from './rfm.ts';
import {
  type CurrencyCuts,
  findAbcEdges,
  findMovedRanks,
  findQuantiles,
  findShareCuts,
  insertScales,
  listScored,
  type NewScale,
  type RfmMeasure,
  type ScoringQuestion,
  type ScoringRunTerms,
  updateModelScores,
  upsertRanks,
} from './scoring.queries.ts';
import { dayNumber } from './zone-days.ts';

export interface ScoringParts {
  readonly book: KpiBook;
  readonly reader: HistoryReader;
  /** Finds what stages follow from beside what happened. Left out: nobody looks. */
  readonly observer?: Pick<Observer, 'observe'>;
  /** What follows from other scores, in the same transaction. */
  readonly reactions?: readonly KpisMoved[];
}

export interface ScoringRun {
  /** UUID of the run; null: there was nobody to be scored. */
  readonly scaleId: string | null;
  readonly scoredAt: Date;
  /** Those who were looked at: all with an order. */
  readonly customers: number;
  /** Of them, those whose scores or class are others than before. */
  readonly moved: number;
  /** Those of whom the model says something else than before. */
  readonly forecast: number;
}

export type ScoringPlatform = Pick<Platform, 'pool' | 'clock' | 'ids' | 'feed'>;

export interface Stoppable {
  readonly signal?: AbortSignal;
}

/** Customers in one transaction: of ranks, which the database makes alone; and of forecasts. */
const ranksAtOnce = 10_000;
const forecastsAtOnce = 1_000;
const reactAtOnce = 1_000;
const lanesAtOnce = 2;

/**
 * Compares customers with all others, and has the model in force look at them. Can be stopped at any time: what has been
 * written stays true as of its run, and the next run goes over everybody. Two at once on two nodes do no harm: the ranks of the
 * one that began later count, and the other one writes none any more.
 */
export class Scoring {
  readonly #parts: ScoringParts;

  constructor(parts: ScoringParts) {
    this.#parts = parts;
  }

  /** On demand. */
  async scoreCustomers(ctx: Context): Promise<ScoringRun> {
    requireScope(ctx, 'metrics:manage');
    const run = await this.run(ctx);
    await ctx.pool.begin((tx) =>
      audit(tx, ctx, {
        action: 'kpis.customers_scored',
        subject: run.scaleId ?? 'customers',
        detail: { customers: run.customers, moved: run.moved, forecast: run.forecast },
      }),
    );
    return run;
  }

  /** Everybody: ranks first, then forecasts. Rejects with the signal's reason where it is aborted. */
  async run(platform: ScoringPlatform, { signal }: Stoppable = {}): Promise<ScoringRun> {
    // Before the bins, as everybody is derived anew because of these.
    const observed = (await this.#parts.observer?.observe(platform, signal)) ?? 0;
    const terms = await this.#open(platform);
    if (terms === null && observed > 0) await platform.pool.begin((tx) => turnTimeline(tx));
    if (terms === null) return { scaleId: null, scoredAt: platform.clock.now(), customers: 0, moved: 0, forecast: 0 };
    const ranked = await this.#walk(platform, {
      ...{ size: ranksAtOnce, signal },
      find: (ids) => lookUp(platform, (tx) => findMovedRanks(tx, ids, terms)),
      work: (tx, ids) => upsertRanks(tx, ids, terms),
    });
    const { moved: forecast } = await this.forecast(platform, { signal });
    await platform.pool.begin((tx) => appendChanges(tx, platform.clock.now(), [scored(terms.scaleId)]));
    platform.feed.wake();
    return { scaleId: terms.scaleId, scoredAt: terms.at, ...ranked, forecast };
  }

  /** P(alive), churn risk, expected orders and CLV alone, by the model in force now. */
  async forecast(platform: ScoringPlatform, { signal }: Stoppable = {}): Promise<Walked> {
    const { book, reader } = this.#parts;
    const { models } = await book.current(platform.pool);
    if (models.length === 0) return { customers: 0, moved: 0 };
    let scoring: ModelScoring | undefined;
    const work: ChunkWork = async (tx, ids) => {
      const timeline = await book.hold(tx);
      const now = platform.clock.now();
      // Another model, or another day: nothing that it remembers counts any more.
      if (!scoring?.holds(timeline, now)) scoring = new ModelScoring(timeline, now);
      const histories = await reader.read(tx, ids, { timeline });
      const scores = histories.map((history) => scoring!.score(history));
      return updateModelScores(tx, scores);
    };
    return this.#walk(platform, { size: forecastsAtOnce, signal, work });
  }

  /** Makes the bins, and puts them on the timeline. */
  async #open({ pool, clock, ids }: ScoringPlatform): Promise<ScoringRunTerms | null> {
    const timeline = await this.#parts.book.current(pool);
    const now = clock.now();
    const { settings, version } = settingsAt(timeline, now);
    const question = questionOf(timeline, now);
    const [scales, edges] = await pool.begin('isolation level repeatable read read only', async (tx) => {
      return [await findScales(tx, settings.rfm, question), await findAbcEdges(tx, question)];
    });
    if (scales.length === 0) return null;
    const scaleId = ids.uuid();
    const at = await pool.begin(async (tx) => {
      // Nobody derives anything between the time from which on the bins count and the end of this transaction.
      await lockTimeline(tx);
      const since = clock.now();
      await insertScales(tx, { id: scaleId, at: since, settingsVersion: version }, scales);
      await turnTimeline(tx);
      return since;
    });
    return { scaleId, at, question, edges, segments: rfmSegmentTable(settings.rfm) };
  }

  /**
   * Goes over all who are scored, chunk by chunk, and once more over those whom somebody else held. Who is held then, too, is in
   * the middle of a change, or no more: they are as of the run before until the next one.
   */
  async #walk(platform: ScoringPlatform, { size, signal, find, work }: Walk): Promise<Walked> {
    let [customers, moved] = [0, 0];
    const held: string[] = [];
    const take = async (ids: readonly string[]) => {
      signal?.throwIfAborted();
      if (ids.length === 0) return [];
      const done = await this.#chunk(platform, ids, work);
      moved += done.moved.length;
      return ids.filter((id) => !done.locked.has(id));
    };
    const pages = new Pages((after) => listScored(platform.pool, after, size));
    const lane = async () => {
      for (let ids = await pages.next(); ids.length > 0; ids = await pages.next()) {
        customers += ids.length;
        held.push(...(await take(find ? await find(ids) : ids)));
      }
    };
    // While one of them waits for the database, the other one does its part here, or has the database do another one.
    const lanes = await Promise.allSettled(Array.from({ length: lanesAtOnce }, () => lane().catch(pages.stop)));
    for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
    for (let from = 0; from < held.length; from += size) await take(held.slice(from, from + size));
    return { customers, moved };
  }

  async #chunk({ pool, clock, feed }: ScoringPlatform, ids: readonly string[], work: ChunkWork) {
    const done = await pool.begin(async (tx) => {
      await lookUpByIndex(tx);
      const locked = await lockFreeCustomers(tx, ids);
      if (locked.length === 0) return { locked: new Set<string>(), moved: [] };
      const moved = await work(tx, locked);
      await this.#react(tx, clock.now(), moved);
      return { locked: new Set(locked), moved };
    });
    if (done.moved.length > 0) feed.wake();
    return done;
  }

  async #react(tx: Tx, at: Date, moved: readonly string[]): Promise<void> {
    const changes: NewChange[] = [];
    for (let from = 0; from < moved.length; from += reactAtOnce) {
      const customerIds = moved.slice(from, from + reactAtOnce);
      for (const react of this.#parts.reactions ?? []) changes.push(...(await react(tx, { at, customerIds })));
    }
    await appendChanges(tx, at, changes);
  }
}

/** Hands out page after page of ids to whoever comes next. */
class Pages {
  readonly #list: (after: string | null) => Promise<string[]>;
  #next: Promise<string[]>;

  constructor(list: (after: string | null) => Promise<string[]>) {
    this.#list = list;
    this.#next = list(null);
  }

  /** Empty: that was all, or another one has failed. */
  next(): Promise<string[]> {
    const page = this.#next;
    this.#next = page.then((ids) => (ids.length > 0 ? this.#list(ids.at(-1)!) : ids));
    // Perhaps nobody comes for it.
    this.#next.catch(() => {});
    return page;
  }

  /** Nobody gets another one. Throws what it is given. */
  readonly stop = (error: unknown): never => {
    this.#next = Promise.resolve([]);
    throw error;
  };
}

interface Walk {
  readonly size: number;
  readonly signal?: AbortSignal;
  /** Those of a chunk to whom there is something to do, as it looks without a lock. Left out: all. */
  readonly find?: (customerIds: readonly string[]) => Promise<readonly string[]>;
  readonly work: ChunkWork;
}

/** Works on customers whose rows are locked; answers those whose scores moved. */
type ChunkWork = (tx: Tx, customerIds: readonly string[]) => Promise<readonly string[]>;

export interface Walked {
  readonly customers: number;
  readonly moved: number;
}

/** A look at few rows of large tables. */
async function lookUp<T>({ pool }: Pick<Platform, 'pool'>, read: (tx: Tx) => Promise<readonly T[]>) {
  return pool.begin('read only', async (tx) => {
    await lookUpByIndex(tx);
    return read(tx);
  });
}

function scored(scaleId: string): NewChange {
  return { topic: 'kpis.changed', customerId: null, subjectId: scaleId, detail: { what: 'SCORES' } };
}

function settingsAt({ settings }: KpiTimeline, at: Date): SettingsVersion {
  return inForce(settings, at, ({ effectiveFrom }) => effectiveFrom) ?? settings[0]!;
}

function questionOf(timeline: KpiTimeline, now: Date): ScoringQuestion {
  const { abc, clv } = settingsAt(timeline, now).settings;
  const { timeZone } = timeline;
  return { today: dayNumber(now, timeZone), timeZone, abc, marginRate: clv.marginRate };
}

async function findScales(tx: Tx, { binning }: RfmSettings, question: ScoringQuestion): Promise<NewScale[]> {
  const find = binning === 'SHARE' ? findShareCuts : findQuantiles;
  const cutsOf = async (measure: RfmMeasure) => {
    const found = await find(tx, measure, question);
    return new Map(found.map((one) => [one.currency, binning === 'SHARE' ? one : withEnds(one, measure)]));
  };
  const [recency, frequency, monetary] = [await cutsOf('recency'), await cutsOf('frequency'), await cutsOf('monetary')];
  return [...recency].map(([currency, { customers, cuts }]) => ({
    ...{ currency, customers, recencyCuts: cuts },
    frequencyCuts: frequency.get(currency)!.cuts,
    monetaryCuts: monetary.get(currency)!.cuts,
  }));
}

/** 1 more: a day, an order, a unit of the currency. */
function withEnds({ currency, customers, cuts }: CurrencyCuts, measure: RfmMeasure): CurrencyCuts {
  const one = measure === 'monetary' ? 10 ** (currencyExponent(currency) ?? 2) : 1;
  return { currency, customers, cuts: endsBelow(cuts, one) };
}
