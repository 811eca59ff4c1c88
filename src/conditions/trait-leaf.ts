import type { Json, JsonObject } from '../kernel/json.ts';
import type { LeafKind } from './leaf-kind.ts';
import { checkName } from './name.ts';
import { checkValueTest, testValue } from './value-test.ts';

/** A golden trait. */
export const traitLeaf: LeafKind<'trait'> = {
  name: 'trait',
  check: (given, field) => ({ trait: checkName(given.trait, `${field}.trait`), ...checkValueTest(given, field) }),
  needs: ({ trait }) => ({ traits: new Set([trait]) }),
  cost: ({ operator }) => (operator === 'MATCHES' ? 4 : 1),
  judge: (leaf, { traits }) => {
    const value = traitOf(traits, leaf.trait);
    return { verdict: testValue(value, leaf), found: value ?? null };
  },
};

/** `undefined`: never set. */
export function traitOf(traits: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(traits, name) ? traits[name] : undefined;
}
