import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { comparisonOf, hasWholeHours, periodOf, startsOf } from '../../../src/kpis/metrics/metric-period.ts';
import { type MetricGrain, type MetricTime, metricGrains } from '../../../src/kpis/metrics/metric-query.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';

const zone = 'Europe/Zurich';
const period = (time: MetricTime) => periodOf(time, { zone, most: 10_000 });
const iso = (dates: readonly Date[]) => dates.map((date) => date.toISOString());

describe('a period', () => {
  test('of dates is of days in the zone', () => {
    const { from, to } = period({ from: '2026-03-29', to: '2026-03-30' });
    expect(iso([from, to])).toEqual(['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z']);
  });

  test.each([
    ['from', { from: '2026-02-30', to: '2026-03-30' }],
    ['from', { from: '30.3.2026', to: '2026-03-30' }],
    ['from', { from: '2026-03-30', to: '2026-03-30' }],
    ['to', { from: '2026-03-30', to: '2026-03-30T10:00:00' }],
    ['from', { from: '0026-03-30', to: '2026-03-30' }],
    ['timezone', { from: '2026-03-29', to: '2026-03-30', timezone: 'Europe/Bern2' }],
    ['fill', { from: '2026-03-29', to: '2026-03-30', fill: true }],
    ['grain', { from: '1990-01-01', to: '2030-01-01', grain: 'HOUR' }],
  ] as const)('that makes no sense is refused: %s', (field, time) => {
    expect(() => period(time)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field: `time.${field}` } }),
    );
  });
});

describe('buckets', () => {
  test('of hours are 23 on the day on which clocks go forward, and 25 when they go back', () => {
    const hours = (from: string, to: string) => period({ from, to, grain: 'HOUR' }).starts;
    expect(hours('2026-03-29', '2026-03-30')).toHaveLength(23);
    expect(hours('2026-10-25', '2026-10-26')).toHaveLength(25);
    expect(iso(hours('2026-10-25', '2026-10-26')).slice(2, 4)).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T01:00:00.000Z',
    ]);
  });

  test('begin at midnight of the zone, whichever side of a change it is', () => {
    expect(iso(period({ from: '2026-03-28', to: '2026-03-31', grain: 'DAY' }).starts)).toEqual([
      '2026-03-27T23:00:00.000Z',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
  });

  test('begin before the period if it begins within one', () => {
    expect(iso(period({ from: '2026-03-18', to: '2026-05-02', grain: 'MONTH', timezone: 'UTC' }).starts)).toEqual([
      '2026-03-01T00:00:00.000Z',
      '2026-04-01T00:00:00.000Z',
      '2026-05-01T00:00:00.000Z',
    ]);
    expect(iso(period({ from: '2026-03-18', to: '2026-03-19', grain: 'WEEK', timezone: 'UTC' }).starts)).toEqual([
      '2026-03-16T00:00:00.000Z',
    ]);
  });

  test('know zones of half hours', () => {
    const day = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-01-02T00:00:00Z') };
    expect(hasWholeHours(day, 'Europe/Zurich')).toBe(true);
    expect(hasWholeHours(day, 'Asia/Kolkata')).toBe(false);
    expect(hasWholeHours(day, 'Asia/Kathmandu')).toBe(false);
    const winter = { from: new Date('2026-06-01T00:00:00Z'), to: new Date('2026-06-02T00:00:00Z') };
    expect(hasWholeHours(day, 'Australia/Lord_Howe')).toBe(true);
    expect(hasWholeHours(winter, 'Australia/Lord_Howe')).toBe(false);
  });
});

describe('against PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  // Zones of which Node's and PostgreSQL's time zone data, of different ages, say the same.
  const zones = [
    ...[
      'Europe/Zurich',
      'America/New_York',
      'America/St_Johns',
      'Asia/Kolkata',
      'Asia/Kathmandu',
      'Pacific/Apia',
      'UTC',
    ],
    'Australia/Sydney',
  ];

  test('any instant lies in the bucket that date_trunc says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...zones),
        fc.constantFrom<MetricGrain>(...metricGrains),
        fc.date({ min: new Date('2015-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
        fc.integer({ min: 1, max: 40 }),
        async (timezone, grain, from, hours) => {
          const to = new Date(from.getTime() + hours * 7_000_000);
          const starts = startsOf({ from, to }, grain, timezone);
          const rows = await database.pool<{ start: Date }[]>`
            select distinct date_trunc(${grain}, t, ${timezone}) as start
            from (
              select generate_series(${from}::timestamptz, ${to}::timestamptz, interval '5 minutes') as t
              union all select ${to}::timestamptz - interval '1 millisecond'
            ) as times where t < ${to} order by 1`;
          expect(iso(starts)).toEqual(iso(rows.map(({ start }) => start)));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a comparison', () => {
  const compare = (time: MetricTime, previous: 'PERIOD' | 'YEAR') => {
    const one = period(time);
    const { from, to, starts, pairs } = comparisonOf({ previous }, one);
    return {
      span: iso([from, to]),
      pairs: pairs.map(([bucket, before]) => [
        one.starts[bucket]!.toISOString().slice(0, 13),
        starts[before]!.toISOString().slice(0, 13),
      ]),
    };
  };

  test('of a month is with the month before, however long', () => {
    expect(compare({ from: '2026-03-01', to: '2026-04-01', timezone: 'UTC' }, 'PERIOD').span).toEqual([
      '2026-02-01T00:00:00.000Z',
      '2026-03-01T00:00:00.000Z',
    ]);
  });

  test('of days is with as many days, across a change of clocks', () => {
    expect(compare({ from: '2026-03-29', to: '2026-04-05' }, 'PERIOD').span).toEqual([
      '2026-03-21T23:00:00.000Z',
      '2026-03-28T23:00:00.000Z',
    ]);
  });

  test('of anything else is with as long a time', () => {
    expect(compare({ from: '2026-03-29T10:30:00Z', to: '2026-03-29T12:00:00Z' }, 'PERIOD').span).toEqual([
      '2026-03-29T09:00:00.000Z',
      '2026-03-29T10:30:00.000Z',
    ]);
  });

  test('with the year before is by date: 29 February has its own, and moves no other', () => {
    const { pairs } = compare({ from: '2025-02-27', to: '2025-03-03', grain: 'DAY', timezone: 'UTC' }, 'YEAR');
    expect(pairs.map(([day, before]) => `${day!.slice(5, 10)} ${before!.slice(0, 10)}`)).toEqual([
      '02-27 2024-02-27',
      '02-28 2024-02-28',
      '03-01 2024-03-01',
      '03-02 2024-03-02',
    ]);
  });

  test('of weeks is with the weeks 52 weeks before', () => {
    const { pairs } = compare({ from: '2026-01-05', to: '2026-01-19', grain: 'WEEK', timezone: 'UTC' }, 'YEAR');
    expect(pairs.map(([, before]) => before!.slice(0, 10))).toEqual(['2025-01-06', '2025-01-13']);
  });
});
