import { type BasketLine, isSelected, sum } from './basket.ts';
import type { OfferTerms } from './offer-terms.ts';

/** What is taken off a basket, line by line. Minor units, never more than what a line still costs. */
export interface Discount {
  readonly amount: bigint;
  /** In the order of the lines. */
  readonly lines: readonly bigint[];
}

/** Parts of a million: 12.5 % is 125,000. */
const million = 1_000_000n;

/** Off what is left of the lines. No offer takes more than there is. */
export function discountOf(
  value: OfferTerms['value'],
  lines: readonly BasketLine[],
  left: readonly bigint[],
): Discount {
  switch (value.kind) {
    case 'percent':
      return off(lines, left, value.of, (base) => smaller((base * value.ppm + million / 2n) / million, value.maximum));
    case 'fixed':
      return off(lines, left, value.of, () => value.amount);
    case 'product':
      return offProduct(value, lines, left);
    default:
      return { amount: 0n, lines: left.map(() => 0n) };
  }
}

function off(
  lines: readonly BasketLine[],
  left: readonly bigint[],
  of: Parameters<typeof isSelected>[1],
  amountOf: (base: bigint) => bigint,
): Discount {
  const shares = lines.map((line, index) => (isSelected(line, of) ? left[index]! : 0n));
  const base = sum(shares);
  const amount = smaller(amountOf(base), base);
  // Most offers are judged by the amount alone.
  let parts: readonly bigint[] | undefined;
  return {
    amount,
    get lines() {
      parts ??= spread(amount, shares).lines;
      return parts;
    },
  };
}

/** The dearest pieces first: of one sku they may have several prices. */
function offProduct(
  { sku, quantity, price }: Extract<OfferTerms['value'], { kind: 'product' }>,
  lines: readonly BasketLine[],
  left: readonly bigint[],
): Discount {
  const taken = left.map(() => 0n);
  const places = lines
    .map((line, index) => ({ line, index }))
    .filter(({ line }) => line.sku === sku && line.unit > price)
    .sort((a, b) => (a.line.unit === b.line.unit ? a.index - b.index : a.line.unit > b.line.unit ? -1 : 1));
  let pieces = quantity;
  for (const { line, index } of places) {
    const reduced = Math.min(pieces, Math.floor(line.quantity));
    taken[index] = smaller((line.unit - price) * BigInt(reduced), left[index]!);
    pieces -= reduced;
  }
  return { amount: sum(taken), lines: taken };
}

/**
 * An amount over lines in proportion to what they cost, exact to the last unit: what is lost by rounding down goes to the
 * largest remainders, of equal ones to the line that comes first. No line gets more than its share, as amount ≤ Σ shares.
 */
export function spread(amount: bigint, shares: readonly bigint[]): Discount {
  const base = sum(shares);
  if (base === 0n) return { amount: 0n, lines: shares.map(() => 0n) };
  const floors = shares.map((share) => (share * amount) / base);
  const remainders = shares.map((share, index) => ({ index, rest: (share * amount) % base }));
  remainders.sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1));
  const missing = Number(amount - sum(floors));
  for (const { index } of remainders.slice(0, missing)) floors[index]! += 1n;
  return { amount, lines: floors };
}

function smaller(a: bigint, b: bigint | null): bigint {
  return b === null || a < b ? a : b;
}
