import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CaseEvent, type CaseEventKind, caseTime } from '../../../src/kpis/analyses/voice/case-clock.ts';
import {
  type Duration,
  survivalCurve,
  survivalQuantile,
  thinned,
} from '../../../src/kpis/analyses/voice/kaplan-meier.ts';
import { npsOf } from '../../../src/kpis/analyses/voice/nps.ts';

describe('NPS', () => {
  test('60 promoters, 25 passives, 15 detractors: 45 ± 7.4', () => {
    const { score, standardError, lowest, highest, few } = npsOf(
      { promoters: 60, passives: 25, detractors: 15 },
      false,
    );
    expect([score, standardError!.toFixed(1), few]).toEqual([45, '7.4', false]);
    expect([lowest!.toFixed(1), highest!.toFixed(1)]).toEqual(['30.5', '59.5']);
  });

  test.each([
    [29, true],
    [30, false],
  ])('of %i answers: few is %s', (promoters, few) => {
    expect(npsOf({ promoters, passives: 0, detractors: 0 }, true)).toMatchObject({ few, score: 100, highest: 100 });
  });

  test('without answers there is none, and four are not told to everybody', () => {
    const four = { promoters: 4, passives: 0, detractors: 0 };
    expect(npsOf({ promoters: 0, passives: 0, detractors: 0 }, false)).toMatchObject({
      score: null,
      suppressed: false,
    });
    expect(npsOf(four, false)).toMatchObject({ score: null, counts: null, suppressed: true });
    expect(npsOf(four, true)).toMatchObject({ score: 100, suppressed: false });
    expect(npsOf({ ...four, detractors: 1 }, false)).toMatchObject({ score: 60, suppressed: false });
  });
});

describe('the survival curve', () => {
  /** Freireich 1963, 6-MP arm, as in every textbook: censored times with a plus. */
  const remission = '6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+'.split(' ').map((text) => {
    return { time: Number.parseInt(text, 10), censored: text.endsWith('+') };
  });

  test('is that of the textbook', () => {
    expect(survivalCurve(remission).map(({ time, atRisk, survival }) => [time, atRisk, survival.toFixed(4)])).toEqual([
      [6, 21, '0.8571'],
      [7, 17, '0.8067'],
      [10, 15, '0.7529'],
      [13, 12, '0.6902'],
      [16, 11, '0.6275'],
      [22, 7, '0.5378'],
      [23, 6, '0.4482'],
    ]);
  });

  test('has a median, and no p90 as long as so many are open', () => {
    const steps = survivalCurve(remission);
    expect([survivalQuantile(steps, 0.5), survivalQuantile(steps, 0.9)]).toEqual([23, null]);
  });

  test('without open ones is the empirical distribution', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(50), { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0.01, max: 1 }),
        (times, p) => {
          const steps = survivalCurve(times.map((time) => ({ time, censored: false })));
          const ascending = [...times].sort((a, b) => a - b);
          const place = ascending.findIndex((_, index) => (index + 1) / times.length >= p - 1e-12);
          expect(survivalQuantile(steps, p)).toBe(ascending[place]);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('ends where all that was left has ended, and has no step without an end', () => {
    const open: Duration[] = [{ time: 1, censored: true }];
    expect(survivalCurve(open)).toEqual([]);
    expect(survivalCurve([...open, { time: 2, censored: false }]).at(-1)!.survival).toBe(0);
    expect(survivalQuantile([], 0.5)).toBeNull();
  });

  test('is thinned with its last step', () => {
    const steps = survivalCurve(Array.from({ length: 1_000 }, (_, time) => ({ time, censored: false })));
    const few = thinned(steps, 200);
    expect([few.length, few.at(-1), new Set(few).size]).toEqual([200, steps.at(-1), 200]);
    expect(thinned(steps.slice(0, 3), 200)).toHaveLength(3);
  });
});

describe('how long a case took', () => {
  const now = new Date('2026-11-01T00:00:00Z');
  const events = (text: string): CaseEvent[] =>
    text.split(' ').map((one) => {
      const [kind, hour] = one.split('@');
      return { kind: `CASE_${kind}` as CaseEventKind, at: new Date(Date.UTC(2026, 9, 1, Number(hour))) };
    });
  const hours = (text: string) => caseTime(events(text), now)!.milliseconds / 3_600_000;

  test.each([
    ['until it is resolved', 'OPENED@0 RESOLVED@10', 10],
    ['without the time in which we waited', 'OPENED@0 WAITING@2 RESUMED@5 RESOLVED@10', 7],
    ['waiting ends when it is resolved', 'OPENED@0 WAITING@2 RESOLVED@10', 2],
    ['goes on when it is reopened', 'OPENED@0 RESOLVED@4 REOPENED@10 RESOLVED@13', 7],
    ['by the first resolution of several', 'OPENED@0 RESOLVED@4 RESOLVED@9', 4],
    ['waiting that is said twice is one', 'OPENED@0 WAITING@2 WAITING@3 RESUMED@5 RESOLVED@6', 3],
    ['who is resolved waits for nobody', 'OPENED@0 RESOLVED@4 WAITING@5 RESUMED@6', 4],
    ['what is said before it was opened says nothing', 'RESOLVED@0 WAITING@1 OPENED@2 RESOLVED@5', 3],
    ['an opening that is told twice is one', 'OPENED@0 OPENED@3 RESOLVED@5', 5],
    ['at once', 'RESOLVED@3 OPENED@3', 0],
  ])('%s', (_name, text, expected) => {
    expect(hours(text)).toBe(expected);
    expect(caseTime(events(text), now)!.resolvedAt).not.toBeNull();
  });

  test('of an open case is how long it has taken so far', () => {
    const open = caseTime(events('OPENED@0 RESOLVED@4 REOPENED@10'), new Date(Date.UTC(2026, 9, 1, 12)))!;
    expect([open.milliseconds / 3_600_000, open.resolvedAt, open.reopened]).toEqual([6, null, true]);
    const waiting = caseTime(events('OPENED@0 WAITING@4'), now)!;
    expect([waiting.milliseconds / 3_600_000, waiting.resolvedAt]).toEqual([4, null]);
  });

  test('does not depend on the order in which it is told, nor on what is still to come', () => {
    const all = events('OPENED@0 WAITING@2 RESUMED@5 RESOLVED@10 REOPENED@20 RESOLVED@21');
    expect(caseTime(all.toReversed(), now)).toEqual(caseTime(all, now));
    expect(caseTime(all, new Date(Date.UTC(2026, 9, 1, 6)))).toMatchObject({
      resolvedAt: null,
      milliseconds: 3 * 3_600_000,
    });
    expect(caseTime(events('RESOLVED@3'), now)).toBeNull();
  });
});
