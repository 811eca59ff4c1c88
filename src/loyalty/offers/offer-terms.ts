import { currencyExponent, toMinor } from '../../kernel/money.ts';
import type { ItemSelection, MoneyText, OfferDefinition, OfferStatus, OfferValue } from './offer.ts';

export interface Minor {
  readonly minor: bigint;
  readonly currency: string;
}

/** An offer as it is stored. */
export interface OfferView {
  readonly id: string;
  readonly programId: string | null;
  readonly name: string;
  readonly status: OfferStatus;
  readonly definition: OfferDefinition;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type ValueTerms =
  | {
      readonly kind: 'percent';
      readonly ppm: bigint;
      readonly maximum: bigint | null;
      readonly of: ItemSelection | null;
    }
  | { readonly kind: 'fixed'; readonly amount: bigint; readonly of: ItemSelection | null }
  | { readonly kind: 'points'; readonly wallet: string; readonly points: bigint }
  /** `gain`: factor − 1, in ten-thousandths. */
  | { readonly kind: 'multiplier'; readonly wallet: string; readonly gain: bigint }
  | { readonly kind: 'product'; readonly sku: string; readonly quantity: number; readonly price: bigint };

/** An offer with its numbers read, once for many baskets. Money in minor units of {@link OfferTerms.currency}. */
export interface OfferTerms {
  readonly offer: OfferView;
  /** The one currency of all its amounts; null where it names none. */
  readonly currency: string | null;
  readonly validFrom: Date | null;
  readonly validTo: Date | null;
  readonly minimum: bigint | null;
  readonly value: ValueTerms;
  readonly marginPpm: bigint | null;
  /** Of 10,000. */
  readonly holdout: number;
  readonly acceptancePpm: bigint;
  readonly leverPpm: bigint;
  readonly worth: bigint | null;
  readonly cost: bigint | null;
}

/** Throws an `Error` for what `checkOffer` would have refused. */
export function readTerms(offer: OfferView): OfferTerms {
  const { definition } = offer;
  return {
    offer,
    currency: currencyOf(definition),
    validFrom: definition.validFrom === null ? null : new Date(definition.validFrom),
    validTo: definition.validTo === null ? null : new Date(definition.validTo),
    minimum: minorOf(definition.basket?.minimum ?? null),
    value: readValue(definition.value),
    marginPpm: definition.margin && decimalOf(definition.margin.minimumPercent, 4),
    holdout: Number(decimalOf(definition.holdoutPercent, 2)),
    acceptancePpm: decimalOf(definition.expected.acceptance, 6),
    leverPpm: decimalOf(definition.expected.lever, 6),
    worth: minorOf(definition.expected.worth),
    cost: minorOf(definition.cost),
  };
}

/** Every amount that the definition names. */
export function amountsIn(definition: OfferDefinition): readonly MoneyText[] {
  const { value, basket, budget, expected, cost } = definition;
  const named = [
    basket?.minimum,
    budget && 'money' in budget ? budget.money : null,
    expected.worth,
    cost,
    'percent' in value ? value.percent.maximum : null,
    'fixed' in value ? value.fixed.amount : null,
    'product' in value ? value.product.price : null,
  ];
  return named.filter((amount) => amount != null);
}

function currencyOf(definition: OfferDefinition): string | null {
  return amountsIn(definition)[0]?.currency ?? null;
}

function readValue(value: OfferValue): ValueTerms {
  if ('percent' in value) {
    const { percent, maximum, of } = value.percent;
    return { kind: 'percent', ppm: decimalOf(percent, 4), maximum: minorOf(maximum), of };
  }
  if ('fixed' in value) return { kind: 'fixed', amount: minorOf(value.fixed.amount), of: value.fixed.of };
  if ('points' in value) return { kind: 'points', ...value.points, points: BigInt(value.points.points) };
  if ('multiplier' in value) {
    const { wallet, factor } = value.multiplier;
    return { kind: 'multiplier', wallet, gain: decimalOf(factor, 4) - 10_000n };
  }
  return { kind: 'product', ...value.product, price: minorOf(value.product.price) };
}

export function minorOf(money: MoneyText): bigint;
export function minorOf(money: MoneyText | null): bigint | null;
export function minorOf(money: MoneyText | null): bigint | null {
  return money && decimalOf(money.amount, currencyExponent(money.currency) ?? 2);
}

function decimalOf(text: string, places: number): bigint {
  const read = toMinor(text, places);
  if (read === undefined) throw new Error(`The offer holds ${JSON.stringify(text)}, which is no such number.`);
  return read;
}
