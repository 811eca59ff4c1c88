import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Calendar, endOf, periodStart, plusDays, plusMonths } from '../../../src/loyalty/earning/calendar.ts';
import { expiryOf } from '../../../src/loyalty/earning/earned.ts';
import type { Expiry } from '../../../src/loyalty/program.ts';
import { addDays, addMonths, firstDayOfPeriod, lastDayOf, NaiveCalendar } from '../oracle/days.ts';

/** Changes at midnight, at one, by half an hour, over the date line, at one minute past midnight. */
const zones = [
  ...['Europe/Zurich', 'America/New_York', 'America/Sao_Paulo', 'America/Havana', 'Asia/Beirut', 'Atlantic/Azores'],
  ...['Australia/Lord_Howe', 'Pacific/Apia', 'Asia/Kathmandu', 'America/St_Johns', 'Africa/Cairo', 'UTC'],
];
const days = fc.integer({ min: 0, max: 366 * 25 }).map((day) => addDays('2005-01-01', day));

describe('The calendar', () => {
  test.each(zones)('begins every day at its first instant, in %s', (zone) => {
    const [calendar, naive] = [new Calendar(zone), new NaiveCalendar(zone)];
    for (let day = '2010-09-30'; day < '2012-01-02'; day = addDays(day, 1)) {
      expect([day, calendar.startOf(day).toISOString()]).toEqual([day, new Date(naive.startOf(day)).toISOString()]);
    }
    for (let day = '2024-01-01'; day < '2026-01-02'; day = addDays(day, 1)) {
      expect([day, calendar.startOf(day).toISOString()]).toEqual([day, new Date(naive.startOf(day)).toISOString()]);
    }
  });

  test.each(zones)('knows the day of every instant, whatever was asked before, in %s', (zone) => {
    const [calendar, naive] = [new Calendar(zone), new NaiveCalendar(zone)];
    fc.assert(
      fc.property(days, fc.integer({ min: -7_200_000, max: 7_200_000 }), (day, offset) => {
        const at = new Date(naive.startOf(day) + offset);
        expect([at, calendar.dayOf(at)]).toEqual([at, naive.dayOf(at)]);
      }),
      { numRuns: 300 },
    );
  });

  test('skips midnight where the clock does: Brazil until 2018', () => {
    expect(new Calendar('America/Sao_Paulo').startOf('2018-11-04').toISOString()).toBe('2018-11-04T03:00:00.000Z');
  });

  test('begins a day with the first of two midnights: the Azores in autumn', () => {
    const calendar = new Calendar('Atlantic/Azores');
    expect(calendar.startOf('2026-10-25').toISOString()).toBe('2026-10-25T00:00:00.000Z');
    expect(calendar.dayOf(new Date('2026-10-25T00:30:00Z'))).toBe('2026-10-25');
  });

  test('counts months, days and periods as luxon does', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: -40, max: 130 }), fc.constantFrom(1, 3, 6, 12), (day, count, months) => {
        expect(plusMonths(day, count)).toBe(addMonths(day, count));
        expect(plusDays(day, count * 30)).toBe(addDays(day, count * 30));
        expect(periodStart(day, months)).toBe(firstDayOfPeriod(day, months));
        for (const unit of ['DAY', 'MONTH', 'YEAR'] as const) expect(endOf(day, unit)).toBe(lastDayOf(day, unit));
      }),
      { numRuns: 500 },
    );
  });
});

describe('Points expire', () => {
  const expiry = (count: number, unit: Expiry['unit'], of: Expiry['endOf']): Expiry => ({ count, unit, endOf: of });

  test.each<[string, string, Expiry, string]>([
    ['Europe/Zurich', '2025-01-31T12:00:00Z', expiry(1, 'MONTH', 'DAY'), '2025-02-28T23:00:00.000Z'],
    ['Europe/Zurich', '2024-01-31T12:00:00Z', expiry(1, 'MONTH', 'DAY'), '2024-02-29T23:00:00.000Z'],
    ['Europe/Zurich', '2024-02-29T12:00:00Z', expiry(1, 'YEAR', 'DAY'), '2025-02-28T23:00:00.000Z'],
    ['Europe/Zurich', '2026-03-28T12:00:00Z', expiry(1, 'DAY', 'DAY'), '2026-03-29T22:00:00.000Z'],
    ['Europe/Zurich', '2026-10-24T12:00:00Z', expiry(1, 'DAY', 'DAY'), '2026-10-25T23:00:00.000Z'],
    ['Europe/Zurich', '2026-10-24T22:30:00Z', expiry(1, 'DAY', 'DAY'), '2026-10-26T23:00:00.000Z'],
    ['America/New_York', '2026-03-07T12:00:00Z', expiry(1, 'DAY', 'DAY'), '2026-03-09T04:00:00.000Z'],
    ['America/New_York', '2026-11-01T03:30:00Z', expiry(1, 'DAY', 'DAY'), '2026-11-02T05:00:00.000Z'],
    ['America/Sao_Paulo', '2018-11-02T12:00:00Z', expiry(1, 'DAY', 'DAY'), '2018-11-04T03:00:00.000Z'],
    ['Europe/Zurich', '2026-05-17T12:00:00Z', expiry(12, 'MONTH', 'MONTH'), '2027-05-31T22:00:00.000Z'],
    ['Europe/Zurich', '2026-05-17T12:00:00Z', expiry(1, 'YEAR', 'YEAR'), '2027-12-31T23:00:00.000Z'],
  ])('in %s, earned at %s, by %j at %s', (zone, earnedAt, given, expiresAt) => {
    expect(expiryOf(given, new Date(earnedAt), new Calendar(zone)).toISOString()).toBe(expiresAt);
  });
});
