import { badInput } from '../../kernel/errors.ts';

const longestReason = 500;

/** Why: it stays for ever, so it must not say who. */
export function checkErasureReason(reason: string | null | undefined, field = 'input.reason'): string {
  const tidy = reason?.trim() ?? '';
  if (tidy.length >= 1 && tidy.length <= longestReason) return tidy;
  throw badInput(`A reason has 1 to ${longestReason} characters, got ${tidy.length}.`, field);
}
