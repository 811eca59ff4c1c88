import type { Condition } from '../../conditions/condition.ts';
import { badInput } from '../../kernel/errors.ts';
import { currencyExponent, toDecimal, toMinor } from '../../kernel/money.ts';
import type { Channel } from '../../touchpoints/touchpoint.ts';
import type { ItemSelection, MoneyText, OfferDefinition, OfferValue, UseLimit } from './offer.ts';
import { amountsIn } from './offer-terms.ts';

type Maybe<T> = T | null | undefined;
type GivenSelection = { readonly skus?: Maybe<readonly string[]>; readonly categories?: Maybe<readonly string[]> };

/** A definition as callers give it: what is left out has its default. */
export interface GivenOffer {
  readonly description?: Maybe<string>;
  readonly tiers?: Maybe<readonly string[]>;
  readonly channels?: Maybe<readonly Channel[]>;
  readonly stores?: Maybe<readonly string[]>;
  readonly basket?: Maybe<{
    readonly minimum?: Maybe<MoneyText>;
    readonly items?: Maybe<readonly (GivenSelection & { readonly quantity: number })[]>;
  }>;
  readonly value: {
    readonly percent?: Maybe<{ percent: string; maximum?: Maybe<MoneyText>; of?: Maybe<GivenSelection> }>;
    readonly fixed?: Maybe<{ amount: MoneyText; of?: Maybe<GivenSelection> }>;
    readonly points?: Maybe<{ wallet: string; points: number | bigint }>;
    readonly multiplier?: Maybe<{ wallet: string; factor: string }>;
    readonly product?: Maybe<{ sku: string; quantity: number; price?: Maybe<MoneyText> }>;
  };
  readonly validFrom?: Maybe<Date>;
  readonly validTo?: Maybe<Date>;
  readonly budget?: Maybe<{ readonly money?: Maybe<MoneyText>; readonly uses?: Maybe<number> }>;
  readonly limits?: Maybe<readonly UseLimit[]>;
  readonly margin?: Maybe<{ readonly minimumPercent: string; readonly ifUnknown?: Maybe<'REFUSE' | 'ALLOW'> }>;
  readonly stacking?: Maybe<{ exclusive?: Maybe<boolean>; group?: Maybe<string>; priority?: Maybe<number> }>;
  readonly holdoutPercent?: Maybe<string>;
  readonly expected?: Maybe<{
    acceptance?: Maybe<string>;
    weight?: Maybe<number>;
    worth?: Maybe<MoneyText>;
    lever?: Maybe<string>;
  }>;
  readonly cost?: Maybe<MoneyText>;
  readonly holdMinutes?: Maybe<number>;
  readonly redeemMinutes?: Maybe<number>;
}

const longest = 60 * 24 * 366;

/** The definition as it is stored, without eligibility. Throws `BAD_USER_INPUT` with the path of the fault. */
export function checkOffer(given: GivenOffer, field = 'input.definition'): OfferDefinition {
  const at = (name: string) => `${field}.${name}`;
  const definition: OfferDefinition = {
    description: checkText(given.description, 2_000, at('description')),
    eligibility: null,
    tiers: checkKeys(given.tiers, at('tiers')),
    channels: given.channels && given.channels.length > 0 ? [...new Set(given.channels)] : null,
    stores: checkKeys(given.stores, at('stores')),
    basket: given.basket == null ? null : checkBasket(given.basket, at('basket')),
    value: checkValue(given.value, at('value')),
    validFrom: given.validFrom?.toISOString() ?? null,
    validTo: given.validTo?.toISOString() ?? null,
    budget: given.budget == null ? null : checkBudget(given.budget, at('budget')),
    limits: (given.limits ?? []).map((limit, index) => checkLimit(limit, at(`limits[${index}].uses`))),
    margin: given.margin == null ? null : checkMargin(given.margin, at('margin')),
    stacking: checkStacking(given.stacking, at('stacking')),
    holdoutPercent: checkNumber(given.holdoutPercent ?? '0', { places: 2, most: 100n }, at('holdoutPercent')),
    expected: checkExpected(given.expected, at('expected')),
    cost: given.cost == null ? null : checkMoney(given.cost, at('cost')),
    holdMinutes: checkWhole(given.holdMinutes ?? 15, [1, longest], at('holdMinutes')),
    redeemMinutes: checkWhole(given.redeemMinutes ?? 1_440, [1, longest], at('redeemMinutes')),
  };
  checkTogether(definition, at);
  return definition;
}

