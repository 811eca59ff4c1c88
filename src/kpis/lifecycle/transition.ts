import type { JsonObject } from '../../kernel/json.ts';
import type { LifecycleCause, LifecycleStage, RiskBand } from './stage.ts';

export interface LifecycleTransition {
  readonly at: Date;
  /** Null: the beginning. */
  readonly from: LifecycleStage | null;
  readonly to: LifecycleStage;
  readonly cause: LifecycleCause;
  /** The numbers that it follows from: small. */
  readonly evidence: JsonObject;
  /** Version of the settings that were in force. */
  readonly settingsVersion: number;
}

/** One customer's, as of an instant. */
export interface Lifecycle {
  readonly customerId: string;
  readonly stage: LifecycleStage;
  readonly since: Date;
  /** All of them in order of time, the last one into `stage`. Never empty. */
  readonly transitions: readonly LifecycleTransition[];
  /** Null where nothing can be said: never bought, or no model. */
  readonly band: RiskBand | null;
  readonly riskSince: Date | null;
  /** The churn risk itself; null where there is no band. */
  readonly risk: number | null;
  /** Where they bought last, as far as orders name a store. */
  readonly homeStore: string | null;
  /** Nothing changes before it unless something happens to the customer, or to settings, models and scales. Null: nothing ever. */
  readonly dueAt: Date | null;
  /** Of the timeline that it was derived with. */
  readonly revision: number;
}
