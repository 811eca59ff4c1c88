import type { Platform } from '../kernel/context.ts';
import type { Metrics } from '../kernel/metrics.ts';
import { SegmentResolver } from '../segments/segment.resolver.ts';
import { SegmentService } from '../segments/segment.service.ts';
import { SegmentBuilder } from '../segments/segment-builder.service.ts';
import { SegmentClock } from '../segments/segment-clock.service.ts';
import type { SegmentEvaluator } from '../segments/segment-evaluator.service.ts';
import { SegmentExplanationResolver } from '../segments/segment-explanation.resolver.ts';
import { SegmentExplainer } from '../segments/segment-explanation.service.ts';
import { SegmentFieldsResolver } from '../segments/segment-fields.resolver.ts';
import { SegmentListsResolver } from '../segments/segment-lists.resolver.ts';
import { SegmentListService } from '../segments/segment-lists.service.ts';
import { SegmentPreviewResolver } from '../segments/segment-preview.resolver.ts';
import { SegmentPreviewer } from '../segments/segment-preview.service.ts';
import { buildsUnderWay, clockLag } from '../segments/segment-progress.service.ts';
import { SegmentReader } from '../segments/segment-reader.service.ts';

export interface SegmentParts {
  readonly evaluator: SegmentEvaluator;
  readonly settings: { readonly idSecret: string; readonly defaultRegion: string };
  readonly metrics: Metrics;
}

/** Segments, as the rest of the wiring sees them. */
export interface SegmentWiring {
  readonly instances: readonly (readonly [unknown, object])[];
  start(): void;
  stop(): Promise<void>;
}

export function wireSegments(platform: Platform, { evaluator, settings, metrics }: SegmentParts): SegmentWiring {
  const builder: SegmentBuilder = new SegmentBuilder(platform, evaluator, {
    onServed: (tx, version, now) => service.followServed(tx, version, now),
  });
  const service = new SegmentService(evaluator, builder);
  const clock = new SegmentClock(platform, evaluator);
  const reader = new SegmentReader(evaluator.language);
  observe(platform, metrics);
  return {
    instances: [
      [SegmentResolver, new SegmentResolver(service)],
      [SegmentFieldsResolver, new SegmentFieldsResolver(reader)],
      [SegmentListsResolver, new SegmentListsResolver(new SegmentListService(evaluator, settings))],
      [SegmentPreviewResolver, new SegmentPreviewResolver(new SegmentPreviewer(evaluator))],
      [SegmentExplanationResolver, new SegmentExplanationResolver(new SegmentExplainer(evaluator))],
    ],
    start() {
      builder.start();
      clock.start();
    },
    async stop() {
      await clock.stop();
      await builder.stop();
    },
  };
}

/** A database that is away must not take the other metrics with it. */
function observe({ pool, clock }: Platform, metrics: Metrics): void {
  metrics.observe(
    'rundum_segment_clock_lag_seconds',
    'How long the earliest membership that time may change is overdue.',
    () => clockLag(pool, clock).catch(() => Number.NaN),
  );
  metrics.observe(
    'rundum_segment_builds',
    'Versions of segments that are being built.',
    async () => (await buildsUnderWay(pool).catch(() => undefined))?.versions ?? Number.NaN,
  );
  metrics.observe(
    'rundum_segment_build_failures',
    'Attempts in a row to build them that failed, of all together.',
    async () => (await buildsUnderWay(pool).catch(() => undefined))?.failures ?? Number.NaN,
  );
}