/** The condition as it was given and with its segments written out. */
export function withEligibility(definition: OfferDefinition, eligibility: Eligibility | null): OfferDefinition {
  return { ...definition, eligibility };
}

export interface Eligibility {
  readonly given: Condition;
  readonly resolved: Condition;
}

function checkTogether(definition: OfferDefinition, at: (name: string) => string): void {
  const currencies = new Set(amountsIn(definition).map(({ currency }) => currency));
  if (currencies.size > 1) {
    throw badInput(`Expected all amounts in one currency, got ${[...currencies].join(', ')}.`, at('value'));
  }
  const { validFrom, validTo, budget, value, cost } = definition;
  if (validFrom !== null && validTo !== null && validFrom >= validTo) {
    throw badInput('Expected an end after the beginning.', at('validTo'));
  }
  if (!budget || !('money' in budget)) return;
  if ('percent' in value && value.percent.maximum === null) {
    throw badInput(
      'A budget of money needs to know what one use costs at most: give a maximum.',
      at('value.percent.maximum'),
    );
  }
  if (!('percent' in value || 'fixed' in value) && cost === null) {
    throw badInput('A budget of money needs to know what one use costs: give its cost.', at('cost'));
  }
}

function checkValue(given: GivenOffer['value'], field: string): OfferValue {
  const named = Object.entries(given).filter(([, member]) => member != null);
  if (named.length !== 1) throw badInput(`Expected exactly one kind of value, got ${named.length}.`, field);
  const { percent, fixed, points, multiplier, product } = given;
  if (percent) {
    return {
      percent: {
        percent: checkNumber(percent.percent, { places: 4, most: 100n, positive: true }, `${field}.percent.percent`),
        maximum: percent.maximum == null ? null : checkMoney(percent.maximum, `${field}.percent.maximum`),
        of: checkSelection(percent.of, `${field}.percent.of`),
      },
    };
  }
  if (fixed) {
    const amount = checkMoney(fixed.amount, `${field}.fixed.amount`);
    return { fixed: { amount, of: checkSelection(fixed.of, `${field}.fixed.of`) } };
  }
  if (points) {
    const number = checkWhole(Number(points.points), [1, 1_000_000_000], `${field}.points.points`);
    return { points: { wallet: checkKey(points.wallet, `${field}.points.wallet`), points: number } };
  }
  if (multiplier) {
    const factor = checkNumber(
      multiplier.factor,
      { places: 4, most: 100n, positive: true },
      `${field}.multiplier.factor`,
    );
    if (toMinor(factor, 4)! <= 10_000n) throw badInput('Expected a factor above 1.', `${field}.multiplier.factor`);
    return { multiplier: { wallet: checkKey(multiplier.wallet, `${field}.multiplier.wallet`), factor } };
  }
  return checkProduct(product!, `${field}.product`);
}

function checkProduct(
  { sku, quantity, price }: NonNullable<GivenOffer['value']['product']>,
  field: string,
): OfferValue {
  if (price == null)
    throw badInput('Expected a price, "0" for a gift: its currency is the one of the offer.', `${field}.price`);
  return {
    product: {
      sku: checkKey(sku, `${field}.sku`),
      quantity: checkWhole(quantity, [1, 1_000], `${field}.quantity`),
      price: checkMoney(price, `${field}.price`),
    },
  };
}

function checkBasket(given: NonNullable<GivenOffer['basket']>, field: string): OfferDefinition['basket'] {
  const items = (given.items ?? []).map((item, index) => {
    const place = `${field}.items[${index}]`;
    const selection = checkSelection(item, place);
    if (!selection) throw badInput('Expected a sku or a category.', place);
    return { ...selection, quantity: checkWhole(item.quantity, [1, 100_000], `${place}.quantity`) };
  });
  const minimum = given.minimum == null ? null : checkMoney(given.minimum, `${field}.minimum`);
  return minimum === null && items.length === 0 ? null : { minimum, items };
}

