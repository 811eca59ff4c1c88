import { type BgNbd, fitBgNbd } from '../clv/bg-nbd.ts';
import type { Fit, NotConverged } from '../clv/fit.ts';
import { fitGammaGamma, type GammaGammaFit } from '../clv/gamma-gamma.ts';
import { fitParetoNbd, type ParetoNbd } from '../clv/pareto-nbd.ts';
import type { SecondOrderSurvival } from './kpi-model.ts';
import {
  coarsened,
  historyGroups,
  type PurchaseStatistics,
  type Sizes,
  type SpendTable,
  sizesOf,
  spendGroups,
} from './purchase-statistics.ts';
import { secondOrderSurvival } from './second-order.ts';

export const modelKinds = ['BG_NBD', 'PARETO_NBD'] as const;
export type ModelKind = (typeof modelKinds)[number];

/** Fewer say nothing about anybody else: four parameters would follow them. */
export const fewestCustomers = 50;
export const fewestRepeaters = 20;

/** Each costs two hypergeometric functions, some hundred times: Pareto/NBD is there to compare with, and days are enough. */
const mostParetoGroups = 120_000;

export type FailureReason = NotConverged['reason'] | 'TOO_FEW_CUSTOMERS';

export interface TooFew extends Omit<NotConverged, 'reason'> {
  readonly reason: 'TOO_FEW_CUSTOMERS';
}

export type SpendFit = (GammaGammaFit | (TooFew & Pick<GammaGammaFit, 'correlation' | 'correlated' | 'excluded'>)) & {
  readonly currency: string;
};

export interface FittedModel<Parameters> extends Sizes {
  readonly purchases: Fit<Parameters> | TooFew;
  /** Different histories; times were rounded to so many days. */
  readonly groups: number;
  readonly roundedDays: number;
}

export interface FittedBgNbd extends FittedModel<BgNbd> {
  readonly kind: 'BG_NBD';
  readonly spends: readonly SpendFit[];
  readonly secondOrder: SecondOrderSurvival;
}

export interface FittedParetoNbd extends FittedModel<ParetoNbd> {
  readonly kind: 'PARETO_NBD';
}

export type Fitted = FittedBgNbd | FittedParetoNbd;

/** Takes seconds for a million customers: run it in a thread. */
export function fitModels(statistics: PurchaseStatistics, kind: ModelKind): Fitted {
  return kind === 'BG_NBD' ? fitBgNbdModels(statistics) : fitPareto(statistics);
}

function fitBgNbdModels({ histories, spends, secondOrders }: PurchaseStatistics): FittedBgNbd {
  const sizes = sizesOf(histories);
  return {
    kind: 'BG_NBD',
    ...sizes,
    groups: histories.repeats.length,
    roundedDays: 1,
    purchases: isEnough(sizes) ? fitBgNbd(historyGroups(histories)) : tooFew(sizes.customers),
    spends: spends.map(fitSpend),
    secondOrder: secondOrderSurvival(secondOrders),
  };
}

function fitPareto({ histories }: PurchaseStatistics): FittedParetoNbd {
  const sizes = sizesOf(histories);
  const { groups, days } = coarsened(historyGroups(histories), mostParetoGroups);
  const purchases = isEnough(sizes) ? fitParetoNbd(groups) : tooFew(sizes.customers);
  return { kind: 'PARETO_NBD', ...sizes, groups: groups.length, roundedDays: days, purchases };
}

function isEnough({ customers, repeaters }: Sizes): boolean {
  return customers >= fewestCustomers && repeaters >= fewestRepeaters;
}

function tooFew(customers: number): TooFew {
  return { status: 'NOT_CONVERGED', reason: 'TOO_FEW_CUSTOMERS', atBound: [], customers };
}

function fitSpend(table: SpendTable): SpendFit {
  const { currency } = table;
  const groups = spendGroups(table);
  const repeaters = groups.reduce((sum, { customers }) => sum + customers, 0);
  if (repeaters >= fewestRepeaters) return { currency, ...fitGammaGamma(groups) };
  return { currency, ...tooFew(repeaters), correlation: null, correlated: false, excluded: 0 };
}
