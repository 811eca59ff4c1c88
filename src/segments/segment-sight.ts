import type { Condition } from '../conditions/condition.ts';
import type { ConditionLanguage } from '../conditions/language.ts';
import { isPersonalKey, type Sight } from '../identity/masking.ts';

/** Something that a condition tests and that is masked for the caller. */
export interface Hidden {
  readonly what: 'trait' | 'property';
  readonly name: string;
}

/**
 * The first value that a condition tests and that is masked for the caller. Whoever may put such conditions, or read the
 * constants of one, could find masked values out by asking often enough.
 */
export function findHidden(condition: Condition, language: ConditionLanguage, sight: Sight): Hidden | undefined {
  if (sight.full) return undefined;
  const { traits, traitHistories } = language.needs(condition);
  const trait = [...traits, ...traitHistories].find((name) => sight.hidesTrait(name));
  if (trait !== undefined) return { what: 'trait', name: trait };
  const property = propertiesIn(condition).find(isPersonalProperty);
  return property === undefined ? undefined : { what: 'property', name: property };
}

function propertiesIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(propertiesIn);
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([name, member]) => {
    // Operands are any JSON: what looks like a name in them is none.
    if (name === 'value' || name === 'values') return [];
    if ((name === 'property' || name === 'same') && typeof member === 'string') return [member];
    return propertiesIn(member);
  });
}

/** As masking has it: a personal key hides all that is inside of it. Lines and values of orders are never masked. */
function isPersonalProperty(path: string): boolean {
  const keys = path.split('.');
  if (keys.length > 1 && (keys[0] === 'lines' || keys[0] === 'value')) return false;
  return keys.some(isPersonalKey);
}
