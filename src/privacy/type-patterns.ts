import { badInput } from '../kernel/errors.ts';

/**
 * Which types of touchpoints are meant: one (`page.viewed`), all that begin alike (`order.*`), or all (`*`). What people said
 * about consent and preferences is never among them: it is the proof of what may be done with their data.
 */
export type TypePattern = string;

const statements = ['consent.', 'preference.'];

/** Types that begin so are left alone by every pattern. */
export const keptPrefixes: readonly string[] = statements;

const longest = 128;

export function checkTypePattern(pattern: string, field: string): TypePattern {
  const tidy = pattern.trim();
  const stem = tidy.endsWith('*') ? tidy.slice(0, -1) : tidy;
  const isWhole = tidy === '*' || (stem !== '' && !stem.includes('*') && (stem === tidy || stem.endsWith('.')));
  if (!isWhole || tidy.length > longest) {
    throw badInput(`Expected a type such as page.viewed, order.* or *, got ${JSON.stringify(pattern)}.`, field);
  }
  if (keptPrefixes.some((prefix) => stem.startsWith(prefix))) {
    throw badInput(
      `Statements about consents and preferences are the proof of what may be done: they stay until the customer is erased. Got ${JSON.stringify(pattern)}.`,
      field,
    );
  }
  return tidy;
}

/** `order.*` → `order.`; null for a single type. */
export function prefixOf(pattern: TypePattern): string | null {
  return pattern.endsWith('*') ? pattern.slice(0, -1) : null;
}

/** Whether everything that `other` means is meant by `pattern` too. */
export function covers(pattern: TypePattern, other: TypePattern): boolean {
  const prefix = prefixOf(pattern);
  return prefix === null ? pattern === other : (prefixOf(other) ?? other).startsWith(prefix);
}
