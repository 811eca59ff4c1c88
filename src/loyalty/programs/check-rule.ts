import type { EventMatch } from '../../conditions/condition.ts';
import { checkEventMatch } from '../../conditions/event-match.ts';
import type { ConditionLanguage } from '../../conditions/language.ts';
import { badInput } from '../../kernel/errors.ts';
import { currencyExponent } from '../../kernel/money.ts';
import { isOccasion, occasions } from '../occasion.ts';
import { type Cap, capPeriods, type Earning, type Expiry, roundings, type Tier, type Wallet } from '../program.ts';
import { checkNamed } from './check-parts.ts';
import {
  checkCurrency,
  checkDecimal,
  checkEntries,
  checkInstant,
  checkKey,
  checkOneOf,
  checkOnly,
  checkText,
  checkTexts,
  checkUniqueKeys,
  checkWhole,
  compareDecimals,
  placesOf,
} from './check-value.ts';
import type { GivenRule } from './given-program.ts';
import { checkSetting } from './rule-settings.ts';

const units = ['DAY', 'MONTH', 'YEAR'] as const;
const longest = { DAY: 3_660, MONTH: 120, YEAR: 10 } as const;
/** The shortest that a unit can be. */
const daysOf = { DAY: 1, MONTH: 28, YEAR: 365 } as const;
const mostEntries = 1_000;
/** Takes back what the purchase's rules granted. */
const returned = 'order.returned';

export interface RuleSurroundings {
  readonly wallets: readonly Wallet[];
  readonly tiers: readonly Tier[];
  readonly language: Pick<ConditionLanguage, 'check'>;
}

/** One rule by itself; what it says about other rules is checked with them. */
export function checkRule(given: GivenRule, { wallets, tiers, language }: RuleSurroundings, field: string): GivenRule {
  checkOccasion(given, field);
  const earns = checkEarning(given.earns, `${field}.earns`);
  const pendingDays = checkWhole(given.pendingDays, { from: 0, to: 366 }, `${field}.pendingDays`);
  const { eligibility, partner } = given;
  return {
    key: checkKey(given.key, `${field}.key`),
    name: checkText(given.name, `${field}.name`),
    wallet: checkNamed(given.wallet, wallets, { what: 'wallet', field: `${field}.wallet` }),
    match: checkMatch(given.match, `${field}.match`),
    lines: checkLines(given.lines, earns, `${field}.lines`),
    earns,
    rounding: checkOneOf(given.rounding, roundings, `${field}.rounding`),
    // One touchpoint, one sum: there are no lines to round.
    roundedPer: 'event' in earns ? 'ORDER' : checkOneOf(given.roundedPer, ['LINE', 'ORDER'], `${field}.roundedPer`),
    eligibility: eligibility == null ? null : language.check(eligibility, `${field}.eligibility`),
    tiers: checkTierNames(given.tiers, tiers, `${field}.tiers`),
    ...checkValidity(given, field),
    pendingDays,
    expiry: given.expiry == null ? null : checkExpiry(given.expiry, pendingDays, `${field}.expiry`),
    caps: checkCaps(given.caps, `${field}.caps`),
    budget: given.budget == null ? null : checkSetting(given.budget, `${field}.budget`),
    qualifies: given.qualifies === true,
    partner: partner == null ? null : checkText(partner, `${field}.partner`, 100),
  };
}

/** Occasions are no touchpoints: a rule for one says how many points, to everybody whom it concerns. */
function checkOccasion({ match, earns, eligibility }: GivenRule, field: string): void {
  const types: readonly string[] = match?.types ?? [];
  const odd = types.findIndex((type) => type.startsWith('loyalty.') && !isOccasion(type));
  if (odd !== -1)
    throw badInput(
      `Expected one of ${occasions.join(', ')}, or a type of touchpoints.`,
      `${field}.match.types[${odd}]`,
    );
  if (!types.some(isOccasion)) return;
  if (types.length > 1) throw badInput('An occasion has a rule of its own: give one type.', `${field}.match.types`);
  if (!('event' in earns)) throw badInput('An occasion earns a number of points: give `event`.', `${field}.earns`);
  if (eligibility != null) {
    throw badInput(
      'An occasion is for all whom it concerns: it has no condition on customers.',
      `${field}.eligibility`,
    );
  }
}

function checkMatch(given: EventMatch, field: string): EventMatch {
  const match = checkEventMatch(given, field);
  if (!match.types) {
    throw badInput('Expected the types of touchpoints that earn, such as `order.completed`.', `${field}.types`);
  }
  const place = given.types?.indexOf(returned) ?? -1;
  if (place === -1) return match;
  throw badInput('A return earns nothing: what was earned is taken back by itself.', `${field}.types[${place}]`);
}

