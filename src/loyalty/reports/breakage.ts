/** What became of the points of one vintage, by age: months since the month in which they were earned, that one being 0. */
export interface Vintage {
  /** All that was ever issued. */
  readonly issued: number;
  /** Whole months that are over. */
  readonly age: number;
  /** What expired at each age. */
  readonly expired: readonly number[];
  /** What was redeemed, taken back, corrected or given away at each age. */
  readonly left: readonly number[];
}

/** What happens at an age to points that are there when it begins, as parts of them. */
export interface DevelopmentFactor {
  readonly age: number;
  readonly expires: number;
  readonly stays: number;
  /** How many vintages it was observed at. */
  readonly vintages: number;
}

export interface BreakageEstimate {
  /** Of what was issued, less what returns and others took back: what has expired, and is expected to. */
  readonly expected: number;
  /** What is still outstanding at the highest age that anybody has observed: nothing is known of it. */
  readonly unknown: number;
}

/**
 * Development factors by volume: of all vintages that have gone through an age, what expired at it divided by what was
 * there when it began. The chain-ladder method (T. Mack, Distribution-free calculation of the standard error of chain ladder
 * reserve estimates, ASTIN Bulletin 23, 1993), applied to what is outstanding, as nothing expires in the first years.
 */
export function developmentFactors(vintages: readonly Vintage[]): DevelopmentFactor[] {
  const oldest = Math.max(0, ...vintages.map(({ age }) => age));
  return Array.from({ length: oldest }, (_, age) => {
    const through = vintages.filter((vintage) => vintage.age > age);
    const there = sum(through.map((vintage) => outstandingAt(vintage, age)));
    const expired = sum(through.map((vintage) => vintage.expired[age] ?? 0));
    const left = sum(through.map((vintage) => vintage.left[age] ?? 0));
    if (there <= 0) return { age, expires: 0, stays: 1, vintages: through.length };
    return { age, expires: expired / there, stays: (there - expired - left) / there, vintages: through.length };
  });
}

/** What is to be expected of a vintage from the end of its last whole month on. */
export function estimateBreakage(vintage: Vintage, factors: readonly DevelopmentFactor[]): BreakageEstimate {
  let there = outstandingAt(vintage, vintage.age);
  let expected = sum(vintage.expired.slice(0, vintage.age));
  for (const { age, expires, stays } of factors) {
    if (age < vintage.age) continue;
    expected += there * expires;
    there *= stays;
  }
  return { expected, unknown: there };
}

/** When an age begins. */
function outstandingAt({ issued, expired, left }: Vintage, age: number): number {
  return issued - sum(expired.slice(0, age)) - sum(left.slice(0, age));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
