import { shareCredit, wholeCredit } from './credit.ts';

/** What led to one conversion: the latest touchpoint last. Never empty. */
export interface Path {
  /** Numbers of channels (or campaigns, sources). */
  readonly keys: readonly number[];
  /** How long before the conversion each was, in days. */
  readonly ages: readonly number[];
}

/** The credit of each touchpoint of a path, in parts that add up to `wholeCredit`. */
export type TouchModel = (path: Path) => readonly bigint[];

export const firstTouch: TouchModel = ({ keys }) => keys.map((_, index) => (index === 0 ? wholeCredit : 0n));

export const lastTouch: TouchModel = ({ keys }) =>
  keys.map((_, index) => (index === keys.length - 1 ? wholeCredit : 0n));

export const linear: TouchModel = remembered((length) => shareCredit(Array<number>(length).fill(1)));

/** 40 % each to the first and the last, 20 % to all between; two share equally, one has all. */
export const position: TouchModel = remembered((length) => {
  if (length <= 2) return shareCredit(Array<number>(length).fill(1));
  // By a common denominator: whole numbers share exactly.
  const between = length - 2;
  return shareCredit(Array.from({ length }, (_, index) => (index === 0 || index === length - 1 ? 2 * between : 1)));
});

/** Half as much for every half-life before the conversion: of 7 days, those 0, 7, 14 and 28 days old weigh 1, ½, ¼ and ¹⁄₁₆. */
export function timeDecay(halfLifeDays: number): TouchModel {
  return ({ ages }) => {
    // By the youngest: so that a path of old touchpoints alone doesn't vanish in nothing.
    const youngest = Math.min(...ages);
    return shareCredit(ages.map((age) => 2 ** ((youngest - age) / halfLifeDays)));
  };
}

function remembered(creditsOf: (length: number) => bigint[]): TouchModel {
  const byLength = new Map<number, bigint[]>();
  return ({ keys: { length } }) => {
    const known = byLength.get(length) ?? creditsOf(length);
    byLength.set(length, known);
    return known;
  };
}