function checkLines(given: GivenRule['lines'], earns: Earning, field: string): GivenRule['lines'] {
  if (given == null) return null;
  if ('event' in earns)
    throw badInput('Points for the touchpoint itself are not for lines: test them in `match`.', field);
  const skus = checkTexts(given.skus, `${field}.skus`, mostEntries);
  const categories = checkTexts(given.categories, `${field}.categories`, mostEntries);
  if (skus.length + categories.length > 0) return { skus, categories };
  throw badInput('Expected a SKU or category; leave `lines` out for all lines.', field);
}

function checkEarning(given: Earning, field: string): Earning {
  const kind = checkOnly(given, ['spend', 'item', 'event', 'multiplier'], field);
  const at = `${field}.${kind}`;
  if (kind === 'spend') return { spend: checkSpend((given as Extract<Earning, { spend: unknown }>).spend, at) };
  if (kind === 'multiplier') {
    const { factor, of } = (given as Extract<Earning, { multiplier: unknown }>).multiplier;
    return { multiplier: { factor: checkSetting(factor, `${at}.factor`), of: checkMultiplied(of, `${at}.of`) } };
  }
  if (kind === 'item') {
    const { points } = (given as Extract<Earning, { item: unknown }>).item;
    return { item: { points: checkSetting(points, `${at}.points`) } };
  }
  const { points } = (given as Extract<Earning, { event: unknown }>).event;
  return { event: { points: checkSetting(points, `${at}.points`) } };
}

function checkSpend(
  { points, per, currency }: Extract<Earning, { spend: unknown }>['spend'],
  field: string,
): Extract<Earning, { spend: unknown }>['spend'] {
  const checked = checkCurrency(currency, `${field}.currency`);
  const amount = checkDecimal(per, `${field}.per`);
  const places = currencyExponent(checked) ?? 2;
  if (compareDecimals(amount, '0') <= 0) throw badInput(`Expected more than 0, got ${amount}.`, `${field}.per`);
  if (placesOf(amount) > places) {
    throw badInput(`${checked} has ${places} decimal places, got ${amount}.`, `${field}.per`);
  }
  return { points: checkSetting(points, `${field}.points`), per: amount, currency: checked };
}

function checkMultiplied(given: readonly string[] | null | undefined, field: string): string[] | null {
  if (given == null) return null;
  if (given.length === 0) throw badInput('Expected the key of a rule; leave the list out for all of them.', field);
  const keys = checkEntries(given, { field, most: mostEntries }, checkKey);
  checkUniqueKeys(keys, (index) => `${field}[${index}]`);
  return keys;
}

function checkTierNames(given: GivenRule['tiers'], tiers: readonly Tier[], field: string): GivenRule['tiers'] {
  if (given == null) return null;
  if (given.length === 0) throw badInput('Expected the key of a tier; leave the list out for all of them.', field);
  for (const [index, key] of given.entries()) checkNamed(key, tiers, { what: 'tier', field: `${field}[${index}]` });
  // From the lowest to the highest, each once.
  return tiers.map(({ key }) => key).filter((key) => given.includes(key));
}

function checkValidity(given: GivenRule, field: string): Pick<GivenRule, 'validFrom' | 'validTo'> {
  const validFrom = checkInstant(given.validFrom, `${field}.validFrom`);
  const validTo = checkInstant(given.validTo, `${field}.validTo`);
  if (validFrom === null || validTo === null || validFrom < validTo) return { validFrom, validTo };
  throw badInput(`Expected an instant behind ${validFrom}, got ${validTo}.`, `${field}.validTo`);
}

function checkExpiry(given: Expiry, pendingDays: number, field: string): Expiry {
  const unit = checkOneOf(given.unit, units, `${field}.unit`);
  const count = checkWhole(given.count, { from: 1, to: longest[unit] }, `${field}.count`);
  if (count * daysOf[unit] <= pendingDays) {
    throw badInput(`Points that are pending for ${pendingDays} days would expire before they can be spent.`, field);
  }
  return { count, unit, endOf: checkOneOf(given.endOf, units, `${field}.endOf`) };
}

function checkCaps(given: readonly Cap[], field: string): Cap[] {
  const caps = checkEntries(given, { field, most: capPeriods.length }, ({ per, points }, at) => ({
    per: checkOneOf(per, capPeriods, `${at}.per`),
    points: checkSetting(points, `${at}.points`),
  }));
  const twice = caps.findIndex(({ per }, index) => caps.findIndex((cap) => cap.per === per) < index);
  if (twice !== -1) throw badInput(`There is a cap per ${caps[twice]!.per} already.`, `${field}[${twice}].per`);
  return caps;
}
