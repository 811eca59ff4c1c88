import { registerEnumType } from 'type-graphql';
import { baseKeys } from './catalogue/base.ts';
import { coreDimensions } from './catalogue/core-dimensions.ts';
import type { Dimension } from './catalogue/dimension.ts';
import { measureFormats } from './catalogue/measure.ts';
import { allMeasures } from './metric-catalog.ts';
import { metricGrains } from './metric-query.ts';
import { metricWarnings } from './metric-table.ts';

type Names<T extends string> = { readonly [Name in T]: Name };

function namesOf<T extends string>(keys: readonly T[]): Names<T> {
  return Object.fromEntries(keys.map((key) => [key, key])) as Names<T>;
}

/** Said once, in the catalogue. */
export const MetricMeasureEnum = namesOf(allMeasures.map(({ key }) => key));

registerEnumType(MetricMeasureEnum, {
  name: 'MetricMeasure',
  description: 'What can be measured. `metricCatalog` says more of each, and what it can be split by.',
  valuesConfig: Object.fromEntries(allMeasures.map(({ key, description }) => [key, { description }])),
});

const dimensionNames: Record<string, string> = {};
const dimensionDescriptions: Record<string, { description: string }> = {};

/** For modules further up that add dimensions to the catalogue: at load, before the schema is made. */
export function registerDimensions(dimensions: readonly Dimension[]): void {
  for (const { key, description } of dimensions) {
    dimensionNames[key] = key;
    dimensionDescriptions[key] = { description };
  }
}

registerDimensions(coreDimensions);

export const MetricDimensionEnum: Readonly<Record<string, string>> = dimensionNames;

registerEnumType(MetricDimensionEnum, {
  name: 'MetricDimension',
  description: 'What measures can be split and filtered by. What is said of customers is so as of now.',
  valuesConfig: dimensionDescriptions,
});

export const MetricGrainEnum = namesOf(metricGrains);

registerEnumType(MetricGrainEnum, {
  name: 'MetricGrain',
  description: 'How time is cut, by the calendar of a time zone.',
  valuesConfig: {
    HOUR: { description: 'Hours of the clock: one that comes twice in autumn is two.' },
    DAY: { description: 'Days, of 23 or 25 hours where clocks are changed.' },
    WEEK: { description: 'From Monday to Sunday.' },
    MONTH: { description: 'Calendar months.' },
    QUARTER: { description: 'Quarters of the calendar year.' },
    YEAR: { description: 'Calendar years.' },
  },
});

export const MetricFilterOperatorEnum = namesOf(['IN', 'NOT_IN', 'IS_NULL', 'IS_NOT_NULL'] as const);

registerEnumType(MetricFilterOperatorEnum, {
  name: 'MetricFilterOperator',
  description: 'How a dimension is tested.',
  valuesConfig: {
    IN: { description: 'It has one of the values.' },
    NOT_IN: { description: 'It has none of the values; what has no value at all does not.' },
    IS_NULL: { description: 'It has no value.' },
    IS_NOT_NULL: { description: 'It has a value.' },
  },
});

export const MetricDirectionEnum = namesOf(['ASC', 'DESC'] as const);

registerEnumType(MetricDirectionEnum, {
  name: 'MetricDirection',
  description: 'Which way rows are ordered. What has no value comes last either way.',
  valuesConfig: { ASC: { description: 'The least first.' }, DESC: { description: 'The greatest first.' } },
});

export const MetricReturnsEnum = namesOf(['RETURN_DATE', 'ORDER_DATE'] as const);

registerEnumType(MetricReturnsEnum, {
  name: 'MetricReturns',
  description: 'When what was returned is taken off.',
  valuesConfig: {
    RETURN_DATE: { description: 'When it was returned: closed periods stay as they are.' },
    ORDER_DATE: {
      description:
        'When it was ordered: what became of the orders of a period. Returns of orders that nobody knows stay where they are.',
    },
  },
});

export const MetricPreviousEnum = namesOf(['PERIOD', 'YEAR'] as const);

registerEnumType(MetricPreviousEnum, {
  name: 'MetricPrevious',
  description: 'What a period is compared with.',
  valuesConfig: {
    PERIOD: { description: 'The one before: of as many months or days if it is made of whole ones, else as long.' },
    YEAR: { description: 'The same dates a year earlier; with weeks 52 weeks earlier.' },
  },
});

export const MetricColumnKindEnum = namesOf(['TIME', 'DIMENSION', 'MEASURE', 'PART', 'COMPARISON'] as const);

