import type { LifecycleStage } from '../../lifecycle/stage.ts';
import { isTooSmall } from '../small-groups.ts';

export type AbcClass = 'A' | 'B' | 'C';

/** Customers who are alike in class, segment, stage and currency. */
export interface PortfolioGroup {
  /** Null: not scored, as those are who never bought. */
  readonly abc: AbcClass | null;
  readonly rfm: string | null;
  readonly stage: LifecycleStage;
  /** Null: they never bought. */
  readonly currency: string | null;
  readonly customers: number;
  /** Orders less returns. */
  readonly revenueMinor: bigint;
  /** Of what has a known cost: what was taken for it, and the cost. */
  readonly costedMinor: bigint;
  readonly costMinor: bigint;
}

export interface PortfolioMoney {
  readonly currency: string;
  readonly customers: number;
  readonly revenueMinor: bigint;
  /** Of all revenue in the currency, as a part of 1. Null: there is none. */
  readonly revenueShare: number | null;
  readonly costedMinor: bigint;
  /** Null: no cost is known. */
  readonly marginMinor: bigint | null;
}

export interface PortfolioPart {
  /** Null: too few to be told. */
  readonly customers: number | null;
  /** Of all customers, as a part of 1. */
  readonly share: number | null;
  readonly money: readonly PortfolioMoney[];
  readonly suppressed: boolean;
}

export interface PortfolioCell extends PortfolioPart, Pick<PortfolioGroup, 'abc' | 'rfm' | 'stage'> {}

export interface PortfolioClass extends PortfolioPart {
  readonly key: string | null;
}

export interface Portfolio {
  readonly total: PortfolioPart;
  readonly cells: readonly PortfolioCell[];
  readonly abc: readonly PortfolioClass[];
  readonly rfm: readonly PortfolioClass[];
  readonly lifecycle: readonly PortfolioClass[];
}

/** Everybody is in exactly one cell, and in one class of each kind: parts add up to the whole. */
export function portfolioOf(groups: readonly PortfolioGroup[], sees: boolean): Portfolio {
  const whole = wholeOf(groups);
  const part = (some: readonly PortfolioGroup[]) => partOf(some, { whole, sees });
  const by = (keyOf: (group: PortfolioGroup) => string | null) =>
    [...Map.groupBy(groups, keyOf)]
      .sort(([a], [b]) => compareKeys(a, b))
      .map(([key, some]) => ({ key, ...part(some) }));
  const cells = [...Map.groupBy(groups, ({ abc, rfm, stage }) => JSON.stringify([abc, rfm, stage]))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, some]) => {
      const { abc, rfm, stage } = some[0]!;
      return { abc, rfm, stage, ...part(some) };
    });
  return {
    total: part(groups),
    cells,
    abc: by(({ abc }) => abc),
    rfm: by(({ rfm }) => rfm),
    lifecycle: by(({ stage }) => stage),
  };
}

interface Whole {
  readonly customers: number;
  readonly revenue: ReadonlyMap<string, bigint>;
}

function wholeOf(groups: readonly PortfolioGroup[]): Whole {
  const revenue = new Map<string, bigint>();
  let customers = 0;
  for (const group of groups) {
    customers += group.customers;
    if (group.currency !== null) revenue.set(group.currency, (revenue.get(group.currency) ?? 0n) + group.revenueMinor);
  }
  return { customers, revenue };
}

function partOf(groups: readonly PortfolioGroup[], { whole, sees }: { whole: Whole; sees: boolean }): PortfolioPart {
  const customers = groups.reduce((sum, group) => sum + group.customers, 0);
  if (isTooSmall(customers, sees)) return { customers: null, share: null, money: [], suppressed: true };
  const bought = Map.groupBy(
    groups.filter(({ currency }) => currency !== null),
    ({ currency }) => currency!,
  );
  const money = [...bought]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, some]) => moneyOf(currency, some, whole));
  return {
    customers,
    share: whole.customers > 0 ? customers / whole.customers : null,
    money: money.filter((one) => !isTooSmall(one.customers, sees)),
    suppressed: false,
  };
}

function moneyOf(currency: string, groups: readonly PortfolioGroup[], whole: Whole): PortfolioMoney {
  const sum = (pick: (group: PortfolioGroup) => bigint) => groups.reduce((all, group) => all + pick(group), 0n);
  const revenueMinor = sum((group) => group.revenueMinor);
  const [costedMinor, costMinor] = [sum((group) => group.costedMinor), sum((group) => group.costMinor)];
  const all = whole.revenue.get(currency)!;
  return {
    currency,
    customers: groups.reduce((count, group) => count + group.customers, 0),
    revenueMinor,
    revenueShare: all > 0n ? Number(revenueMinor) / Number(all) : null,
    costedMinor,
    marginMinor: costedMinor === 0n && costMinor === 0n ? null : costedMinor - costMinor,
  };
}

/** Those without a class come last. */
function compareKeys(one: string | null, other: string | null): number {
  if (one === other) return 0;
  if (one === null) return 1;
  return other === null || one < other ? -1 : 1;
}
