import { badInput } from '../../kernel/errors.ts';
import { mostMembersOfHousehold } from './relation-errors.ts';

/** Customers in whom all these traits are equal make one household, if there are neither too few nor too many. */
export interface HouseholdRule {
  readonly enabled: boolean;
  readonly traits: readonly string[];
  readonly minimumSize: number;
  readonly maximumSize: number;
}

/** How far a version of the rule has come: reading all customers, making their households, keeping them up to date. */
export type RulePhase = 'CUSTOMERS' | 'HOUSEHOLDS' | 'FOLLOWING';

/** In force until somebody sets a rule: none, but a good start. */
export const shippedHouseholdRule: HouseholdRule = {
  enabled: false,
  traits: ['lastName', 'street', 'postalCode'],
  minimumSize: 2,
  maximumSize: 12,
};

const mostTraits = 8;

/** The rule, with each trait once. Throws `BAD_USER_INPUT`. */
export function checkHouseholdRule(rule: HouseholdRule): HouseholdRule {
  const { enabled, minimumSize, maximumSize } = rule;
  const traits = [...new Set(rule.traits.map((name) => name.trim()))];
  if (traits.length < 1 || traits.length > mostTraits || traits.some((name) => name === '' || name.length > 200)) {
    throw badInput(`Expected the names of 1 to ${mostTraits} traits.`, 'input.traits');
  }
  if (minimumSize < 2) throw badInput('Expected at least 2: one alone shares nothing.', 'input.minimumSize');
  if (maximumSize < minimumSize || maximumSize > mostMembersOfHousehold) {
    throw badInput(`Expected from \`minimumSize\` to ${mostMembersOfHousehold}.`, 'input.maximumSize');
  }
  return { enabled, traits, minimumSize, maximumSize };
}

/**
 * What the values of the rule's traits come down to; equal for customers of one household. Null where a value is missing
 * or says nothing: two people of unknown address don't live together.
 */
export function householdKey(traits: readonly string[], values: readonly (string | null)[]): string[] | null {
  const normalised = values.map((value) => normaliseTrait(value ?? ''));
  return normalised.every((value) => value !== '') ? traits.flatMap((name, index) => [name, normalised[index]!]) : null;
}

/** Without capitals, accents, punctuation and spaces at will: `Bahnhof-Straße  7` and `bahnhof strasse 7` are equal. */
export function normaliseTrait(value: string): string {
  return value
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
