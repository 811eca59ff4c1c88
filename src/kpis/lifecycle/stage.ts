import { type LifecycleStage, lifecycleStages, type RiskBand, riskBands } from '../../conditions/kpi-names.ts';

export { type LifecycleStage, lifecycleStages, type RiskBand, riskBands };

/** What brings a customer from one stage into another. */
export const lifecycleCauses = [
  'FIRST_TOUCH',
  'IDENTIFIED',
  'ORDER',
  'RETURN',
  'SILENT',
  'TOUCH',
  'OVERDUE',
  'LONG_OVERDUE',
  'RISK',
  'RISK_FELL',
  'CASE',
  'CASE_CLOSED',
  'PROBABILITY_ALIVE',
  'LONG_SILENT',
  'CONTRACT',
  'CONTRACT_ENDED',
  'EXIT',
  'SCORES',
  'TIER',
  'ADVOCACY',
  'ADVOCACY_ENDED',
] as const;
export type LifecycleCause = (typeof lifecycleCauses)[number];

export function isHigher(one: RiskBand, than: RiskBand): boolean {
  return riskBands.indexOf(one) > riskBands.indexOf(than);
}
