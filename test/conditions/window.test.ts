import { describe, expect, test } from 'vitest';
import { boundsOf, checkWindow, isWithin, periodEnd, type Window } from '../../src/conditions/window.ts';

const zurich = 'Europe/Zurich';

/** The first and the last millisecond of the window, as RFC 3339; null: since ever. */
function edges(window: Window, now: string, timeZone = zurich): [string | null, string] {
  const { after, through } = boundsOf(window, { now: new Date(now), timeZone });
  return [after && new Date(after.getTime() + 1).toISOString(), through.toISOString()];
}

describe('the instants of a window', () => {
  const now = '2026-11-01T12:00:00.000Z';

  test.each<[name: string, window: Window, from: string | null, to: string]>([
    ['ever', { ever: true }, null, now],
    ['the last 30 days are 720 hours', { last: { count: 30, unit: 'DAY' } }, '2026-10-02T12:00:00.001Z', now],
    ['the last week is 168 hours', { last: { count: 1, unit: 'WEEK' } }, '2026-10-25T12:00:00.001Z', now],
    [
      'ages from 2 hours to 5 minutes',
      { between: { from: { count: 2, unit: 'HOUR' }, to: { count: 5, unit: 'MINUTE' } } },
      '2026-11-01T10:00:00.001Z',
      '2026-11-01T11:55:00.000Z',
    ],
    ['from an instant', { absolute: { from: '2026-01-01T00:00:00.000Z' } }, '2026-01-01T00:00:00.000Z', now],
    ['up to an instant', { absolute: { to: '2026-01-01T00:00:00.000Z' } }, null, '2025-12-31T23:59:59.999Z'],
    [
      'up to an instant of the future: up to now',
      { absolute: { from: '2026-10-01T00:00:00.000Z', to: '2027-01-01T00:00:00.000Z' } },
      '2026-10-01T00:00:00.000Z',
      now,
    ],
    // Clocks were put back on October 25: midnight of the 24th is UTC+2, that of the 26th UTC+1.
    ['3 calendar days', { lastCalendar: { count: 3, unit: 'DAY' } }, '2026-10-28T23:00:00.000Z', now],
    ['8 calendar days', { lastCalendar: { count: 8, unit: 'DAY' } }, '2026-10-23T22:00:00.000Z', now],
    ['a calendar week', { lastCalendar: { count: 1, unit: 'WEEK' } }, '2026-10-24T22:00:00.000Z', now],
    ['a calendar month', { lastCalendar: { count: 1, unit: 'MONTH' } }, '2026-09-30T22:00:00.000Z', now],
    ['a calendar year', { lastCalendar: { count: 1, unit: 'YEAR' } }, '2025-10-31T23:00:00.000Z', now],
    // A Sunday: its week began on Monday, October 26.
    ['this week', { period: { unit: 'WEEK', ago: 0 } }, '2026-10-25T23:00:00.000Z', now],
    ['last week', { period: { unit: 'WEEK', ago: 1 } }, '2026-10-18T22:00:00.000Z', '2026-10-25T22:59:59.999Z'],
    ['last month', { period: { unit: 'MONTH', ago: 1 } }, '2026-09-30T22:00:00.000Z', '2026-10-31T22:59:59.999Z'],
    ['last quarter', { period: { unit: 'QUARTER', ago: 1 } }, '2026-06-30T22:00:00.000Z', '2026-09-30T21:59:59.999Z'],
    ['this year', { period: { unit: 'YEAR', ago: 0 } }, '2025-12-31T23:00:00.000Z', now],
    ['last year', { period: { unit: 'YEAR', ago: 1 } }, '2024-12-31T23:00:00.000Z', '2025-12-31T22:59:59.999Z'],
  ])('%s', (_, window, from, to) => {
    expect(edges(window, now)).toEqual([from, to]);
  });

  test.each<[name: string, now: string, window: Window, from: string]>([
    ['March 31', '2026-03-31T10:00:00Z', { lastCalendar: { count: 1, unit: 'MONTH' } }, '2026-02-27T23:00:00.000Z'],
    [
      'in a leap year',
      '2024-03-31T10:00:00Z',
      { lastCalendar: { count: 1, unit: 'MONTH' } },
      '2024-02-28T23:00:00.000Z',
    ],
    ['May 31', '2026-05-31T10:00:00Z', { lastCalendar: { count: 3, unit: 'MONTH' } }, '2026-02-27T23:00:00.000Z'],
    ['Feb 29', '2024-02-29T10:00:00Z', { lastCalendar: { count: 1, unit: 'YEAR' } }, '2023-02-27T23:00:00.000Z'],
  ])('where the month is too short, it begins on the last day of it: %s', (_, at, window, from) => {
    expect(edges(window, at)[0]).toBe(from);
  });

  test('a day has 23 or 25 hours when clocks change', () => {
    const today: Window = { period: { unit: 'DAY', ago: 0 } };
    const yesterday: Window = { period: { unit: 'DAY', ago: 1 } };
    expect(edges(today, '2026-03-29T21:59:59.999Z')).toEqual(['2026-03-28T23:00:00.000Z', '2026-03-29T21:59:59.999Z']);
    expect(edges(yesterday, '2026-03-30T10:00:00Z')).toEqual(['2026-03-28T23:00:00.000Z', '2026-03-29T21:59:59.999Z']);
    expect(edges(yesterday, '2026-10-26T10:00:00Z')).toEqual(['2026-10-24T22:00:00.000Z', '2026-10-25T22:59:59.999Z']);
  });

  test('a day in whose first hour clocks are put back begins once, whenever one asks', () => {
    const today: Window = { period: { unit: 'DAY', ago: 0 } };
    const azores = 'Atlantic/Azores';
    for (const now of [
      '2026-10-25T00:30:00Z',
      '2026-10-25T01:00:00Z',
      '2026-10-25T01:30:00Z',
      '2026-10-25T20:00:00Z',
    ]) {
      expect(edges(today, now, azores)[0]).toBe('2026-10-25T00:00:00.000Z');
    }
    expect(edges({ period: { unit: 'DAY', ago: 1 } }, '2026-10-26T12:00:00Z', azores)).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-26T00:59:59.999Z',
    ]);
    expect(edges({ lastCalendar: { count: 1, unit: 'DAY' } }, '2026-10-26T12:00:00Z', azores)[0]).toBe(
      '2026-10-25T00:00:00.000Z',
    );
  });

  test('a day begins at one o’clock where clocks are put forward at midnight', () => {
    const today: Window = { period: { unit: 'DAY', ago: 0 } };
    expect(edges(today, '2026-04-24T12:00:00Z', 'Africa/Cairo')[0]).toBe('2026-04-23T22:00:00.000Z');
  });

  test('both edges are exact to the millisecond', () => {
    const bounds = boundsOf({ last: { count: 1, unit: 'HOUR' } }, { now: new Date(now), timeZone: zurich });
    const isIn = (instant: string) => isWithin(new Date(instant), bounds);
    expect(['2026-11-01T11:00:00.000Z', '2026-11-01T11:00:00.001Z', now, '2026-11-01T12:00:00.001Z'].map(isIn)).toEqual(
      [false, true, true, false],
    );
  });

  test.each([
    ['DAY', '2026-10-25T23:00:00.000Z'],
    ['WEEK', '2026-10-25T23:00:00.000Z'],
    ['MONTH', '2026-10-31T23:00:00.000Z'],
    ['QUARTER', '2026-12-31T23:00:00.000Z'],
    ['YEAR', '2026-12-31T23:00:00.000Z'],
  ] as const)('the current %s ends', (unit, end) => {
    expect(periodEnd(unit, { now: new Date('2026-10-25T12:00:00Z'), timeZone: zurich }).toISOString()).toBe(end);
  });
});

