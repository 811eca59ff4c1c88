import type { History } from './history.ts';
import { daysOf, historiesOf, type Observation, type Purchase } from './purchases.ts';

export interface HoldoutPeriods extends Observation {
  /** The last day of the holdout period, which begins the day after `until`. */
  readonly holdoutUntil: number;
}

export type HeldOutHistory = History & {
  readonly customer: string;
  /** Days with purchases in the holdout period. */
  readonly actual: number;
};

/** Customers with the same history who bought equally often after it, counted; `customers` left out: one. */
export type HeldOutGroup = History & { readonly actual: number; readonly customers?: number };

/** Histories up to a day, and what those customers bought after it. Who first bought later is not among them. */
export function holdOut(purchases: readonly Purchase[], periods: HoldoutPeriods): HeldOutHistory[] {
  const { until, holdoutUntil } = periods;
  const days = daysOf(purchases);
  return historiesOf(purchases, periods).map(({ customer, repeats, recency, age }) => {
    const later = [...days.get(customer)!.keys()].filter((day) => day > until && day <= holdoutUntil);
    return { customer, repeats, recency, age, actual: later.length };
  });
}

/** Customers with equally many repeats before the holdout period. */
export interface CalibrationBin {
  readonly repeats: number;
  /** Whether customers with more repeats are in it too: the last bin. */
  readonly orMore: boolean;
  readonly customers: number;
  /** Purchases in the holdout period: sums over the bin's customers. */
  readonly predicted: number;
  readonly actual: number;
}

export interface Calibration {
  readonly bins: readonly CalibrationBin[];
  readonly customers: number;
  readonly predicted: number;
  readonly actual: number;
  /** Mean over customers of |predicted − actual|; null without customers. */
  readonly meanAbsoluteError: number | null;
}

/**
 * Predicted against actual purchases of a holdout period, by repeats before it (Fader, Hardie & Lee 2005, figure 5).
 * `predict` is a model's E[Y(t) | x, t_x, T] at the holdout period's length; bins without customers are left out.
 */
export function calibrate(
  histories: readonly HeldOutGroup[],
  predict: (history: History) => number,
  { lastBin }: { readonly lastBin: number },
): Calibration {
  const bins = new Map<number, { customers: number; predicted: number; actual: number }>();
  let absoluteError = 0;
  for (const history of histories) {
    const key = Math.min(history.repeats, lastBin);
    const bin = bins.get(key) ?? { customers: 0, predicted: 0, actual: 0 };
    const { customers = 1, actual } = history;
    const predicted = predict(history);
    bin.customers += customers;
    bin.predicted += customers * predicted;
    bin.actual += customers * actual;
    absoluteError += customers * Math.abs(predicted - actual);
    bins.set(key, bin);
  }
  return summarise(bins, { lastBin, absoluteError });
}

type Sums = Omit<CalibrationBin, 'repeats' | 'orMore'>;

function summarise(
  sums: ReadonlyMap<number, Sums>,
  { lastBin, absoluteError }: { readonly lastBin: number; readonly absoluteError: number },
): Calibration {
  const bins = [...sums]
    .sort(([a], [b]) => a - b)
    .map(([repeats, sum]) => ({ repeats, orMore: repeats === lastBin, ...sum }));
  const total = (read: (bin: Sums) => number) => bins.reduce((sum, bin) => sum + read(bin), 0);
  const customers = total((bin) => bin.customers);
  return {
    bins,
    customers,
    predicted: total((bin) => bin.predicted),
    actual: total((bin) => bin.actual),
    meanAbsoluteError: customers === 0 ? null : absoluteError / customers,
  };
}
