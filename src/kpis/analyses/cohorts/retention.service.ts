import { hasScope, requireScope } from '../../../access/scopes.ts';
import type { Context } from '../../../kernel/context.ts';
import { badInput } from '../../../kernel/errors.ts';
import { tooMuch } from '../analysis-errors.ts';
import type { AnalysisSurroundings } from '../analysis-surroundings.ts';
import { type AnalysisGrain, bucketsOf, type PeriodInput, periodOf, withFurther } from '../period.ts';
import { checkSegments, readAnalysis } from '../reading.service.ts';
import { type CohortBasis, countCohorts } from './retention.queries.ts';
import { type Retention, retentionOf } from './retention.ts';

export interface RetentionInput extends PeriodInput {
  readonly grain: AnalysisGrain;
  readonly by?: CohortBasis | null;
  /** The last period that is looked at. 0 to 120, default 12. */
  readonly periods?: number | null;
  /** UUIDs. */
  readonly segmentIds?: readonly string[] | null;
}

export interface RetentionAnswer extends Retention {
  readonly grain: AnalysisGrain;
  readonly by: CohortBasis;
  readonly timezone: string;
  readonly from: Date;
  readonly to: Date;
  readonly asOf: Date;
  readonly periods: number;
}

const mostPeriods = 120;
const mostCohorts = 260;
const mostCells = 10_000;

/** How many of those who came stay, by when they came. */
export class RetentionReports {
  readonly #surroundings: AnalysisSurroundings;

  constructor(surroundings: AnalysisSurroundings) {
    this.#surroundings = surroundings;
  }

  async cohorts(ctx: Context, input: RetentionInput): Promise<RetentionAnswer> {
    requireScope(ctx, 'metrics:read');
    const { scope, timeZone } = this.#surroundings;
    const segmentIds = await checkSegments(ctx, scope, input.segmentIds);
    const { grain, by } = { grain: input.grain, by: input.by ?? 'ORDER' };
    const period = periodOf(input, timeZone);
    const own = bucketsOf(period, grain, mostCohorts);
    const periods = checkPeriods(input.periods ?? 12);
    const cohorts = own.days.length - 1;
    checkCells(cohorts * (periods + 1));
    const buckets = withFurther(own, { calendar: period.calendar, grain, count: periods });
    const now = ctx.clock.now();
    const question = { by, edges: buckets.edges, cohorts, periods, now, scope, segmentIds };
    const counts = await readAnalysis(ctx, (tx) => countCohorts(tx, question));
    const sees = hasScope(ctx, 'pii:read');
    return {
      ...{ grain, by, timezone: period.calendar.zone, asOf: now, periods },
      ...{ from: buckets.edges[0]!, to: buckets.edges[cohorts]! },
      ...retentionOf(counts, { buckets, cohorts, periods, now, sees }),
    };
  }
}

function checkPeriods(periods: number): number {
  if (Number.isInteger(periods) && periods >= 0 && periods <= mostPeriods) return periods;
  throw badInput(`Expected 0 to ${mostPeriods} periods, got ${periods}.`, 'periods');
}

function checkCells(cells: number): void {
  if (cells > mostCells)
    throw tooMuch(`Expected at most ${mostCells} cells (cohorts times periods), got ${cells}.`, {
      field: 'periods',
      limit: mostCells,
    });
}
