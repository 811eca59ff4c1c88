import type { ConditionInput } from '../../conditions/condition.input.ts';
import type { Condition, EventMatch } from '../../conditions/condition.ts';
import { givenCondition } from '../../conditions/given-condition.ts';
import { parseCondition } from '../../conditions/parse-condition.ts';
import { badInput } from '../../kernel/errors.ts';
import type { Earning, Setting, TierScheme } from '../program.ts';
import type { GivenDefinition, GivenRule } from './given-program.ts';
import type {
  LoyaltyProgramDefinitionInput,
  LoyaltyTierBasisInput,
  LoyaltyTierSchemeInput,
  LoyaltyTierWindowInput,
} from './program-definition.input.ts';
import type { LoyaltyEarningInput, LoyaltyRuleInput, LoyaltySettingInput } from './program-rule.input.ts';

/**
 * What GraphQL hands over → the plain definition, still unchecked: no classes, instants as text, ids of segments as UUIDs.
 * GraphQL has seen to it that of several ways exactly one is given.
 */
export function givenDefinition(given: LoyaltyProgramDefinitionInput, field = 'input.definition'): GivenDefinition {
  const { mechanics, goals, enrolment, holdoutPercent, wallets, rules, tierScheme, levers } = given;
  return {
    mechanics: mechanics ?? null,
    goals: goals ?? null,
    enrolment,
    ...(holdoutPercent == null ? {} : { holdoutPercent }),
    wallets: wallets.map(({ key, name, debt, pointValue }) => ({
      key,
      name,
      debt,
      pointValue: pointValue ? { amount: pointValue.amount, currency: pointValue.currency } : null,
    })),
    rules: rules.map((rule, index) => givenRule(rule, `${field}.rules[${index}]`)),
    tierScheme: tierScheme ? givenTierScheme(tierScheme) : null,
    levers: levers.map((lever) => ({ ...lever })),
  };
}

function givenRule(given: LoyaltyRuleInput, field: string): GivenRule {
  const { match, lines, earns, validFrom, validTo, expiry, caps, budget, tiers, partner } = given;
  const { key, name, wallet, rounding, roundedPer, pendingDays, qualifies } = given;
  return {
    ...{ key, name, wallet, rounding, roundedPer, pendingDays, qualifies },
    match: givenMatch(match),
    lines: lines ? { skus: lines.skus ?? [], categories: lines.categories ?? [] } : null,
    earns: givenEarning(earns),
    eligibility: givenEligibility(given, field),
    tiers: tiers ?? null,
    validFrom: validFrom?.toISOString() ?? null,
    validTo: validTo?.toISOString() ?? null,
    expiry: expiry ? { count: expiry.count, unit: expiry.unit, endOf: expiry.endOf } : null,
    caps: caps.map(({ per, points }) => ({ per, points: givenSetting(points) })),
    budget: budget ? givenSetting(budget) : null,
    partner: partner ?? null,
  };
}

/** As a part of a condition, whose members are cleared of what is null. */
function givenMatch(match: LoyaltyRuleInput['match']): EventMatch {
  const { event } = givenCondition({ event: { match } } as ConditionInput) as { event: { match: EventMatch } };
  return event.match;
}

function givenEligibility({ eligibility, eligibilityText }: LoyaltyRuleInput, field: string): Condition | null {
  if (eligibility != null && eligibilityText != null) {
    throw badInput(
      'Give `eligibility` or `eligibilityText`, not both: they are two ways to say the same.',
      `${field}.eligibilityText`,
    );
  }
  if (eligibility != null) return givenCondition(eligibility, `${field}.eligibility`);
  return eligibilityText == null ? null : parseCondition(eligibilityText, `${field}.eligibilityText`);
}

function givenEarning({ spend, item, event, multiplier }: LoyaltyEarningInput): Earning {
  if (spend) {
    return { spend: { points: givenSetting(spend.points), per: spend.per, currency: spend.currency } };
  }
  if (item) return { item: { points: givenSetting(item.points) } };
  if (event) return { event: { points: givenSetting(event.points) } };
  return { multiplier: { factor: givenSetting(multiplier!.factor), of: multiplier!.of ?? null } };
}

function givenSetting({ value, lever }: LoyaltySettingInput): Setting {
  return value ?? { lever: lever! };
}

function givenTierScheme(given: LoyaltyTierSchemeInput): TierScheme {
  const { basis, window, keepsThroughNextPeriod, graceDays, tiers } = given;
  return {
    basis: givenBasis(basis),
    window: givenWindow(window),
    keepsThroughNextPeriod,
    graceDays,
    tiers: tiers.map(({ key, name, threshold, benefits }) => ({
      key,
      name,
      threshold: givenSetting(threshold),
      benefits,
    })),
  };
}

function givenBasis({ points, spend, orders }: LoyaltyTierBasisInput): TierScheme['basis'] {
  if (points) return { points: { wallet: points.wallet } };
  if (spend) return { spend: { currency: spend.currency } };
  // `false` is refused with everything else that is checked.
  return { orders: orders as true };
}

function givenWindow({ rolling, calendar }: LoyaltyTierWindowInput): TierScheme['window'] {
  if (rolling) return { rolling: { months: rolling.months } };
  return { calendar: { months: calendar!.months as 12 } };
}
