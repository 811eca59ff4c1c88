import { correlationLimit } from '../clv/gamma-gamma.ts';
import type { ModelDetail } from './model-detail.ts';

export const modelWarningCodes = [
  'SPEND_DEPENDS_ON_FREQUENCY',
  'SPEND_NOT_CONVERGED',
  'FEW_REPEATERS',
  'TIMES_ROUNDED',
] as const;
export type ModelWarningCode = (typeof modelWarningCodes)[number];

export interface ModelWarningView {
  readonly code: ModelWarningCode;
  readonly currency: string | null;
  readonly message: string;
}

/** With fewer, parameters still move much from one fit to the next. */
const fewRepeaters = 200;

/** What to know before one trusts a fit. */
export function warningsOf({ repeaters, roundedDays, spends, reason }: ModelDetail): ModelWarningView[] {
  const warnings: ModelWarningView[] = [];
  if (reason === null && repeaters < fewRepeaters)
    warnings.push({
      code: 'FEW_REPEATERS',
      currency: null,
      message: `Only ${repeaters} customers have bought again: another fit may differ much.`,
    });
  if (roundedDays > 1)
    warnings.push({
      code: 'TIMES_ROUNDED',
      currency: null,
      message: `Times were rounded to ${roundedDays} days, as there are many histories: its likelihood cannot be compared.`,
    });
  return [...warnings, ...spends.flatMap(spendWarnings)];
}

function spendWarnings({ currency, status, reason, correlation }: ModelDetail['spends'][number]): ModelWarningView[] {
  if (status === 'NOT_CONVERGED')
    return [{ code: 'SPEND_NOT_CONVERGED', currency, message: `No values in ${currency}: ${reason}.` }];
  if (correlation === null || Math.abs(correlation) <= correlationLimit) return [];
  const message =
    `Who buys more often spends ${correlation > 0 ? 'more' : 'less'} each time (correlation ${correlation.toFixed(2)}), ` +
    'which the model of spend rules out: expect biased values.';
  return [{ code: 'SPEND_DEPENDS_ON_FREQUENCY', currency, message }];
}