registerEnumType(MetricColumnKindEnum, {
  name: 'MetricColumnKind',
  description: 'What a column is about.',
  valuesConfig: {
    TIME: { description: 'When the bucket begins.' },
    DIMENSION: { description: 'A value of a dimension.' },
    MEASURE: { description: 'A measure.' },
    PART: { description: 'What a ratio is made of: numerator, denominator, observations, standard error.' },
    COMPARISON: { description: 'A measure in the period to compare with.' },
  },
});

export const MetricColumnTypeEnum = namesOf(['TEXT', 'TIME', 'COUNT', 'DECIMAL', 'FLOAT'] as const);

registerEnumType(MetricColumnTypeEnum, {
  name: 'MetricColumnType',
  description: 'What the values of a column are. Any of them can be null.',
  valuesConfig: {
    TEXT: { description: 'Text.' },
    TIME: { description: 'An instant, as RFC 3339 text.' },
    COUNT: { description: 'A whole number.' },
    DECIMAL: { description: 'An exact decimal number, written as a JSON number.' },
    FLOAT: { description: 'A floating-point number.' },
  },
});

export const MetricFormatEnum = namesOf(measureFormats);

registerEnumType(MetricFormatEnum, {
  name: 'MetricFormat',
  description: 'What the numbers of a measure mean, and how to show them.',
  valuesConfig: {
    MONEY: { description: 'An amount in units of a currency.' },
    COUNT: { description: 'A whole number.' },
    QUANTITY: { description: 'Pieces, with decimal places where there are any.' },
    PERCENT: { description: 'A part of 1: show 0.25 as 25 %.' },
    AVERAGE: { description: 'So many for each.' },
    SCORE: { description: 'Points on the scale of the survey; NPS from −100 to 100.' },
    HOURS: { description: 'Hours.' },
    POINTS: { description: 'Loyalty points.' },
  },
});

export const MetricBaseEnum = namesOf(baseKeys);

registerEnumType(MetricBaseEnum, {
  name: 'MetricBase',
  description: 'What measures are computed from. Its time is the one that periods are about.',
  valuesConfig: {
    PURCHASES: { description: 'Orders and returns, by when they took place.' },
    LINES: { description: 'Lines of orders and returns: takes the place of PURCHASES with CATEGORY and SKU.' },
    BUYERS: { description: 'Customers in each row, by when they ordered.' },
    TOUCHPOINTS: { description: 'All touchpoints, by when they took place.' },
    CUSTOMERS: { description: 'Customers, by when they were first seen.' },
    SCORES: { description: 'Customers who have been scored, by when they were first seen.' },
    SPENDING: { description: 'Customers with an order or a return, by when they were first seen.' },
    POSTINGS: { description: 'Rows of the loyalty ledger, by when they were entered.' },
    LOTS: { description: 'Points that were granted together, by when they were earned.' },
    MEMBERSHIPS: { description: 'Memberships as of now, by when they began.' },
    NPS: { description: 'Answers to NPS surveys, the latest of each customer.' },
    CSAT: { description: 'Answers to CSAT surveys, the latest of each customer.' },
    CES: { description: 'Answers to CES surveys, the latest of each customer.' },
    CASES: { description: 'That cases were opened and resolved, by when that was.' },
    RESOLUTIONS: { description: 'Cases, by when they were opened.' },
    LOSSES: { description: 'That customers became LOST, by when that was.' },
    WIN_BACKS: { description: 'That lost customers were won back, by when that was.' },
  },
});

export const MetricSourceEnum = namesOf(['ROLLUP', 'FACTS'] as const);

registerEnumType(MetricSourceEnum, {
  name: 'MetricSource',
  description: 'What numbers were added up from. It makes no difference to them.',
  valuesConfig: {
    ROLLUP: { description: 'Sums by the hour.' },
    FACTS: { description: 'Everything that happened, one by one.' },
  },
});

export const MetricWarningCodeEnum = namesOf(metricWarnings);

registerEnumType(MetricWarningCodeEnum, {
  name: 'MetricWarningCode',
  description: 'What whoever reads the numbers should know.',
  valuesConfig: {
    SUPPRESSED: { description: 'Numbers about fewer than five are left out: null in their rows.' },
    FEW_OBSERVATIONS: { description: 'Values are of fewer than 30 observations.' },
    MIXED_TOTAL: { description: 'There is no total over several currencies or variants of a survey.' },
    ROUNDED: { description: 'A number has more than 15 digits, which JSON numbers have not: downloads have all.' },
    SCORES_MISSING: { description: 'Customers have not been scored yet.' },
  },
});
