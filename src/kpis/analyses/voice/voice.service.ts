import { hasScope, requireScope } from '../../../access/scopes.ts';
import type { Context } from '../../../kernel/context.ts';
import type { AnalysisSurroundings } from '../analysis-surroundings.ts';
import { type AnalysisGrain, type Buckets, bucketsOf, type Period, type PeriodInput, periodOf } from '../period.ts';
import { checkSegments, readAnalysis } from '../reading.service.ts';
import { type CaseTime, caseTime } from './case-clock.ts';
import { type CaseResolution, caseResolutionOf, type WatchedCase } from './case-resolution.ts';
import { type Nps, npsOf } from './nps.ts';
import { countNamelessCases, countNps, streamCases } from './voice.queries.ts';

export interface VoiceInput extends PeriodInput {
  /** Also by bucket. */
  readonly grain?: AnalysisGrain | null;
  /** UUIDs. */
  readonly segmentIds?: readonly string[] | null;
}

export interface NpsInput extends VoiceInput {
  readonly variant?: string | null;
}

/** A part of the period: of the first and the last bucket only what lies in it. */
export interface VoiceBucket {
  readonly from: Date;
  readonly to: Date;
}

export interface VoiceAnswer<T> {
  readonly from: Date;
  readonly to: Date;
  readonly asOf: Date;
  readonly total: T;
  readonly buckets: readonly (VoiceBucket & T)[];
}

const mostBuckets = 500;

/** What customers answer, and how long they wait. */
export class VoiceReports {
  readonly #surroundings: AnalysisSurroundings;

  constructor(surroundings: AnalysisSurroundings) {
    this.#surroundings = surroundings;
  }

  async nps(ctx: Context, input: NpsInput): Promise<VoiceAnswer<Nps>> {
    requireScope(ctx, 'metrics:read');
    const asked = await this.#question(ctx, input);
    const { period, buckets, sees } = asked;
    const question = { ...asked.question, variant: input.variant ?? null };
    return readAnalysis(ctx, async (tx) => {
      const [whole] = await countNps(tx, { ...question, edges: [period.from, period.to] });
      const parts = buckets ? await countNps(tx, { ...question, edges: buckets.edges }) : [];
      const byBucket = new Map(parts.map((part) => [part.bucket, part]));
      return answer(ctx, { ...asked, total: npsOf(whole ?? none, sees) }, (bucket) =>
        npsOf(byBucket.get(bucket) ?? none, sees),
      );
    });
  }

  async caseResolution(ctx: Context, input: VoiceInput): Promise<VoiceAnswer<CaseResolution> & { nameless: number }> {
    requireScope(ctx, 'metrics:read');
    const asked = await this.#question(ctx, input);
    const { period, buckets, sees, question } = asked;
    const cases: (WatchedCase & { bucket: number })[] = [];
    const nameless = await readAnalysis(ctx, async (tx) => {
      await streamCases(tx, question, ({ who, events }) => {
        const time = caseTime(events, ctx.clock.now());
        if (!time || !isWithin(time, period)) return;
        const bucket = buckets ? buckets.edges.findLastIndex((edge) => edge <= time.openedAt) : 0;
        cases.push({ who, time, bucket });
      });
      return countNamelessCases(tx, question);
    });
    const byBucket = Map.groupBy(cases, ({ bucket }) => bucket);
    const total = caseResolutionOf(cases, sees);
    const told = answer(ctx, { ...asked, total }, (bucket) => caseResolutionOf(byBucket.get(bucket) ?? [], sees));
    return { ...told, nameless };
  }

  async #question(ctx: Context, input: VoiceInput) {
    const { scope, timeZone } = this.#surroundings;
    const segmentIds = await checkSegments(ctx, scope, input.segmentIds);
    const period = periodOf(input, timeZone);
    const buckets = input.grain ? bucketsOf(period, input.grain, mostBuckets) : undefined;
    const question = { from: period.from, to: period.to, scope, segmentIds };
    return { period, buckets, question, sees: hasScope(ctx, 'pii:read') };
  }
}

const none = { promoters: 0, passives: 0, detractors: 0 };

/** A case belongs to the period in which it was first opened: of one that was opened again the first time may lie before. */
function isWithin({ openedAt }: CaseTime, { from, to }: Period): boolean {
  return openedAt >= from && openedAt < to;
}

function answer<T>(
  ctx: Context,
  { period, buckets, total }: { period: Period; buckets: Buckets | undefined; total: T },
  partOf: (bucket: number) => T,
): VoiceAnswer<T> {
  const { from, to } = period;
  const starts = buckets?.edges.slice(0, -1) ?? [];
  const parts = starts.map((start, bucket) => ({
    from: start < from ? from : start,
    to: buckets!.edges[bucket + 1]! > to ? to : buckets!.edges[bucket + 1]!,
    ...partOf(bucket),
  }));
  return { from, to, asOf: ctx.clock.now(), total, buckets: parts };
}
