import { currencyExponent } from '../../kernel/money.ts';
import type { ClvSettings } from '../settings/kpi-settings.ts';
import type { CustomerHistory } from './customer-history.ts';
import { marginRateOf } from './forecast-view.ts';
import type { PurchaseKpis } from './purchase-fold.ts';

/** Margin of what was bought so far, in minor units. */
export interface Margin {
  /** Of orders whose cost is known, less returns whose cost is known. */
  readonly minor: bigint;
  /** Part of their net revenue; null: that is nothing. */
  readonly rate: number | null;
  /** Which part of the value of all orders their costs are known of, from 0 to 1. */
  readonly coverage: number;
}

/** What a customer has brought so far: not what they have paid. Minor units of their currency. */
export interface HistoricValue {
  readonly minor: bigint;
  /** Net revenue times margin: of what has a known cost exactly, of the rest by the margin rate. */
  readonly marginMinor: bigint;
  /** Cases, at what one costs on average. */
  readonly casesMinor: bigint;
  /** Redeemed points at what a point costs. */
  readonly incentivesMinor: bigint;
  /** Points were redeemed that have no price in the customer's currency: what they cost is not taken off. */
  readonly unpricedPoints: bigint;
}

/** What a customer has redeemed, priced as the programmes price it. */
export interface Incentives {
  /** By currency, in minor units. */
  readonly costs: ReadonlyMap<string, bigint>;
  readonly unpriced: bigint;
  readonly points: ReadonlyMap<string, bigint>;
}

/** Null without any known cost. */
export function marginOf(row: PurchaseKpis, { purchases }: Pick<CustomerHistory, 'purchases'>): Margin | null {
  let ordered = 0n;
  let costed = 0n;
  let known = false;
  for (const { kind, currency, valueMinor, costMinor } of purchases) {
    if (kind !== 'ORDER' || currency !== row.currency) continue;
    ordered += valueMinor;
    if (costMinor === null) continue;
    costed += valueMinor;
    known = true;
  }
  if (!known) return null;
  const minor = row.costedMinor - row.costMinor;
  return {
    minor,
    rate: row.costedMinor > 0n ? Number(minor) / Number(row.costedMinor) : null,
    coverage: ordered > 0n ? Number(costed) / Number(ordered) : 1,
  };
}

/**
 * Σ (net revenue × margin − cost of serving − cost of incentives). Null where a margin is needed that nobody knows: a number
 * made of revenue alone would be revenue to date, which is another one.
 */
export function historicValue(
  row: PurchaseKpis,
  { signals }: Pick<CustomerHistory, 'signals'>,
  { clv, incentives }: { readonly clv: ClvSettings; readonly incentives: Incentives },
): HistoricValue | null {
  const rest = row.grossMinor - row.returnedMinor - row.costedMinor;
  const rate = rest === 0n ? 0 : marginRateOf(row, clv);
  if (rate === null) return null;
  const { currency } = row;
  const marginMinor = row.costedMinor - row.costMinor + BigInt(Math.round(Number(rest) * rate));
  const cases = signals.filter(({ kind }) => kind === 'CASE_OPENED').length;
  const casesMinor = BigInt(Math.round(cases * clv.costPerCase * 10 ** (currencyExponent(currency) ?? 2)));
  const incentivesMinor = incentives.costs.get(currency) ?? 0n;
  const elsewhere = [...incentives.points].filter(([priced]) => priced !== currency);
  return {
    minor: marginMinor - casesMinor - incentivesMinor,
    ...{ marginMinor, casesMinor, incentivesMinor },
    unpricedPoints: elsewhere.reduce((sum, [, points]) => sum + points, incentives.unpriced),
  };
}
