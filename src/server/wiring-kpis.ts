import type { Platform } from '../kernel/context.ts';
import type { IdPrefix } from '../kernel/ids.ts';
import type { Metrics } from '../kernel/metrics.ts';
import type { NodeFinder } from '../kernel/node.resolver.ts';
import { AnalysesResolver } from '../kpis/analyses/analyses.resolver.ts';
import { AttributionReports } from '../kpis/analyses/attribution/attribution.service.ts';
import { ChurnReports } from '../kpis/analyses/churn/churn.service.ts';
import { RetentionReports } from '../kpis/analyses/cohorts/retention.service.ts';
import { PortfolioReports } from '../kpis/analyses/portfolio/portfolio.service.ts';
import { TierMigrations } from '../kpis/analyses/tiers/tier-migration.service.ts';
import { VoiceReports } from '../kpis/analyses/voice/voice.service.ts';
import { CustomerKpisResolver } from '../kpis/customers/customer-kpis.resolver.ts';
import { CustomerKpiReader } from '../kpis/customers/customer-kpis.service.ts';
import { Observer } from '../kpis/customers/observer.service.ts';
import { ScoringResolver } from '../kpis/customers/scoring.resolver.ts';
import { Scoring } from '../kpis/customers/scoring.service.ts';
import { Downloads } from '../kpis/exports/downloads.service.ts';
import { findSavedQueryNode, SavedQueryResolver } from '../kpis/exports/saved-query.resolver.ts';
import { CellCompactor } from '../kpis/facts/cell-compactor.service.ts';
import { ChurnCalibrationResolver } from '../kpis/lifecycle/churn-calibration.resolver.ts';
import { ChurnCalibrationService } from '../kpis/lifecycle/churn-calibration.service.ts';
import { LifecycleClock } from '../kpis/lifecycle/lifecycle-clock.service.ts';
import { lifecycleLag, lifecycleSweepsUnderWay } from '../kpis/lifecycle/lifecycle-progress.service.ts';
import { coreDimensions } from '../kpis/metrics/catalogue/core-dimensions.ts';
import { MetricResolver } from '../kpis/metrics/metric.resolver.ts';
import { MetricCatalog } from '../kpis/metrics/metric-catalog.ts';
import { MetricEngine } from '../kpis/metrics/metric-engine.service.ts';
import { CalibrationService } from '../kpis/models/calibration.service.ts';
import { ModelFitter } from '../kpis/models/model-fitter.service.ts';
import { ModelThreads } from '../kpis/models/model-threads.ts';
import { findKpiModelNode, KpiModelsResolver } from '../kpis/models/models.resolver.ts';
import { nightlyJobs } from '../kpis/models/nightly-jobs.service.ts';
import { jobDelay, jobFailures, KpiJobs } from '../kpis/settings/kpi-jobs.service.ts';
import { KpiSettingsResolver } from '../kpis/settings/settings.resolver.ts';
import { TierReports } from '../loyalty/reports/tier-reports.service.ts';
import { ruleConditions } from '../segments/rule-conditions.service.ts';
import { segmentDimensions } from '../segments/segment-metrics.enum.ts';
import { segmentScope } from '../segments/segment-metrics.service.ts';
import { onKpisMoved } from '../segments/segment-reactions.service.ts';
import type { Engines } from './engines.ts';

/** KPIs, as the rest of the wiring sees them. */
export interface KpiWiring {
  readonly instances: readonly (readonly [unknown, object])[];
  readonly downloads: Downloads;
  start(): void;
  stop(): Promise<void>;
}

export const kpiNodes: readonly (readonly [IdPrefix, NodeFinder])[] = [
  ['mqy', findSavedQueryNode],
  ['mdl', findKpiModelNode],
];

export function wireKpis(
  platform: Platform,
  { evaluator, book: programs, kpis }: Engines,
  { idSecret, metrics }: { readonly idSecret: string; readonly metrics: Metrics },
): KpiWiring {
  const { timeZone } = evaluator;
  const { book, reader, folder } = kpis;
  const reactions = [onKpisMoved(evaluator)];
  const threads = new ModelThreads();
  const fitter = new ModelFitter({ threads, timeZone });
  const observer = new Observer({ book, programs, compilers: evaluator.compilers });
  const scoring = new Scoring({ book, reader, observer, reactions });
  const score = (signal: AbortSignal) => scoring.run(platform, { signal });
  const jobs = new KpiJobs(platform, nightlyJobs(platform, { timeZone, threads, fitter, score }));
  const clock = new LifecycleClock(platform, { folder, reactions });
  const compactor = new CellCompactor(platform);
  const catalog = new MetricCatalog({ dimensions: [...coreDimensions, ...segmentDimensions] });
  const engine = new MetricEngine({ catalog, timeZone, segments: segmentScope });
  const downloads = new Downloads(platform, { streams: engine, timeZone, idSecret });
  observe(platform, metrics);
  return {
    downloads,
    instances: [
      [MetricResolver, new MetricResolver(engine, platform.feed)],
      [SavedQueryResolver, new SavedQueryResolver(downloads.saved)],
      [CustomerKpisResolver, new CustomerKpisResolver(new CustomerKpiReader({ book, reader, programs }))],
      [ScoringResolver, new ScoringResolver(scoring)],
      [KpiSettingsResolver, new KpiSettingsResolver(ruleConditions(evaluator.language))],
      [KpiModelsResolver, new KpiModelsResolver(fitter, new CalibrationService({ threads, timeZone }))],
      [ChurnCalibrationResolver, new ChurnCalibrationResolver(new ChurnCalibrationService({ book, reader }))],
      [AnalysesResolver, createAnalyses({ timeZone, programs, book })],
    ],
    start() {
      compactor.start();
      clock.start();
      jobs.start();
    },
    async stop() {
      // A fit under way would not hear of it.
      await threads.close();
      await jobs.stop();
      await clock.stop();
      await compactor.stop();
    },
  };
}

function createAnalyses({
  timeZone,
  programs,
  book,
}: {
  timeZone: string;
  programs: Engines['book'];
  book: Engines['kpis']['book'];
}): AnalysesResolver {
  const surroundings = { timeZone, scope: segmentScope };
  return new AnalysesResolver({
    attribution: new AttributionReports(surroundings),
    churn: new ChurnReports(surroundings, book),
    portfolio: new PortfolioReports(surroundings, book),
    retention: new RetentionReports(surroundings),
    tiers: new TierMigrations(new TierReports(programs, timeZone), programs),
    voice: new VoiceReports(surroundings),
  });
}

/** A database that is away must not take the other metrics with it. */
function observe({ pool, clock }: Platform, metrics: Metrics): void {
  const gauge = (name: string, help: string, read: () => Promise<number>) =>
    metrics.observe(name, help, () => read().catch(() => Number.NaN));
  gauge(
    'rundum_lifecycle_lag_seconds',
    'How long the customer whom time should have moved first has been waiting.',
    () => lifecycleLag(pool, clock),
  );
  gauge('rundum_lifecycle_sweep', '1 while everybody is brought after other settings, scores or models.', () =>
    lifecycleSweepsUnderWay(pool),
  );
  gauge('rundum_kpi_job_delay_seconds', 'How long the KPI job that is due first has been waiting.', () =>
    jobDelay(pool, clock.now()),
  );
  gauge('rundum_kpi_job_failures', 'Attempts in a row of KPI jobs that failed, of all together.', () =>
    jobFailures(pool),
  );
}
