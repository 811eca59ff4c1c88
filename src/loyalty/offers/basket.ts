import { badInput } from '../../kernel/errors.ts';
import { currencyExponent, toMinor } from '../../kernel/money.ts';
import type { ItemSelection } from './offer.ts';

/** A basket as a till gives it, unchecked. Prices are per piece, in units of the currency. */
export interface GivenBasket {
  readonly currency: string;
  readonly lines: readonly GivenLine[];
}

export interface GivenLine {
  readonly sku: string;
  readonly name?: string | null;
  readonly category?: string | null;
  /** Pieces, or kilograms: up to three decimal places. */
  readonly quantity: number;
  readonly price: string;
  /** What a piece costs the business. */
  readonly cost?: string | null;
}

export interface BasketLine {
  readonly sku: string;
  readonly name: string | null;
  readonly category: string | null;
  readonly quantity: number;
  /** As it was given. */
  readonly price: string;
  /** Of one piece, and of all of them; minor units. */
  readonly unit: bigint;
  readonly amount: bigint;
  /** Of all pieces; null: nobody said. */
  readonly cost: bigint | null;
}

export interface Basket {
  readonly currency: string;
  readonly lines: readonly BasketLine[];
  readonly total: bigint;
}

const mostLines = 500;
const thousand = 1_000n;

/** Throws `BAD_USER_INPUT` with the path of the fault. */
export function readBasket({ currency, lines }: GivenBasket, field = 'input.basket'): Basket {
  const exponent = currencyExponent(currency);
  if (exponent === undefined) throw badInput(`There is no currency ${JSON.stringify(currency)}.`, `${field}.currency`);
  if (lines.length > mostLines)
    throw badInput(`Expected at most ${mostLines} lines, got ${lines.length}.`, `${field}.lines`);
  const read = lines.map((line, index) => readLine(line, exponent, `${field}.lines[${index}]`));
  return { currency, lines: read, total: sum(read.map(({ amount }) => amount)) };
}

function readLine(line: GivenLine, exponent: number, field: string): BasketLine {
  const { sku, name = null, category = null, quantity, price } = line;
  if (sku.length < 1 || sku.length > 512) throw badInput('Expected a sku of 1 to 512 characters.', `${field}.sku`);
  const thousandths = readQuantity(quantity, `${field}.quantity`);
  const unit = readPrice(price, exponent, `${field}.price`);
  const cost = line.cost == null ? null : readPrice(line.cost, exponent, `${field}.cost`);
  return {
    sku,
    name,
    category,
    quantity,
    price,
    unit,
    amount: times(unit, thousandths),
    cost: cost === null ? null : times(cost, thousandths),
  };
}

function readQuantity(quantity: number, field: string): bigint {
  const thousandths = toMinor(String(quantity), 3);
  if (thousandths !== undefined && thousandths > 0n && quantity <= 1_000_000) return thousandths;
  throw badInput(`Expected a quantity above 0 with at most three decimal places, got ${quantity}.`, field);
}

function readPrice(text: string, exponent: number, field: string): bigint {
  const minor = toMinor(text, exponent);
  if (minor !== undefined && minor >= 0n && minor <= 10n ** 12n) return minor;
  throw badInput(`Expected a price with at most ${exponent} decimal places, not negative, got ${text}.`, field);
}

/** Half up. */
function times(unit: bigint, thousandths: bigint): bigint {
  return (unit * thousandths + thousand / 2n) / thousand;
}

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

/** An empty selection is all lines. */
export function isSelected({ sku, category }: Pick<BasketLine, 'sku' | 'category'>, of: ItemSelection | null): boolean {
  if (of === null || of.skus.length + of.categories.length === 0) return true;
  return of.skus.includes(sku) || (category !== null && of.categories.includes(category));
}

export function countPieces(basket: Basket, of: ItemSelection): number {
  return basket.lines.reduce((pieces, line) => pieces + (isSelected(line, of) ? line.quantity : 0), 0);
}
