import { describe, expect, it } from 'vitest';
import { calibrate, holdOut } from '../../../src/kpis/clv/holdout.ts';
import { lifetimeValue } from '../../../src/kpis/clv/lifetime-value.ts';
import { groupHistories, historiesOf, type Purchase } from '../../../src/kpis/clv/purchases.ts';

const purchases: Purchase[] = [
  { customer: 'ann', day: 21, amount: 30 },
  { customer: 'ann', day: 0, amount: 99 },
  { customer: 'ann', day: 0, amount: 5 },
  { customer: 'ann', day: 7, amount: 10 },
  { customer: 'ann', day: 7, amount: 15 },
  { customer: 'ann', day: 28, amount: 1000 },
  { customer: 'ann', day: 30, amount: 1 },
  { customer: 'ann', day: 30, amount: 1 },
  { customer: 'ann', day: 50, amount: 1 },
  { customer: 'bob', day: 21, amount: 7 },
  { customer: 'cy', day: 22, amount: 7 },
];
const observation = { until: 21, daysPerUnit: 7 };

describe('Histories of customers', () => {
  it('count days, leave the first one out, and end with the last day observed', () => {
    expect(historiesOf(purchases, observation)).toEqual([
      { customer: 'ann', repeats: 2, recency: 3, age: 3, meanSpend: 27.5 },
      { customer: 'bob', repeats: 0, recency: 0, age: 0, meanSpend: 0 },
    ]);
  });

  it('refuse a time of day', () => {
    expect(() => historiesOf([{ customer: 'ann', day: 1.5, amount: 1 }], observation)).toThrow(RangeError);
  });

  it('are grouped where equal', () => {
    const one = { repeats: 1, recency: 2, age: 3 };
    expect(groupHistories([one, { repeats: 0, recency: 0, age: 3 }, { ...one }])).toEqual([
      { ...one, customers: 2 },
      { repeats: 0, recency: 0, age: 3, customers: 1 },
    ]);
  });
});

describe('A holdout period', () => {
  const histories = holdOut(purchases, { ...observation, holdoutUntil: 42 });

  it('counts the days with purchases after the histories, of those who had begun', () => {
    expect(histories.map(({ customer, actual }) => [customer, actual])).toEqual([
      ['ann', 2],
      ['bob', 0],
    ]);
  });

  it('is compared with predictions by repeats', () => {
    const report = calibrate(histories, ({ repeats }) => 0.5 + repeats, { lastBin: 1 });
    expect(report).toEqual({
      bins: [
        { repeats: 0, orMore: false, customers: 1, predicted: 0.5, actual: 0 },
        { repeats: 1, orMore: true, customers: 1, predicted: 2.5, actual: 2 },
      ],
      customers: 2,
      predicted: 3,
      actual: 2,
      meanAbsoluteError: 0.5,
    });
    expect(calibrate([], () => 1, { lastBin: 7 })).toMatchObject({ bins: [], meanAbsoluteError: null });
  });
});

describe('The lifetime value', () => {
  const terms = { purchases: (t: number) => 2 * t, spend: 50, margin: 0.3, periods: 3, period: 0.5, discountRate: 0.1 };

  it("sums each period's purchases, discounted from its end", () => {
    const factor = 1 / 1.1 + 1 / 1.21 + 1 / 1.331;
    expect(lifetimeValue(terms)).toBeCloseTo(0.3 * 50 * factor, 12);
    expect(lifetimeValue({ ...terms, discountRate: 0 })).toBeCloseTo(0.3 * 50 * 3, 12);
    expect(lifetimeValue({ ...terms, periods: 0 })).toBe(0);
  });

  it('refuses terms that make no sense', () => {
    for (const wrong of [
      { periods: 1.5 },
      { periods: -1 },
      { period: 0 },
      { discountRate: -1 },
      { discountRate: Number.NaN },
    ])
      expect(() => lifetimeValue({ ...terms, ...wrong })).toThrow(RangeError);
  });
});
