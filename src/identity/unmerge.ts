import { badInput } from '../kernel/errors.ts';
import type { RegroupingLine } from './regrouping.ts';
import type { Resolution } from './resolution.ts';

export interface Sides {
  readonly sideA: readonly string[];
  readonly sideB: readonly string[];
}

/** Chosen records of a customer against the rest of them. Throws `BAD_USER_INPUT`. */
export function sidesByChoice(members: readonly string[], chosen: readonly string[]): Sides {
  const own = new Set(members);
  const index = chosen.findIndex((id) => !own.has(id));
  if (index >= 0) throw badInput('This record does not belong to the customer.', `input.recordIds[${index}]`);
  const taken = new Set(chosen);
  const sideB = members.filter((id) => !taken.has(id));
  if (sideB.length === 0)
    throw badInput('These are all records of the customer: nothing would be left.', 'input.recordIds');
  return { sideA: [...chosen], sideB };
}

/** Whether a resolution parts the two sides of a merge, and nothing else: each is one customer, not the same. */
export function isPartedBy({ customerOf }: Pick<Resolution, 'customerOf'>, { sideA, sideB }: Sides): boolean {
  const [a, b] = [sideA, sideB].map((side) => new Set(side.map((id) => customerOf.get(id))));
  return a!.size === 1 && b!.size === 1 && a!.isDisjointFrom(b!);
}

/** What a merge brought together, as far as it is still in one customer. Throws `BAD_USER_INPUT`. */
export function sidesByMerge(members: readonly string[], merge: RegroupingLine): Sides {
  const own = new Set(members);
  const sideA = merge.recordIds.filter((id) => own.has(id));
  const sideB = merge.otherRecordIds.filter((id) => own.has(id));
  if (sideA.length === 0 || sideB.length === 0) {
    throw badInput('The records that this merge brought together are not in this customer both.', 'input.mergeId');
  }
  return { sideA, sideB };
}
