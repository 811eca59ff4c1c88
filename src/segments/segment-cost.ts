import { DomainError } from '../kernel/errors.ts';

export const costClasses = ['LIGHT', 'MODERATE', 'HEAVY'] as const;
export type CostClass = (typeof costClasses)[number];

/** Points, as leaves count them: 1 is a look at the customer's row, some 4 to 8 a pass over their touchpoints. */
const upTo = { LIGHT: 12, MODERATE: 60, HEAVY: 240 } as const;

/** Beyond HEAVY a condition is not evaluated live, and so not at all. */
export function costClassOf(cost: number): CostClass | null {
  return costClasses.find((name) => cost <= upTo[name]) ?? null;
}

/** Throws `SEGMENT_TOO_EXPENSIVE`. */
export function checkCost(cost: number, field: string): CostClass {
  const costClass = costClassOf(cost);
  if (costClass) return costClass;
  throw new DomainError(
    'SEGMENT_TOO_EXPENSIVE',
    `This definition costs ${cost} points, and ${upTo.HEAVY} are the most that can be evaluated with every touchpoint. ` +
      'Name touchpoint types, shorten windows, use fewer sequences, or split it into segments.',
    { field, cost, most: upTo.HEAVY },
  );
}
