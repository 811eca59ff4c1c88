import { heldOutBuckets } from '../earning/holdout.ts';
import type { Program } from '../program.ts';
import { studentQuantile } from './student.ts';

/** What the customers of a group brought, in minor units. */
export interface GroupSums {
  readonly customers: number;
  /** Customers with an order. */
  readonly buyers: number;
  readonly orders: number;
  /** Orders less returns. */
  readonly revenue: bigint;
  /** Of each customer's net revenue, added up. */
  readonly squares: bigint;
}

export interface GroupRevenue extends GroupSums {
  /** Net revenue of a customer, in minor units. Null: there is none. */
  readonly mean: number | null;
  /** Of the sample: by n − 1. Null: of fewer than two customers. */
  readonly deviation: number | null;
}

/** A number that was estimated, and the ends of its 95 % confidence interval. */
export interface Estimate {
  readonly value: number;
  readonly lowest: number;
  readonly highest: number;
}

export interface Lift {
  /** Difference of the means, in minor units. */
  readonly absolute: Estimate;
  /** The same by the mean of those who are held out. Null: they brought nothing. */
  readonly relative: Estimate | null;
  /** Whether no lift at all lies outside the interval of the absolute one. */
  readonly significant: boolean;
}

/** Added up exactly: large sums differ in the last places where their squares' difference is. */
export function revenueOf(sums: GroupSums): GroupRevenue {
  const { customers, revenue, squares } = sums;
  const count = BigInt(customers);
  const spread = Number(count * squares - revenue * revenue);
  return {
    ...sums,
    mean: customers === 0 ? null : Number(revenue) / customers,
    deviation: customers < 2 ? null : Math.sqrt(spread / (customers * (customers - 1))),
  };
}

/**
 * Welch's interval for the difference of two means, and by the delta method for their ratio. Null where nothing can be said
 * about chance: of fewer than two customers in a group, or if nobody differs from the others.
 */
export function liftOf(takingPart: GroupRevenue, heldOut: GroupRevenue): Lift | null {
  const [one, other] = [errorOf(takingPart), errorOf(heldOut)];
  if (!one || !other) return null;
  const square = one.square + other.square;
  if (square === 0) return null;
  const freedom = square ** 2 / (one.square ** 2 / one.freedom + other.square ** 2 / other.freedom);
  const t = studentQuantile(freedom);
  const absolute = around(one.mean - other.mean, t * Math.sqrt(square));
  const significant = absolute.lowest > 0 || absolute.highest < 0;
  if (other.mean <= 0) return { absolute, relative: null, significant };
  const ratio = one.mean / other.mean;
  const error = Math.sqrt(one.square + ratio ** 2 * other.square) / other.mean;
  return { absolute, relative: around(ratio - 1, t * error), significant };
}

/** The square of the standard error of a mean, and its degrees of freedom. */
function errorOf({ customers, mean, deviation }: GroupRevenue) {
  if (mean === null || deviation === null) return undefined;
  return { mean, square: deviation ** 2 / customers, freedom: customers - 1 };
}

function around(value: number, half: number): Estimate {
  return { value, lowest: value - half, highest: value + half };
}

/**
 * The least and the most buckets that were held out in a period. Who is below the least was held out all the time, who is
 * not below the most took part all the time: by whatever versions were in force.
 */
export function heldOutIn(
  { versions }: Program,
  { from, to }: { from: Date; to: Date },
): { least: number; most: number } {
  const shares = versions
    .filter(({ effectiveAt }, index) => {
      const next = versions[index + 1]?.effectiveAt;
      return effectiveAt < to && (next === undefined || (next > from && next > effectiveAt));
    })
    .map(({ definition }) => heldOutBuckets(definition));
  const known = shares.length > 0 ? shares : [0];
  return { least: Math.min(...known), most: Math.max(...known) };
}
