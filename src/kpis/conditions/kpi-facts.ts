import type { AbcClass, KpiName, LifecycleStage, RiskBand } from '../../conditions/kpi-names.ts';

/** What is stored of one customer's KPIs, as JSON. */
export interface KpiFacts {
  /** Of the amounts; that of CLV is the one of the last scoring. */
  readonly currency: string | null;
  readonly scoredCurrency: string | null;
  /** Decimal text; amounts in minor units. */
  readonly numbers: Readonly<Record<KpiName, string | null>>;
}

/** What is stored of one customer's life cycle, as JSON. */
export interface LifecycleFacts {
  /** Null: anonymous, or not yet looked at. */
  readonly stage: LifecycleStage | null;
  /** Milliseconds since 1970. */
  readonly since: number | null;
  readonly band: RiskBand | null;
  readonly rfmSegment: string | null;
  readonly abcClass: AbcClass | null;
}
