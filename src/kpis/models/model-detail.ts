import type { BgNbd } from '../clv/bg-nbd.ts';
import type { Fit } from '../clv/fit.ts';
import type { ParetoNbd } from '../clv/pareto-nbd.ts';
import type { FailureReason, Fitted, SpendFit, TooFew } from './fit-models.ts';
import type { ActiveModel } from './kpi-model.ts';

export const modelStatuses = ['CONVERGED', 'NOT_CONVERGED'] as const;
export type ModelStatus = (typeof modelStatuses)[number];

/** What `kpi_models.detail` holds. Numbers of a fit that did not converge are in none of it. */
export interface ModelDetail {
  /** What forecasts are made with; only of a BG/NBD that converged. */
  readonly model?: Pick<ActiveModel, 'bgNbd' | 'spend' | 'secondOrder'>;
  /** By name; none where it did not converge. */
  readonly parameters: Readonly<Record<string, number>>;
  readonly logLikelihood: number | null;
  readonly reason: FailureReason | null;
  readonly atBound: readonly string[];
  /** The last day of the purchases that it knows, in the zone in which it was fitted. */
  readonly cutOffDay: string;
  readonly customers: number;
  readonly repeaters: number;
  readonly groups: number;
  readonly roundedDays: number;
  readonly steps: number | null;
  readonly spends: readonly SpendDetail[];
}

export interface SpendDetail {
  readonly currency: string;
  readonly status: ModelStatus;
  readonly parameters: Readonly<Record<string, number>>;
  readonly logLikelihood: number | null;
  readonly reason: FailureReason | null;
  readonly atBound: readonly string[];
  readonly customers: number;
  readonly excluded: number;
  readonly correlation: number | null;
}

export function detailOf(fitted: Fitted, cutOffDay: string): ModelDetail {
  const { customers, repeaters, groups, roundedDays, purchases } = fitted;
  return {
    ...modelOf(fitted),
    ...numbersOf<BgNbd | ParetoNbd>(purchases),
    cutOffDay,
    customers,
    repeaters,
    groups,
    roundedDays,
    steps: purchases.status === 'CONVERGED' ? purchases.steps : null,
    spends: fitted.kind === 'BG_NBD' ? fitted.spends.map(spendDetail) : [],
  };
}

/** Spend models that did not converge are left out: those currencies have no CLV, all else holds. */
function modelOf(fitted: Fitted): Pick<ModelDetail, 'model'> {
  if (fitted.kind !== 'BG_NBD' || fitted.purchases.status !== 'CONVERGED') return {};
  const spends = fitted.spends.flatMap((fit) =>
    fit.status === 'CONVERGED' ? [[fit.currency, fit.parameters] as const] : [],
  );
  const { purchases, secondOrder } = fitted;
  return { model: { bgNbd: purchases.parameters, spend: Object.fromEntries(spends), secondOrder } };
}

function spendDetail(fit: SpendFit): SpendDetail {
  const { currency, status, customers, excluded, correlation } = fit;
  return { currency, status, ...numbersOf(fit), customers, excluded, correlation };
}

function numbersOf<Parameters extends object>(
  fit: Fit<Parameters> | TooFew,
): Pick<ModelDetail, 'parameters' | 'logLikelihood' | 'reason' | 'atBound'> {
  if (fit.status === 'CONVERGED') {
    const { parameters, logLikelihood } = fit;
    return { parameters: { ...parameters } as Record<string, number>, logLikelihood, reason: null, atBound: [] };
  }
  return { parameters: {}, logLikelihood: null, reason: fit.reason, atBound: fit.atBound };
}
