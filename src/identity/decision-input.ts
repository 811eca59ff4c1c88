import { badInput } from '../kernel/errors.ts';

/** What every decision about people is given with. */
export interface DecisionBase {
  /** Why, for those who come later. */
  readonly reason: string;
  /** Makes a repeat harmless: the same key and input give the same result. */
  readonly idempotencyKey?: string | null;
}

const longestReason = 2000;
const longestKey = 200;

export function checkDecisionBase({ reason, idempotencyKey }: DecisionBase): void {
  if (reason.trim() === '' || reason.length > longestReason) {
    throw badInput(`A reason has 1 to ${longestReason} characters, got ${reason.length}.`, 'input.reason');
  }
  if (idempotencyKey == null) return;
  if (idempotencyKey.trim() === '' || idempotencyKey.length > longestKey) {
    throw badInput(`An idempotency key has 1 to ${longestKey} characters.`, 'input.idempotencyKey');
  }
}

export function checkDistinct(ids: readonly string[], limits: { least: number; most: number }, field: string): void {
  const distinct = new Set(ids).size;
  if (distinct === ids.length && distinct >= limits.least && distinct <= limits.most) return;
  throw badInput(`Expected ${limits.least} to ${limits.most} different ids, got ${distinct}.`, field);
}
