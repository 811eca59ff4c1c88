import fc from 'fast-check';
import { DateTime } from 'luxon';
import { canSplit, type MetricCatalog, unmixedOf } from '../../../src/kpis/metrics/metric-catalog.ts';
import {
  type MetricFilter,
  type MetricGrain,
  type MetricQuery,
  type MetricTime,
  metricGrains,
} from '../../../src/kpis/metrics/metric-query.ts';
import type { OracleNode } from './node.ts';
import { edgeDays, zones } from './world-arbitrary.ts';

/** Values of dimensions that occur, and one that does not. */
const known: Readonly<Record<string, readonly string[]>> = {
  CHANNEL: ['WEB', 'POS', 'OTHER', 'SMS'],
  SOURCE: ['web', 'pos', 'crm', 'partner', 'nobody'],
  CAMPAIGN: ['spring', 'Ünïcode, "quoted"', ''],
  CURRENCY: ['EUR', 'JPY', 'KWD', 'CHF'],
  STORE: ['Bern', 'Zürich', 'Genf'],
  TOUCHPOINT_TYPE: ['order.completed', 'order.returned', 'page.viewed', 'no.such'],
  CATEGORY: ['food', 'drinks', 'toys'],
  SKU: ['bread', 'coffee', 'none'],
  IDENTIFIED: ['true', 'false'],
  COUNTRY: ['CH', 'DE', 'FR'],
  PROGRAM: ['Club', 'Circle', 'none'],
  TIER: ['bronze', 'silver', 'gold', 'none'],
  LIFECYCLE_STAGE: ['ANONYMOUS', 'NEW', 'ACTIVE', 'PROSPECT', 'DORMANT'],
  RISK_BAND: ['LOW', 'ELEVATED', 'HIGH'],
  RFM_SEGMENT: ['CHAMPIONS', 'LOST', 'AT_RISK', 'OTHERS'],
  ABC_CLASS: ['A', 'B', 'C'],
  ACQUISITION_MONTH: ['2025-09', '2026-03', '2026-10', '2026-11'],
  ACQUISITION_CHANNEL: ['WEB', 'POS'],
  SURVEY_VARIANT: ['short', 'long', 'CASE'],
  WALLET: ['points', 'none'],
  LOSS_CAUSE: ['EXIT', 'CONTRACT_ENDED'],
  SEGMENT: ['busy', 'swiss', 'none'],
};

const span: Readonly<Record<MetricGrain, number>> = {
  HOUR: 40,
  DAY: 500,
  WEEK: 600,
  MONTH: 800,
  QUARTER: 800,
  YEAR: 800,
};

/** Dates in the zone, or instants, whole hours or not. */
const times: fc.Arbitrary<MetricTime> = fc
  .record({
    grain: fc.option(fc.constantFrom(...metricGrains, 'DAY', 'MONTH'), { freq: 5 }),
    timezone: fc.constantFrom(...zones),
    day: fc.constantFrom('2025-08-15', ...edgeDays),
    days: fc.integer({ min: 1, max: 800 }),
    exact: fc.constantFrom<('DATES' | 'HOURS' | 'ODD')[]>('DATES', 'DATES', 'HOURS', 'ODD'),
    fill: fc.boolean(),
  })
  .map(({ grain, timezone, day, days, exact, fill }) => {
    const start = DateTime.fromISO(day, { zone: timezone });
    const end = start.plus({ days: Math.min(days, grain ? span[grain] : 800) });
    const written = (at: DateTime) => {
      if (exact === 'DATES') return at.toISODate()!;
      return at
        .plus(exact === 'ODD' ? { minutes: 17, milliseconds: 1 } : { hours: 5 })
        .toUTC()
        .toISO()!;
    };
    return { grain, timezone, from: written(start), to: written(end), fill: grain !== null && fill };
  });

const filterOf = (dimension: string): fc.Arbitrary<MetricFilter> =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(
          fc.constantFrom('IN' as const, 'NOT_IN' as const),
          fc.subarray([...(known[dimension] ?? ['x'])], { minLength: 1 }),
        )
        .map(([operator, values]) => ({ dimension, operator, values })),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('IS_NULL' as const, 'IS_NOT_NULL' as const)
        .map((operator) => ({ dimension, operator })),
    },
  );

/** With the period before, the same one of a year before, or a quarter of a year from some day on. */
function comparisonOf(time: MetricTime | null, before: string | null): NonNullable<MetricQuery['compareTo']> | null {
  if (!time || before === null || time.grain === 'HOUR') return null;
  if (before === 'PERIOD' || before === 'YEAR') return { previous: before };
  return { period: { from: before, to: DateTime.fromISO(before).plus({ months: 3 }).toISODate()! } };
}

/** Queries that make sense: all their measures can be split by all their dimensions. */
export function queriesOf(catalog: MetricCatalog, node: Pick<OracleNode, 'segments'>): fc.Arbitrary<MetricQuery> {
  return fc
    .record({
      measure: fc.constantFrom(...catalog.measures),
      dimensions: fc.array(fc.nat(), { maxLength: 2 }),
      filters: fc.array(fc.nat(), { maxLength: 2 }),
      others: fc.array(fc.constantFrom(...catalog.measures), { maxLength: 2 }),
      time: fc.option(times, { freq: 4 }),
      segments: fc.oneof(
        { weight: 4, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.subarray([...node.segments]) },
      ),
      returns: fc.constantFrom(...(['RETURN_DATE', 'RETURN_DATE', 'ORDER_DATE'] as const)),
      totals: fc.boolean(),
      parts: fc.boolean(),
      before: fc.option(fc.constantFrom(...(['PERIOD', 'YEAR', ...edgeDays.slice(0, 4)] as const)), { freq: 2 }),
      apart: fc.constantFrom(...(['SPLIT', 'SPLIT', 'FILTER', 'NOT'] as const)),
    })
    .chain(({ measure, dimensions, filters, others, apart, before, ...rest }) => {
      const possible = catalog.dimensionsOf(measure).map(({ key }) => key);
      const pick = (numbers: readonly number[]) => numbers.map((number) => possible[number % possible.length]!);
      const split = new Set(pick(dimensions));
      const filtered = new Set(pick(filters));
      const apartBy = unmixedOf(measure);
      if (apartBy && apart === 'SPLIT') split.add(apartBy);
      const fixed: MetricFilter[] =
        apartBy && apart === 'FILTER'
          ? [{ dimension: apartBy, operator: 'IN', values: [apartBy === 'CURRENCY' ? 'EUR' : 'short'] }]
          : [];
      const used = [...split, ...filtered, ...fixed.map(({ dimension }) => dimension)];
      // A tier is one of a programme.
      if (used.includes('TIER')) fixed.push({ dimension: 'PROGRAM', operator: 'IN', values: ['Club'] });
      const fitting = others.filter((other) => used.every((key) => canSplit(other, catalog.dimension(key)!)));
      const measures = [...new Set([measure, ...fitting])].map(({ key }) => key);
      return fc.tuple(...[...filtered].map(filterOf)).map((filters): MetricQuery => {
        const filter = [...filters, ...fixed];
        return { ...rest, measures, dimensions: [...split], filter, compareTo: comparisonOf(rest.time, before) };
      });
    });
}
