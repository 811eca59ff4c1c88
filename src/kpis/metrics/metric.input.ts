import { Extensions, Field, ID, InputType, Int } from 'type-graphql';
import { badInput } from '../../kernel/errors.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { Cursor, DateTime } from '../../kernel/scalars.ts';
import {
  MetricDimensionEnum,
  MetricDirectionEnum,
  MetricFilterOperatorEnum,
  MetricGrainEnum,
  MetricMeasureEnum,
  MetricPreviousEnum,
  MetricReturnsEnum,
} from './metric.enum.ts';
import type { MetricFilter, MetricGrain, MetricOrder, MetricQuery } from './metric-query.ts';

const half = 'An RFC 3339 instant, or a date, which stands for the beginning of that day in the zone.';

@InputType({ description: 'Of when, and how it is cut.' })
export class MetricTimeInput {
  @Field(() => MetricGrainEnum, {
    nullable: true,
    description: 'Cuts the period into buckets, each with its rows. Left out: the whole period at once.',
  })
  readonly grain?: MetricGrain | null;

  @Field(() => String, { description: `Beginning. ${half}` })
  readonly from!: string;

  @Field(() => String, { description: `End, which no longer belongs to it. ${half}` })
  readonly to!: string;

  @Field(() => String, {
    nullable: true,
    description: "IANA time zone of dates and buckets, such as `Europe/Zurich`. Left out: the organisation's.",
  })
  readonly timezone?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'A row for every bucket, also where nothing happened: sums and counts are 0 there, ratios null. Needs a grain.',
  })
  readonly fill?: boolean | null;
}

@InputType({ description: 'Only what fits.' })
export class MetricFilterInput {
  @Field(() => MetricDimensionEnum, { description: 'What is tested.' })
  readonly dimension!: string;

  @Field(() => MetricFilterOperatorEnum, { defaultValue: 'IN', description: 'How it is tested.' })
  readonly operator!: MetricFilter['operator'];

  @Field(() => [String], { nullable: true, description: 'For IN and NOT_IN: 1 to 1,000 values.' })
  readonly values?: string[] | null;
}

@InputType({ description: 'What rows are ordered by: exactly one of `measure`, `dimension` and `time`.' })
export class MetricOrderInput {
  @Field(() => MetricMeasureEnum, { nullable: true, description: 'A measure of the query.' })
  readonly measure?: string | null;

  @Field(() => MetricDimensionEnum, { nullable: true, description: 'A dimension of the query, by its characters.' })
  readonly dimension?: string | null;

  @Field(() => Boolean, { nullable: true, description: '`true`: by time.' })
  readonly time?: boolean | null;

  @Field(() => MetricDirectionEnum, { defaultValue: 'ASC', description: 'Which way.' })
  readonly direction!: 'ASC' | 'DESC';
}

@InputType({ description: 'A period, half-open.' })
export class MetricPeriodInput {
  @Field(() => String, { description: `Beginning. ${half}` })
  readonly from!: string;

  @Field(() => String, { description: `End. ${half}` })
  readonly to!: string;
}

@Extensions({ oneOf: true })
@InputType({ description: 'What the numbers of a period are compared with.' })
export class MetricComparisonInput {
  @Field(() => MetricPreviousEnum, { nullable: true, description: 'The period before, or the year before.' })
  readonly previous?: 'PERIOD' | 'YEAR' | null;

  @Field(() => MetricPeriodInput, {
    nullable: true,
    description: 'Any other. Its first bucket stands beside the first one, and so on.',
  })
  readonly period?: MetricPeriodInput | null;
}

@InputType({ description: 'A question about numbers.' })
export class MetricQueryInput {
  @Field(() => [MetricMeasureEnum], { description: '1 to 20 measures, in the order of their columns.' })
  readonly measures!: string[];

  @Field(() => [MetricDimensionEnum], {
    nullable: true,
    description: 'Up to 5: a row for each combination of values that there is.',
  })
  readonly dimensions?: string[] | null;

  @Field(() => MetricTimeInput, { nullable: true, description: 'Left out: all there is, as of now.' })
  readonly time?: MetricTimeInput | null;

  @Field(() => [MetricFilterInput], { nullable: true, description: 'All of them have to hold. Up to 20.' })
  readonly filter?: MetricFilterInput[] | null;

  @Field(() => [ID], {
    nullable: true,
    description:
      'Only customers who are in all of these segments now (`seg_…`). Up to 10. Needs the scope `segments:read`.',
  })
  readonly segments?: string[] | null;

  @Field(() => [MetricOrderInput], {
    nullable: true,
    description: 'Ties, and rows when it is left out, are in order of time and then of the dimensions.',
  })
  readonly orderBy?: MetricOrderInput[] | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Rows at most, 1 to 10,000. Left out: 1,000. Downloads have no limit.',
  })
  readonly limit?: number | null;

  @Field(() => Cursor, { nullable: true, description: '`endCursor` of the page before, of the same query.' })
  readonly after?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Also each measure over all rows, computed anew: totals of ratios and of distinct counts are no sums.',
  })
  readonly totals?: boolean | null;

  @Field(() => MetricComparisonInput, {
    nullable: true,
    description: 'Adds to every measure its value in another period (`…__previous`). Needs a time.',
  })
  readonly compareTo?: MetricComparisonInput | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Adds to every ratio `…__numerator`, `…__denominator` and `…__n`, the number of observations; to NPS `…__se`, too.',
  })
  readonly parts?: boolean | null;

  @Field(() => MetricReturnsEnum, { defaultValue: 'RETURN_DATE', description: 'When what was returned is taken off.' })
  readonly returns!: 'RETURN_DATE' | 'ORDER_DATE';

  @Field(() => DateTime, {
    nullable: true,
    description:
      'Who is one customer, and whose receipts are, by what was known then; what happened is as it is known now. For measures ' +
      'that only count customers; what customers are (`COUNTRY`, `TIER` …) is known of now alone, and refused. Left out: as of now.',
  })
  readonly identityAsOf?: Date | null;
}

/** As the service takes it. */
export function toMetricQuery({ identityAsOf, ...input }: MetricQueryInput): MetricQuery {
  return {
    ...input,
    ...(identityAsOf && { identityAsOf: identityAsOf.toISOString() }),
    segments: input.segments?.map((id, index) => fromPublicId('seg', id, `query.segments[${index}]`)),
    orderBy: input.orderBy?.map(orderOf),
  };
}

function orderOf({ measure, dimension, time, direction }: MetricOrderInput, index: number): MetricOrder {
  const named = [measure, dimension, time === true ? 'TIME' : null].filter((one) => one != null);
  if (named.length !== 1)
    throw badInput('Expected exactly one of `measure`, `dimension` and `time`.', `query.orderBy[${index}]`);
  return { by: named[0]!, direction };
}
