import type { ConditionLanguage } from '../../conditions/language.ts';
import { badInput } from '../../kernel/errors.ts';
import { enrolments } from '../program.ts';
import { checkHoldout, checkLevers, checkTierScheme, checkWallets } from './check-parts.ts';
import { checkRule } from './check-rule.ts';
import { checkEntries, checkOneOf, checkProse, checkUniqueKeys } from './check-value.ts';
import type { GivenDefinition, GivenRule } from './given-program.ts';
import { checkSettings } from './rule-settings.ts';

const mostRules = 100;

/**
 * The definition as it is stored, with nothing left to a default and every number and list in one spelling: checked again
 * it stays as it is. Throws `BAD_USER_INPUT` with the path of the fault, such as
 * `input.definition.rules[2].earns.spend.per`.
 */
export function checkDefinition(
  given: GivenDefinition,
  language: Pick<ConditionLanguage, 'check'>,
  field = 'input.definition',
): GivenDefinition {
  const wallets = checkWallets(given.wallets, `${field}.wallets`);
  const levers = checkLevers(given.levers, `${field}.levers`);
  const tierScheme =
    given.tierScheme == null ? null : checkTierScheme(given.tierScheme, { wallets, levers }, `${field}.tierScheme`);
  const surroundings = { wallets, tiers: tierScheme?.tiers ?? [], language };
  const rules = checkEntries(given.rules, { field: `${field}.rules`, most: mostRules }, (rule, at) =>
    checkRule(rule, surroundings, at),
  );
  checkTogether(rules, `${field}.rules`);
  const checked: GivenDefinition = {
    mechanics: checkProse(given.mechanics, `${field}.mechanics`),
    goals: checkProse(given.goals, `${field}.goals`),
    enrolment: checkOneOf(given.enrolment, enrolments, `${field}.enrolment`),
    ...checkHoldout(given.holdoutPercent, `${field}.holdoutPercent`),
    wallets,
    rules,
    tierScheme,
    levers,
  };
  checkSettings(checked, field);
  return checked;
}

/** What rules say about each other. */
function checkTogether(rules: readonly GivenRule[], field: string): void {
  checkUniqueKeys(
    rules.map(({ key }) => key),
    (index) => `${field}[${index}].key`,
  );
  for (const [index, rule] of rules.entries()) checkMultiplier(rule, rules, `${field}[${index}].earns.multiplier`);
}

function checkMultiplier({ earns, wallet }: GivenRule, rules: readonly GivenRule[], field: string): void {
  if (!('multiplier' in earns)) return;
  const multipliable = rules.filter((rule) => rule.wallet === wallet && !('multiplier' in rule.earns));
  if (multipliable.length === 0) throw badInput(`No rule grants ${wallet} that could be multiplied.`, field);
  for (const [place, key] of (earns.multiplier.of ?? []).entries()) {
    if (multipliable.some((rule) => rule.key === key)) continue;
    throw badInput(
      `Expected a rule of the wallet ${wallet} that is no multiplier, got ${JSON.stringify(key)}.`,
      `${field}.of[${place}]`,
    );
  }
}
