import { badInput } from '../kernel/errors.ts';

const longestText = 1_000;

/** A text that customers read, without blanks around it. Throws `BAD_USER_INPUT`. */
export function readText(text: string, field: string, least: number): string {
  const tidy = text.trim();
  if (tidy.length >= least && tidy.length <= longestText) return tidy;
  throw badInput(`Expected ${least} to ${longestText} characters, got ${tidy.length}.`, field);
}