describe('a window as it is given', () => {
  test('is stored in one spelling', () => {
    expect(checkWindow({ absolute: { from: '2026-01-01T01:00:00+01:00', to: null } } as never, 'w')).toEqual({
      absolute: { from: '2026-01-01T00:00:00.000Z' },
    });
    expect(checkWindow({ ever: true, last: null } as never, 'w')).toEqual({ ever: true });
  });

  test.each<[given: unknown, field: string, message: RegExp]>([
    [undefined, 'w', /exactly one kind of window, got none/],
    [{}, 'w', /got none/],
    [{ ever: true, last: { count: 1, unit: 'DAY' } }, 'w', /got ever and last/],
    [{ ever: false }, 'w.ever', /Expected `true`, got false/],
    [{ since: 1 }, 'w.since', /Expected a window: ever, last/],
    [{ last: { count: 0, unit: 'DAY' } }, 'w.last.count', /from 1 to ten years, got 0/],
    [{ last: { count: 1.5, unit: 'DAY' } }, 'w.last.count', /got 1.5/],
    [{ last: { count: 4000, unit: 'DAY' } }, 'w.last.count', /got 4000/],
    [
      { between: { from: { count: 1, unit: 'DAY' }, to: { count: 24, unit: 'HOUR' } } },
      'w.between.from',
      /`from` to be longer ago/,
    ],
    [{ lastCalendar: { count: 11, unit: 'YEAR' } }, 'w.lastCalendar.count', /1 to 10 calendar years, got 11/],
    [
      { lastCalendar: { count: 1, unit: 'QUARTER' } },
      'w.lastCalendar.unit',
      /Expected DAY, WEEK, MONTH, YEAR; got "QUARTER"/,
    ],
    [{ period: { unit: 'MONTH', ago: -1 } }, 'w.period.ago', /0 \(the current one\) to 120 months ago, got -1/],
    [{ period: { unit: 'DECADE', ago: 0 } }, 'w.period.unit', /got "DECADE"/],
    [{ absolute: {} }, 'w.absolute', /`from`, `to` or both/],
    [
      { absolute: { from: '2026-01-02T00:00:00Z', to: '2026-01-02T01:00:00+01:00' } },
      'w.absolute.to',
      /`from` before `to`/,
    ],
    [{ absolute: { from: '2026-01-01' } }, 'w.absolute.from', /RFC 3339 instant, got "2026-01-01"/],
    // Would be another instant on another machine.
    [{ absolute: { to: '2026-01-01T00:00:00' } }, 'w.absolute.to', /RFC 3339/],
    [{ absolute: { to: '2026-02-30T00:00:00Z' } }, 'w.absolute.to', /RFC 3339/],
    [{ absolute: { to: '0001-01-01T00:00:00Z' } }, 'w.absolute.to', /RFC 3339/],
  ])('is refused where nothing can lie in it: %j', (given, field, message) => {
    expect(() => checkWindow(given as Window, 'w')).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringMatching(message), details: { field } }),
    );
  });
});
