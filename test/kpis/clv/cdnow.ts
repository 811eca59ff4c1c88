import { existsSync, readFileSync } from 'node:fs';
import type { SpendGroup } from '../../../src/kpis/clv/gamma-gamma.ts';
import type { HistoryGroup } from '../../../src/kpis/clv/history.ts';
import type { Purchase } from '../../../src/kpis/clv/purchases.ts';

const folder = '../shared/data/cdnow';

/** Whether the CDNOW sample is here; says so where it isn't. */
export function isCdnowHere(what: string): boolean {
  const present = existsSync(`${folder}/CDNOW_sample.txt`);
  if (!present) console.warn(`Skipped: ${folder} is not here, so ${what} against the CDNOW data.`);
  return present;
}

/** The published summary: x, t_x and T in weeks with two decimals, and the mean worth of repeats. */
export function cdnowSummary(): (HistoryGroup & SpendGroup)[] {
  const lines = readFileSync(`${folder}/cdnow_customers_summary_with_transactions.csv`, 'utf8').trim().split('\n');
  return lines.slice(1).map((line) => {
    const [, repeats, recency, age, meanSpend] = line.split(',').map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    return { repeats, recency, age, meanSpend, customers: 1 };
  });
}

/** The transactions themselves: number in the full data, number in the sample, day, CDs, dollars. */
export function cdnowPurchases(): Purchase[] {
  const lines = readFileSync(`${folder}/CDNOW_sample.txt`, 'latin1').trim().split('\n');
  return lines.map((line) => {
    const [, customer, date, , amount] = line.trim().split(/\s+/) as [string, string, string, string, string];
    return { customer, day: dayOf(date), amount: Number(amount) };
  });
}

/** Days since 1970 of such as 19970930. */
function dayOf(date: string): number {
  return Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6))) / 86_400_000;
}

/** 39 weeks from 1997-01-01, and 39 more. */
export const cdnowPeriods = { until: dayOf('19970930'), holdoutUntil: dayOf('19980630'), daysPerUnit: 7 };
