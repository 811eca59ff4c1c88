import type { Day } from '../../../loyalty/earning/calendar.ts';
import type { Buckets } from '../period.ts';
import { isTooSmall } from '../small-groups.ts';

/** How many customers of a cohort were active in a bucket: both by their numbers from 0. */
export interface CohortCount {
  readonly cohort: number;
  /** Null: how many the cohort has. */
  readonly bucket: number | null;
  readonly customers: number;
}

export interface RetentionCell {
  /** Null: the period is not over, or too few to be told. */
  readonly active: number | null;
  /** `active` ÷ size. Null: as `active`, or nobody is in the cohort. */
  readonly rate: number | null;
  /** The period is over, and so is that in which the cohort came. */
  readonly mature: boolean;
  readonly suppressed: boolean;
}

export interface RetentionCohort {
  /** The first day of its bucket. */
  readonly day: Day;
  readonly from: Date;
  readonly to: Date;
  /** Null: too few to be told. */
  readonly size: number | null;
  /** No more can come. */
  readonly complete: boolean;
  /** One for each period, from that in which they came. */
  readonly cells: readonly RetentionCell[];
}

/** Of all cohorts that have got so far. Cohorts share nobody, so they add up. */
export interface RetentionTotal {
  readonly period: number;
  readonly cohorts: number;
  readonly size: number | null;
  readonly active: number | null;
  readonly rate: number | null;
  readonly suppressed: boolean;
}

export interface Retention {
  readonly cohorts: readonly RetentionCohort[];
  readonly totals: readonly RetentionTotal[];
}

export interface RetentionTerms {
  /** Those of cohorts, and as many further ones as periods are looked at. */
  readonly buckets: Buckets;
  /** Cohorts are the first so many. */
  readonly cohorts: number;
  /** The last period. 0 is that in which they came. */
  readonly periods: number;
  readonly now: Date;
  /** Whether small numbers may be told. */
  readonly sees: boolean;
}

interface Raw {
  readonly size: number;
  readonly active: readonly number[];
  /** How many periods are over. */
  readonly mature: number;
}

export function retentionOf(counts: readonly CohortCount[], terms: RetentionTerms): Retention {
  const raw = rawCohorts(counts, terms);
  return {
    cohorts: raw.map((cohort, index) => cohortOf(cohort, index, terms)),
    totals: periodsOf(terms).map((period) => totalOf(raw, { period, sees: terms.sees })),
  };
}

function periodsOf({ periods }: RetentionTerms): number[] {
  return Array.from({ length: periods + 1 }, (_, period) => period);
}

function rawCohorts(counts: readonly CohortCount[], terms: RetentionTerms): Raw[] {
  const sizes = new Map<number, number>();
  const active = new Map<string, number>();
  for (const { cohort, bucket, customers } of counts) {
    if (bucket === null) sizes.set(cohort, customers);
    else active.set(`${cohort} ${bucket - cohort}`, customers);
  }
  return Array.from({ length: terms.cohorts }, (_, cohort) => ({
    size: sizes.get(cohort) ?? 0,
    active: periodsOf(terms).map((period) => active.get(`${cohort} ${period}`) ?? 0),
    mature: periodsOf(terms).filter((period) => terms.buckets.edges[cohort + period + 1]! <= terms.now).length,
  }));
}

function cohortOf({ size, active, mature }: Raw, index: number, terms: RetentionTerms): RetentionCohort {
  const { buckets, now, sees } = terms;
  const hidden = isTooSmall(size, sees);
  return {
    day: buckets.days[index]!,
    from: buckets.edges[index]!,
    to: buckets.edges[index + 1]!,
    size: hidden ? null : size,
    complete: buckets.edges[index + 1]! <= now,
    cells: active.map((customers, period) => {
      if (period >= mature) return { active: null, rate: null, mature: false, suppressed: false };
      // Who is left is as much of a group as who has gone.
      const small = hidden || isTooSmall(customers, sees) || isTooSmall(size - customers, sees);
      if (small) return { active: null, rate: null, mature: true, suppressed: true };
      return { active: customers, rate: size > 0 ? customers / size : null, mature: true, suppressed: false };
    }),
  };
}

function totalOf(raw: readonly Raw[], { period, sees }: { period: number; sees: boolean }): RetentionTotal {
  const old = raw.filter(({ mature }) => period < mature);
  const size = old.reduce((sum, cohort) => sum + cohort.size, 0);
  const active = old.reduce((sum, cohort) => sum + cohort.active[period]!, 0);
  const suppressed = isTooSmall(size, sees) || isTooSmall(active, sees) || isTooSmall(size - active, sees);
  if (suppressed) return { period, cohorts: old.length, size: null, active: null, rate: null, suppressed };
  return { period, cohorts: old.length, size, active, rate: size > 0 ? active / size : null, suppressed };
}
