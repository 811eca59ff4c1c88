import type { Condition, EventMatch } from '../../conditions/condition.ts';
import { printConditionLine } from '../../conditions/condition-text.ts';
import { currencyExponent } from '../../kernel/money.ts';
import type { Cap, CapPeriod, Earning, EarningRule, Expiry, Rounding, Setting, Wallet } from '../program.ts';
import { placesOf } from './check-value.ts';

/** What a text about a rule needs to know beside the rule. */
export interface RuleWords {
  readonly wallets: readonly Wallet[];
  /** Decimal text; of a lever what it is now. */
  numberOf(setting: Setting): string;
  /** Whether a condition is not for the reader's eyes. */
  isHidden(condition: Condition): boolean;
}

/** What a rule says, in plain English, for people who decide about it. */
export function ruleText(rule: EarningRule, words: RuleWords): string {
  const sentences = [
    `${earningText(rule, words)}, ${roundingText(rule)}.`,
    `For ${matchText(rule.match, words)}.`,
    rule.tiers && `Only in the ${rule.tiers.length === 1 ? 'tier' : 'tiers'} ${listText(rule.tiers, 'or')}.`,
    rule.eligibility && eligibilityText(rule.eligibility, words),
    validityText(rule),
    rule.pendingDays > 0 && `Can be spent after ${count(rule.pendingDays, 'day')}.`,
    rule.expiry ? expiryText(rule.expiry) : 'Never expires.',
    ...rule.caps.map((cap) => capText(cap, words)),
    rule.budget !== null && `At most ${settingText(rule.budget, words)} points in all, first come, first served.`,
    !rule.qualifies && 'Does not count for the tier.',
    rule.partner && `Paid by ${rule.partner}.`,
  ];
  return sentences.filter(Boolean).join(' ');
}

function earningText({ earns, lines, wallet }: EarningRule, words: RuleWords): string {
  const what = lines ? linesText(lines) : 'the order';
  if ('multiplier' in earns) return multiplierText(earns, { words, only: lines ? ` for ${what}` : '' });
  const into = words.wallets.length > 1 ? ` (${nameOf(wallet, words)})` : '';
  if ('spend' in earns) {
    const { points, per, currency } = earns.spend;
    return `${pointsText(points, words)}${into} for each ${amountText(per, currency)} of ${what}`;
  }
  if ('item' in earns) return `${pointsText(earns.item.points, words)}${into} for each piece of ${what}`;
  return `${pointsText(earns.event.points, words)}${into} each time`;
}

function multiplierText(
  { multiplier: { factor, of } }: Extract<Earning, { multiplier: unknown }>,
  { words, only }: { words: RuleWords; only: string },
): string {
  const whose = of === null ? 'all other rules' : `the ${of.length === 1 ? 'rule' : 'rules'} ${listText(of, 'and')}`;
  return `${settingText(factor, words)} times the points of ${whose}${only}`;
}

function linesText({ skus, categories }: NonNullable<EarningRule['lines']>): string {
  const parts = [
    ...(categories.length > 0 ? [`of the category ${listText(categories, 'or')}`] : []),
    ...(skus.length > 0 ? [`with the SKU ${listText(skus, 'or')}`] : []),
  ];
  return `the lines ${parts.join(' or ')}`;
}

const roundingWords: Readonly<Record<Rounding, string>> = {
  DOWN: 'rounded down',
  HALF_UP: 'rounded to the nearest, halves up',
  UP: 'rounded up',
};

function roundingText({ rounding, roundedPer }: EarningRule): string {
  return roundedPer === 'LINE' ? `${roundingWords[rounding]} line by line` : roundingWords[rounding];
}

const before = 'count of ';
const behind = ' ever is at least 1';

/** As it reads in the text of a condition, which has a printer for it: the leaf around it is taken off again. */
function matchText(match: EventMatch, words: RuleWords): string {
  const condition = asCondition(match);
  const shown = words.isHidden(condition) ? asCondition({ ...match, where: undefined }) : condition;
  const text = printConditionLine(shown).slice(before.length, -behind.length);
  return shown === condition ? text : `${text}, with tests that are hidden from you`;
}

/** That there was such a touchpoint. */
export function asCondition(match: EventMatch): Condition {
  return { event: { match, count: { comparison: 'AT_LEAST', value: '1' }, window: { ever: true } } };
}

function eligibilityText({ given }: NonNullable<EarningRule['eligibility']>, words: RuleWords): string {
  if (words.isHidden(given)) return 'Only for customers who fulfil a condition that is hidden from you.';
  return `Only for customers with: ${printConditionLine(given)}.`;
}

function validityText({ validFrom, validTo }: EarningRule): string | null {
  if (validFrom !== null && validTo !== null) return `From ${validFrom} until before ${validTo}.`;
  if (validFrom !== null) return `From ${validFrom} on.`;
  return validTo && `Until before ${validTo}.`;
}

function expiryText({ count: number, unit, endOf }: Expiry): string {
  return `Expires ${count(number, unit.toLowerCase())} after it was earned, at the end of that ${endOf.toLowerCase()}.`;
}

const periodWords: Readonly<Record<CapPeriod, string>> = {
  TOUCHPOINT: 'for one touchpoint',
  DAY: 'a day',
  MONTH: 'a month',
  YEAR: 'a year',
  EVER: 'for ever',
};

function capText({ per, points }: Cap, words: RuleWords): string {
  return `At most ${pointsText(points, words)} for each customer ${periodWords[per]}.`;
}

function pointsText(points: Setting, words: RuleWords): string {
  return `${settingText(points, words)} ${words.numberOf(points) === '1' ? 'point' : 'points'}`;
}

/** `2`, or `2 (lever bonusFactor)`. */
function settingText(setting: Setting, words: RuleWords): string {
  const value = words.numberOf(setting);
  return typeof setting === 'string' ? value : `${value} (lever ${setting.lever})`;
}

/** With all decimal places of the currency: `1.00 CHF`. */
function amountText(amount: string, currency: string): string {
  const places = currencyExponent(currency) ?? 2;
  const missing = places - placesOf(amount);
  const point = placesOf(amount) === 0 && places > 0 ? '.' : '';
  return `${amount}${point}${'0'.repeat(Math.max(missing, 0))} ${currency}`;
}

function nameOf(wallet: string, { wallets }: RuleWords): string {
  return wallets.find(({ key }) => key === wallet)?.name ?? wallet;
}

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}

/** `a`, `a or b`, `a, b or c`; no more than ten. */
function listText(names: readonly string[], last: 'and' | 'or'): string {
  const shown = names.slice(0, 10);
  if (names.length > shown.length) return `${shown.join(', ')} ${last} ${names.length - shown.length} more`;
  return shown.length === 1 ? shown[0]! : `${shown.slice(0, -1).join(', ')} ${last} ${shown.at(-1)}`;
}
