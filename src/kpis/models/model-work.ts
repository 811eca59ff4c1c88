import { expectedPurchases } from '../clv/bg-nbd-forecast.ts';
import type { History } from '../clv/history.ts';
import { type Calibration, calibrate, type HeldOutGroup } from '../clv/holdout.ts';
import { expectedPurchasesByPareto } from '../clv/pareto-nbd.ts';
import { type Fitted, fitModels, type ModelKind } from './fit-models.ts';
import type { HistoryTable, PurchaseStatistics } from './purchase-statistics.ts';

/** Histories up to the cut-off, and on how many days each bought in the days after it. */
export interface HeldOutTable extends HistoryTable {
  readonly actual: Int32Array;
}

/** What the models' thread is asked, and what it answers. */
export interface ModelWork {
  fit: { ask: { kind: ModelKind; statistics: PurchaseStatistics }; answer: Fitted };
  calibrate: {
    ask: { kind: ModelKind; heldOut: HeldOutTable; days: number; lastBin: number };
    answer: CalibratedModel;
  };
}

/** Null without a model: it did not converge. */
export interface CalibratedModel {
  readonly fitted: Fitted;
  readonly calibration: Calibration | null;
}

export type WorkName = keyof ModelWork;

export interface WorkMessage<Name extends WorkName = WorkName> {
  readonly name: Name;
  readonly ask: ModelWork[Name]['ask'];
}

type Handlers = { [Name in WorkName]: (ask: ModelWork[Name]['ask']) => ModelWork[Name]['answer'] };

const handlers: Handlers = {
  fit: ({ kind, statistics }) => fitModels(statistics, kind),
  calibrate: ({ kind, heldOut, days, lastBin }) => {
    const fitted = fitModels({ histories: heldOut, spends: [], secondOrders: [] }, kind);
    const predict = predictor(fitted, days);
    return { fitted, calibration: predict && calibrate(heldOutGroups(heldOut), predict, { lastBin }) };
  },
};

export function doWork<Name extends WorkName>(name: Name, ask: ModelWork[Name]['ask']): ModelWork[Name]['answer'] {
  return handlers[name](ask);
}

function predictor(fitted: Fitted, days: number): ((history: History) => number) | null {
  if (fitted.kind === 'BG_NBD') {
    const { purchases } = fitted;
    if (purchases.status !== 'CONVERGED') return null;
    return (history) => expectedPurchases(purchases.parameters, history, days);
  }
  const { purchases } = fitted;
  if (purchases.status !== 'CONVERGED') return null;
  return (history) => expectedPurchasesByPareto(purchases.parameters, history, days);
}

function heldOutGroups({ repeats, recency, age, customers, actual }: HeldOutTable): HeldOutGroup[] {
  return Array.from(repeats, (x, row) => {
    const history = { repeats: x, recency: recency[row]!, age: age[row]! };
    return { ...history, customers: customers[row]!, actual: actual[row]! };
  });
}
