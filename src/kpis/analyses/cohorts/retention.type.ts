import { Field, Float, Int, ObjectType } from 'type-graphql';
import { CalendarDate, DateTime } from '../../../kernel/scalars.ts';
import { AnalysisGrainEnum, CohortBasisEnum } from '../analysis.enum.ts';
import type { AnalysisGrain } from '../period.ts';
import type { RetentionAnswer } from './retention.service.ts';
import type { RetentionCell as Cell, RetentionCohort as Cohort, RetentionTotal as Total } from './retention.ts';

const few = 'too few customers for a key without `pii:read`';

@ObjectType({
  simpleResolvers: true,
  description: 'How many of a cohort were active in a period: one cell of the matrix.',
})
export class RetentionCell {
  @Field(() => CalendarDate, { description: 'The first day of the bucket in which the cohort came.' })
  readonly cohort: string;

  @Field(() => Int, { description: 'How many buckets later; 0 is the one in which it came.' })
  readonly period: number;

  @Field(() => Int, { nullable: true, description: `Customers of the cohort. Null: ${few}.` })
  readonly size: number | null;

  @Field(() => Int, {
    nullable: true,
    description: `Of them, those who were active. Null: the period is not over, or ${few}.`,
  })
  readonly active: number | null;

  @Field(() => Float, {
    nullable: true,
    description: '`active` ÷ `size`, from 0 to 1. Null: as `active`, or nobody came.',
  })
  readonly rate: number | null;

  @Field(() => Boolean, { description: 'Whether the period is over.' })
  readonly mature: boolean;

  @Field(() => Boolean, { description: `Whether the numbers are withheld: ${few}.` })
  readonly suppressed: boolean;

  constructor(cohort: Cohort, period: number, { active, rate, mature, suppressed }: Cell) {
    this.cohort = cohort.day;
    this.period = period;
    this.size = cohort.size;
    this.active = active;
    this.rate = rate;
    this.mature = mature;
    this.suppressed = suppressed;
  }
}

@ObjectType({ simpleResolvers: true, description: 'Customers who came in the same bucket: one row of the matrix.' })
export class RetentionCohort {
  @Field(() => CalendarDate, { description: 'The first day of the bucket.' })
  readonly cohort: string;

  @Field(() => DateTime, { description: 'When the bucket begins.' })
  readonly from: Date;

  @Field(() => DateTime, { description: 'When it ends; this instant no longer belongs to it.' })
  readonly to: Date;

  @Field(() => Int, { nullable: true, description: `How many came. Null: ${few}.` })
  readonly size: number | null;

  @Field(() => Boolean, { description: 'Whether the bucket is over, so that no more can come.' })
  readonly complete: boolean;

  @Field(() => [Int, { nullable: true }], {
    nullable: 'items',
    description: 'How many were active in each period, 0 first. Null: the period is not over, or too few.',
  })
  readonly active: readonly (number | null)[];

  @Field(() => [Float, { nullable: true }], {
    nullable: 'items',
    description: 'The same as parts of `size`, from 0 to 1.',
  })
  readonly rates: readonly (number | null)[];

  constructor({ day, from, to, size, complete, cells }: Cohort) {
    this.cohort = day;
    this.from = from;
    this.to = to;
    this.size = size;
    this.complete = complete;
    this.active = cells.map(({ active }) => active);
    this.rates = cells.map(({ rate }) => rate);
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'All cohorts together that have got so far. Cohorts share nobody, so they add up.',
})
export class RetentionTotal {
  @Field(() => Int, { description: 'How many buckets after the one in which they came.' })
  readonly period: number;

  @Field(() => Int, { description: 'Cohorts for which this period is over.' })
  readonly cohorts: number;

  @Field(() => Int, { nullable: true, description: `Customers of those cohorts. Null: ${few}.` })
  readonly size: number | null;

  @Field(() => Int, { nullable: true, description: `Of them, those who were active. Null: ${few}.` })
  readonly active: number | null;

  @Field(() => Float, { nullable: true, description: '`active` ÷ `size`. Null: as these, or there is nobody.' })
  readonly rate: number | null;

  constructor({ period, cohorts, size, active, rate }: Total) {
    this.period = period;
    this.cohorts = cohorts;
    this.size = size;
    this.active = active;
    this.rate = rate;
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'How many of those who came stay, by when they came: as a matrix (`cohorts`) and in long form (`cells`). Whose orders they are ' +
    'is as of now: what merged customers did is one customer’s.',
})
export class RetentionCohorts {
  @Field(() => AnalysisGrainEnum, { description: 'How long cohorts and periods are.' })
  readonly grain: AnalysisGrain;

  @Field(() => CohortBasisEnum, { description: 'What counts.' })
  readonly by: 'ORDER' | 'ACTIVITY';

  @Field(() => String, { description: 'IANA time zone of the buckets.' })
  readonly timezone: string;

  @Field(() => DateTime, { description: 'When the first cohort begins.' })
  readonly from: Date;

  @Field(() => DateTime, { description: 'When the last cohort ends.' })
  readonly to: Date;

  @Field(() => DateTime, { description: 'When this was counted. Periods that were not over by then are null.' })
  readonly asOf: Date;

  @Field(() => Int, { description: 'The last period.' })
  readonly periods: number;

  @Field(() => [RetentionCohort], { description: 'The earliest first.' })
  readonly cohorts: readonly RetentionCohort[];

  @Field(() => [RetentionCell], { description: 'The same, a line for each cell.' })
  readonly cells: readonly RetentionCell[];

  @Field(() => [RetentionTotal], { description: 'All cohorts together, by period.' })
  readonly totals: readonly RetentionTotal[];

  constructor({ grain, by, timezone, from, to, asOf, periods, cohorts, totals }: RetentionAnswer) {
    this.grain = grain;
    this.by = by;
    this.timezone = timezone;
    this.from = from;
    this.to = to;
    this.asOf = asOf;
    this.periods = periods;
    this.cohorts = cohorts.map((cohort) => new RetentionCohort(cohort));
    this.cells = cohorts.flatMap((cohort) =>
      cohort.cells.map((cell, period) => new RetentionCell(cohort, period, cell)),
    );
    this.totals = totals.map((total) => new RetentionTotal(total));
  }
}
