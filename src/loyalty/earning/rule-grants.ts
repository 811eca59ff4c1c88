import { matchesEvent } from '../../conditions/event-match.ts';
import { currencyExponent } from '../../kernel/money.ts';
import type { EarningRule } from '../program.ts';
import type { Terms } from '../terms.ts';
import { type Fraction, round, scaled, split, unit } from './fraction.ts';
import type { BasketLine, EarningFact } from './purchase.ts';

/** What one rule grants for one touchpoint, by its lines. */
export interface RuleGrant {
  readonly rule: EarningRule;
  /** One for each line of the basket. */
  readonly points: readonly bigint[];
}

export interface Occasion {
  readonly fact: EarningFact;
  readonly basket: readonly BasketLine[];
  readonly terms: Terms;
  /** Just before. */
  tier(): string | null;
  /** Whether the customer was found eligible when it arrived. */
  isEligible(rule: EarningRule): boolean;
  /** What a rule may grant of what it would, by its caps and its budget. */
  limit(rule: EarningRule, points: bigint): bigint;
}

/** What every rule grants, in the order of the definition; multipliers after what they multiply. */
export function grantsFor(occasion: Occasion): RuleGrant[] {
  const { rules } = occasion.terms.definition;
  const plain: RuleGrant[] = [];
  for (const rule of rules) {
    if ('multiplier' in rule.earns || !applies(rule, occasion)) continue;
    addGrant(plain, limited(rule, occasion, plainPoints(rule, occasion)));
  }
  const all = [...plain];
  for (const rule of rules) {
    if (!('multiplier' in rule.earns) || !applies(rule, occasion)) continue;
    addGrant(all, limited(rule, occasion, multipliedPoints(rule, occasion, plain)));
  }
  return all;
}

/** What grants nothing is none. */
function addGrant(grants: RuleGrant[], grant: RuleGrant): void {
  if (grant.points.some((share) => share > 0n)) grants.push(grant);
}

/** Without asking who the customer is. */
export function couldApply(rule: EarningRule, fact: EarningFact): boolean {
  const at = fact.occurredAt.getTime();
  return (
    !fact.type.startsWith('loyalty.') &&
    fact.type !== 'order.returned' &&
    (rule.validFrom === null || Date.parse(rule.validFrom) <= at) &&
    (rule.validTo === null || at < Date.parse(rule.validTo)) &&
    matchesEvent(rule.match, fact)
  );
}

function applies(rule: EarningRule, occasion: Occasion): boolean {
  return (
    couldApply(rule, occasion.fact) &&
    (rule.tiers === null || rule.tiers.includes(occasion.tier() ?? '')) &&
    (rule.eligibility === null || occasion.isEligible(rule))
  );
}

function limited(rule: EarningRule, occasion: Occasion, points: readonly bigint[]): RuleGrant {
  const wanted = points.reduce((sum, share) => sum + share, 0n);
  if (wanted === 0n) return { rule, points };
  const allowed = occasion.limit(rule, wanted);
  return { rule, points: allowed === wanted ? points : split(allowed, points) };
}

function plainPoints(rule: EarningRule, occasion: Occasion): bigint[] {
  return rounded(
    rule,
    occasion.basket.map((line) => shareOf(rule, line, occasion)),
  );
}

function multipliedPoints(rule: EarningRule, { terms, basket }: Occasion, plain: readonly RuleGrant[]): bigint[] {
  if (!('multiplier' in rule.earns)) return [];
  const { factor, of } = rule.earns.multiplier;
  const more = scaled(terms.setting(factor)) - unit;
  if (more <= 0n) return basket.map(() => 0n);
  const multiplied = plain.filter(
    (grant) => grant.rule.wallet === rule.wallet && (of === null || of.includes(grant.rule.key)),
  );
  return rounded(
    rule,
    basket.map((line, index) => {
      const base = names(rule, line) ? multiplied.reduce((sum, { points }) => sum + points[index]!, 0n) : 0n;
      return { numerator: base * more, denominator: unit };
    }),
  );
}

const nothing: Fraction = { numerator: 0n, denominator: 1n };

function shareOf(rule: EarningRule, line: BasketLine, { fact, terms, basket }: Occasion): Fraction {
  const { earns } = rule;
  if ('event' in earns) return eventShare(scaled(terms.setting(earns.event.points)), line, basket);
  if (!names(rule, line)) return nothing;
  if ('item' in earns) {
    return line.line === null
      ? nothing
      : { numerator: line.quantity * scaled(terms.setting(earns.item.points)), denominator: unit * unit };
  }
  if (!('spend' in earns) || fact.currency !== earns.spend.currency) return nothing;
  return {
    numerator: line.paid * scaled(terms.setting(earns.spend.points)),
    denominator: minorOf(earns.spend),
  };
}

/**
 * Every line stands for its part of the touchpoint, by what was paid, or else by pieces: what a return takes back of the
 * points doesn't depend on the order of the lines.
 */
function eventShare(points: bigint, line: BasketLine, basket: readonly BasketLine[]): Fraction {
  const [value, pieces] = [sumOf(basket, 'paid'), sumOf(basket, 'quantity')];
  if (value > 0n) return { numerator: points * line.paid, denominator: unit * value };
  if (pieces > 0n) return { numerator: points * line.quantity, denominator: unit * pieces };
  return line === basket[0] ? { numerator: points, denominator: unit } : nothing;
}

function sumOf(basket: readonly BasketLine[], of: 'paid' | 'quantity'): bigint {
  return basket.reduce((sum, line) => sum + line[of], 0n);
}

/** Whether a rule is about a line; one that names no lines is about all. */
function names({ lines }: EarningRule, { sku, category }: BasketLine): boolean {
  if (lines === null) return true;
  return (sku !== null && lines.skus.includes(sku)) || (category !== null && lines.categories.includes(category));
}

type Spend = Extract<EarningRule['earns'], { spend: unknown }>['spend'];
const minors = new WeakMap<Spend, bigint>();

/** `per` in minor units, times 10^8: what points are counted against. */
function minorOf(spend: Spend): bigint {
  const known = minors.get(spend);
  if (known !== undefined) return known;
  const minor = scaled(spend.per) * 10n ** BigInt(currencyExponent(spend.currency) ?? 2);
  minors.set(spend, minor);
  return minor;
}

function rounded({ rounding, roundedPer }: EarningRule, shares: readonly Fraction[]): bigint[] {
  if (roundedPer === 'LINE') return shares.map((share) => round(share, rounding));
  let total = 0n;
  // Shares of one rule have one denominator, but for those that are nothing.
  let denominator = 1n;
  for (const share of shares) {
    if (share.numerator === 0n) continue;
    total += share.numerator;
    denominator = share.denominator;
  }
  if (total === 0n) return shares.map(() => 0n);
  return split(
    round({ numerator: total, denominator }, rounding),
    shares.map(({ numerator }) => numerator),
  );
}