function checkSelection(given: Maybe<GivenSelection>, field: string): ItemSelection | null {
  const skus = checkKeys(given?.skus, `${field}.skus`) ?? [];
  const categories = checkKeys(given?.categories, `${field}.categories`) ?? [];
  return skus.length + categories.length === 0 ? null : { skus, categories };
}

function checkBudget({ money, uses }: NonNullable<GivenOffer['budget']>, field: string): OfferDefinition['budget'] {
  if (money != null && uses == null) return { money: checkMoney(money, `${field}.money`) };
  if (uses != null && money == null) return { uses: checkWhole(uses, [1, 1_000_000_000], `${field}.uses`) };
  throw badInput('Expected `money` or `uses`, exactly one of them.', field);
}

function checkLimit({ per, uses }: UseLimit, field: string): UseLimit {
  return { per, uses: checkWhole(uses, [1, 100_000], field) };
}

function checkMargin({ minimumPercent, ifUnknown }: NonNullable<GivenOffer['margin']>, field: string) {
  const percent = checkNumber(minimumPercent, { places: 4, most: 100n }, `${field}.minimumPercent`);
  return { minimumPercent: percent, ifUnknown: ifUnknown ?? ('REFUSE' as const) };
}

function checkStacking(given: GivenOffer['stacking'], field: string): OfferDefinition['stacking'] {
  const priority = checkWhole(given?.priority ?? 0, [-1_000_000, 1_000_000], `${field}.priority`);
  return { exclusive: given?.exclusive ?? false, group: checkText(given?.group, 100, `${field}.group`), priority };
}

function checkExpected(given: GivenOffer['expected'], field: string): OfferDefinition['expected'] {
  return {
    acceptance: checkNumber(given?.acceptance ?? '0.1', { places: 6, most: 1n }, `${field}.acceptance`),
    weight: checkWhole(given?.weight ?? 20, [0, 100_000], `${field}.weight`),
    worth: given?.worth == null ? null : checkMoney(given.worth, `${field}.worth`),
    lever: checkNumber(given?.lever ?? '1', { places: 6, most: 1_000n }, `${field}.lever`),
  };
}

/** In one spelling: with all decimal places of the currency. */
function checkMoney({ amount, currency }: MoneyText, field: string): MoneyText {
  const exponent = currencyExponent(currency);
  const minor = exponent === undefined ? undefined : toMinor(amount, exponent);
  if (minor === undefined || minor < 0n || minor > 10n ** 12n) {
    throw badInput(`Expected an amount such as "12.50" of a currency, not negative, got ${amount} ${currency}.`, field);
  }
  return { amount: toDecimal(minor, exponent!), currency };
}

function checkNumber(
  text: string,
  { places, most, positive = false }: { places: number; most: bigint; positive?: boolean },
  field: string,
): string {
  const read = toMinor(text, places);
  const least = positive ? 1n : 0n;
  if (read !== undefined && read >= least && read <= most * 10n ** BigInt(places)) return text;
  throw badInput(
    `Expected a number ${positive ? 'above 0 and ' : 'from 0 '}up to ${most} with at most ${places} decimal places, got ${text}.`,
    field,
  );
}

function checkWhole(number: number, [least, most]: readonly [number, number], field: string): number {
  if (Number.isSafeInteger(number) && number >= least && number <= most) return number;
  throw badInput(`Expected a whole number from ${least} to ${most}, got ${number}.`, field);
}

function checkKeys(given: Maybe<readonly string[]>, field: string): string[] | null {
  if (given == null || given.length === 0) return null;
  if (given.length > 1_000) throw badInput(`Expected at most 1000 entries, got ${given.length}.`, field);
  return [...new Set(given.map((key, index) => checkKey(key, `${field}[${index}]`)))];
}

function checkKey(key: string, field: string): string {
  if (key.length >= 1 && key.length <= 512 && !/\p{Cc}/u.test(key)) return key;
  throw badInput(`Expected 1 to 512 characters, got ${key.length}.`, field);
}

function checkText(text: Maybe<string>, most: number, field: string): string | null {
  const tidy = text?.trim() || null;
  if (tidy !== null && tidy.length > most) throw badInput(`At most ${most} characters, got ${tidy.length}.`, field);
  return tidy;
}
