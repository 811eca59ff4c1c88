import { badInput } from './errors.ts';

const longestReason = 500;
const longestKey = 200;

/** Why somebody does something, for the history and the audit log. */
export function checkReason(reason: string | null | undefined): string | null {
  const tidy = reason?.trim() || null;
  if (tidy === null || tidy.length <= longestReason) return tidy;
  throw badInput(`At most ${longestReason} characters, got ${tidy.length}.`, 'input.reason');
}

/** Null where none is given. */
export function checkIdempotencyKey(key: string | null | undefined, field = 'input.idempotencyKey'): string | null {
  if (key == null) return null;
  if (key.trim() !== '' && key.length <= longestKey) return key;
  throw badInput(`An idempotency key has 1 to ${longestKey} characters.`, field);
}
