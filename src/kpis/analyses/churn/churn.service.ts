import { hasScope, requireScope } from '../../../access/scopes.ts';
import type { Context } from '../../../kernel/context.ts';
import { badInput } from '../../../kernel/errors.ts';
import type { KpiBook } from '../../settings/kpi-book.service.ts';
import type { AnalysisSurroundings } from '../analysis-surroundings.ts';
import { type AnalysisGrain, bucketsOf, type PeriodInput, periodOf } from '../period.ts';
import { checkSegments, readAnalysis } from '../reading.service.ts';
import { streamContracts, streamPurchases } from './churn.queries.ts';
import { type ChurnCount, ChurnCounter, type ChurnDefinition } from './churn.ts';

export interface ChurnInput extends PeriodInput {
  readonly grain: AnalysisGrain;
  readonly definition?: ChurnDefinition | null;
  /** θ of P_ALIVE, between 0 and 1. Default: the lever `lostProbability`. */
  readonly threshold?: number | null;
  readonly latestModel?: boolean | null;
  /** UUIDs. */
  readonly segmentIds?: readonly string[] | null;
}

export interface ChurnAnswer {
  readonly grain: AnalysisGrain;
  readonly definition: ChurnDefinition;
  readonly threshold: number | null;
  readonly latestModel: boolean;
  readonly timezone: string;
  readonly asOf: Date;
  readonly buckets: readonly ChurnCount[];
  /** From the beginning of the first bucket to the end of the last that is over. */
  readonly total: ChurnCount;
}

const mostBuckets = 260;

/** How many customers are lost. */
export class ChurnReports {
  readonly #surroundings: AnalysisSurroundings;
  readonly #book: KpiBook;

  constructor(surroundings: AnalysisSurroundings, book: KpiBook) {
    this.#surroundings = surroundings;
    this.#book = book;
  }

  async churnRate(ctx: Context, input: ChurnInput): Promise<ChurnAnswer> {
    requireScope(ctx, 'metrics:read');
    const { scope, timeZone } = this.#surroundings;
    const segmentIds = await checkSegments(ctx, scope, input.segmentIds);
    const { grain } = input;
    const asked = termsOf(input);
    const period = periodOf(input, timeZone);
    const { edges } = bucketsOf(period, grain, mostBuckets);
    const now = ctx.clock.now();
    const counter = await readAnalysis(ctx, async (tx) => {
      const timeline = await this.#book.current(tx);
      const counting = new ChurnCounter({ ...asked, edges, now, timeline });
      const before = edges.at(-1)! < now ? edges.at(-1)! : now;
      const stream = asked.definition === 'CONTRACT' ? streamContracts : streamPurchases;
      await stream(tx, { before, scope, segmentIds }, (history) => counting.add(history));
      return counting;
    });
    return { grain, ...asked, timezone: period.calendar.zone, asOf: now, ...counter.counts(hasScope(ctx, 'pii:read')) };
  }
}

function termsOf({ definition, threshold, latestModel }: ChurnInput) {
  if (threshold != null && !(threshold > 0 && threshold < 1))
    throw badInput(`Expected a probability between 0 and 1, got ${threshold}.`, 'threshold');
  return { definition: definition ?? 'SILENT', threshold: threshold ?? null, latestModel: latestModel ?? false };
}
