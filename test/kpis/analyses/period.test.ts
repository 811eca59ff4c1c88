import { describe, expect, test } from 'vitest';
import { type AnalysisGrain, bucketsOf, periodOf, withFurther } from '../../../src/kpis/analyses/period.ts';

const edgesOf = (from: string, to: string, grain: AnalysisGrain, timezone = 'Europe/Zurich') =>
  bucketsOf(periodOf({ from, to, timezone }, 'UTC'), grain, 1_000).edges.map((edge) => edge.toISOString());

describe('buckets', () => {
  test.each<[string, string, AnalysisGrain, string, string[]]>([
    // Both sides of the last Sunday of March.
    ['2026-03-01', '2026-05-01', 'MONTH', 'Europe/Zurich', ['2026-02-28T23', '2026-03-31T22', '2026-04-30T22']],
    ['2026-03-25', '2026-03-26', 'WEEK', 'Europe/Zurich', ['2026-03-22T23', '2026-03-29T22']],
    // Monday begins its week, and Sunday ends it.
    ['2026-03-23', '2026-03-30', 'WEEK', 'UTC', ['2026-03-23T00', '2026-03-30T00']],
    ['2026-03-22', '2026-03-23', 'WEEK', 'UTC', ['2026-03-16T00', '2026-03-23T00']],
    ['2026-02-15', '2026-04-01', 'QUARTER', 'America/New_York', ['2026-01-01T05', '2026-04-01T04']],
    ['2024-02-29', '2025-01-01', 'YEAR', 'Asia/Kathmandu', ['2023-12-31T18:15', '2024-12-31T18:15']],
  ])('from %s to %s by %s in %s', (from, to, grain, zone, expected) => {
    expect(edgesOf(from, to, grain, zone)).toEqual(expected.map((one) => expect.stringContaining(one)));
  });

  test('an instant within the last one takes it in, its very end does not take the next', () => {
    expect(edgesOf('2026-01-01', '2026-01-31T22:59:59.999Z', 'MONTH')).toHaveLength(2);
    expect(edgesOf('2026-01-01', '2026-01-31T23:00:00Z', 'MONTH')).toHaveLength(2);
    expect(edgesOf('2026-01-01', '2026-01-31T23:00:00.001Z', 'MONTH')).toHaveLength(3);
  });

  test('go on after the last', () => {
    const period = periodOf({ from: '2026-01-01', to: '2026-02-01' }, 'UTC');
    const buckets = bucketsOf(period, 'MONTH', 10);
    const further = withFurther(buckets, { calendar: period.calendar, grain: 'MONTH', count: 2 });
    expect(further.days).toEqual(['2026-01-01', '2026-02-01', '2026-03-01', '2026-04-01']);
  });

  test.each([
    [
      { from: '2026-01-01', to: '2027-02-01' },
      { field: 'to', reason: 'LIMIT_EXCEEDED', limit: 12 },
    ],
    [{ from: '1899-12-31', to: '2027-02-01' }, { field: 'from' }],
    [{ from: '2026-13-01', to: '2027-02-01' }, { field: 'from' }],
    [{ from: '2026-01-01T10:00:00', to: '2027-02-01' }, { field: 'from' }],
    [{ from: '2026-01-01', to: '2026-01-01T00:00:00Z' }, { field: 'from' }],
    [{ from: '2026-01-01', to: '2027-01-01', timezone: 'Mars' }, { field: 'timezone' }],
  ])('%o are refused', (input, details) => {
    const asked = () => bucketsOf(periodOf(input, 'UTC'), 'MONTH', 12);
    expect(asked).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT', details }));
  });
});
