import { badInput } from '../../kernel/errors.ts';
import { checkTypePattern, covers, type TypePattern } from '../type-patterns.ts';

export const retentionActs = ['DELETE', 'ANONYMIZE'] as const;
export type RetentionAct = (typeof retentionActs)[number];

export interface PolicyTerms {
  readonly pattern: TypePattern;
  readonly keepDays: number | null;
  readonly what: RetentionAct;
}

export interface GivenPolicy {
  readonly types: string;
  readonly keepDays?: number | null;
  readonly what?: RetentionAct | null;
}

/** A hundred years: longer than anybody remembers why. */
const mostDays = 36_500;

export function checkPolicy({ types, keepDays = null, what }: GivenPolicy): PolicyTerms {
  if (keepDays !== null && (!Number.isInteger(keepDays) || keepDays < 1 || keepDays > mostDays)) {
    throw badInput(`Expected 1 to ${mostDays} days, or null for ever, got ${keepDays}.`, 'input.keepDays');
  }
  return { pattern: checkTypePattern(types, 'input.types'), keepDays, what: what ?? 'DELETE' };
}

/** What of the types of a pattern others of these patterns, which are longer, mean too: theirs is not this one's. */
export function exceptionsOf(pattern: TypePattern, others: readonly TypePattern[]): TypePattern[] {
  return others.filter((other) => other !== pattern && covers(pattern, other));
}

/** What happened before it is over. */
export function cutOff(keepDays: number, now: Date): Date {
  return new Date(now.getTime() - keepDays * 86_400_000);
}

/** Types of these, in order, that a pattern means, as long as no other pattern in force claims them. */
export function meantTypes(
  { pattern }: Pick<PolicyTerms, 'pattern'>,
  types: readonly string[],
  others: readonly TypePattern[],
): string[] {
  const exceptions = exceptionsOf(pattern, others);
  return types.filter((type) => covers(pattern, type) && !exceptions.some((other) => covers(other, type)));
}
