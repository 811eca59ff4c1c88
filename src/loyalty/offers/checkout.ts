import type { Basket } from './basket.ts';
import { sum } from './basket.ts';
import { type Discount, discountOf } from './discount.ts';
import { type Candidate, furtherCost, type Knowledge, keepsMarginAfter } from './judge-offer.ts';
import type { Rejection } from './offer.ts';
import type { OfferTerms, ValueTerms } from './offer-terms.ts';
import { type Rejected, toStackable } from './rank-offers.ts';
import { stack } from './stacking.ts';
import type { VoucherOutcome, VoucherTerms } from './voucher-terms.ts';

export interface AppliedOffer {
  readonly terms: OfferTerms;
  readonly discount: Discount;
}

export interface AppliedVoucher {
  readonly code: string;
  readonly outcome: VoucherOutcome;
  readonly discount: Discount;
}

export interface PricedLine {
  readonly amount: bigint;
  readonly discount: bigint;
  readonly total: bigint;
}

/** A basket with everything taken off. Minor units; all sums are exact: total = gross − discount − vouchers. */
export interface PricedBasket {
  readonly offers: readonly AppliedOffer[];
  readonly rejected: readonly Rejected[];
  readonly vouchers: readonly AppliedVoucher[];
  readonly lines: readonly PricedLine[];
  readonly gross: bigint;
  readonly discount: bigint;
  readonly voucherAmount: bigint;
  readonly total: bigint;
}

interface Given {
  readonly candidates: readonly Candidate[];
  readonly vouchers: readonly VoucherTerms[];
  readonly knowledge: Pick<Knowledge, 'pointCost'>;
}

/**
 * Prices a basket: offers that go together, each off what the ones before it left, then vouchers in the order in which they
 * were shown. Nothing gets cheaper than free.
 */
export function priceBasket(basket: Basket, { candidates, vouchers, knowledge }: Given): PricedBasket {
  const prices = basket.lines.map(({ amount }) => amount);
  const { taken, out } = stack(candidates.map((candidate) => toStackable(candidate, customerValue(candidate))));
  const offers: AppliedOffer[] = [];
  const rejected: Rejected[] = out.map(({ candidate }) => ({ terms: candidate.terms, reason: 'STACKED_OUT' }));
  let left: readonly bigint[] = prices;
  for (const { candidate } of taken) {
    const applied = applyOffer(candidate.terms, { basket, left, knowledge });
    if (typeof applied === 'string') rejected.push({ terms: candidate.terms, reason: applied });
    else {
      offers.push({ terms: candidate.terms, discount: applied });
      left = without(left, applied);
    }
  }
  const applied = applyVouchers(basket, { vouchers, left });
  return { offers, rejected, vouchers: applied, ...totals(prices, { offers, vouchers: applied }) };
}

/** What an offer is worth to the customer, for the order in which offers of one priority are applied. */
function customerValue({ discount }: Candidate): bigint {
  return discount?.amount ?? 0n;
}

function applyOffer(
  terms: OfferTerms,
  { basket, left, knowledge }: { basket: Basket; left: readonly bigint[]; knowledge: Pick<Knowledge, 'pointCost'> },
): Discount | Rejection {
  const discount = discountOf(terms.value, basket.lines, left);
  const further = furtherCost(terms, knowledge);
  if (!keepsMarginAfter(terms, { basket, prices: left, discount, further })) return 'MARGIN';
  return takesOff(terms.value) && discount.amount === 0n ? 'BASKET' : discount;
}

/** Points change no price. */
function takesOff({ kind }: ValueTerms): boolean {
  return kind === 'percent' || kind === 'fixed' || kind === 'product';
}

function applyVouchers(
  basket: Basket,
  { vouchers, left: start }: { vouchers: readonly VoucherTerms[]; left: readonly bigint[] },
): AppliedVoucher[] {
  let left = start;
  return vouchers.map(({ code, outcome, value }) => {
    const discount = outcome === 'APPLIED' && value ? discountOf(value, basket.lines, left) : nothing(left);
    if (outcome === 'APPLIED' && discount.amount === 0n) return { code, outcome: 'NOTHING_TO_TAKE_OFF', discount };
    left = without(left, discount);
    return { code, outcome, discount };
  });
}

function nothing(left: readonly bigint[]): Discount {
  return { amount: 0n, lines: left.map(() => 0n) };
}

function without(left: readonly bigint[], { lines }: Discount): bigint[] {
  return left.map((amount, index) => amount - lines[index]!);
}

function totals(
  prices: readonly bigint[],
  { offers, vouchers }: { offers: readonly AppliedOffer[]; vouchers: readonly AppliedVoucher[] },
) {
  const all = [...offers, ...vouchers].map(({ discount }) => discount);
  const lines = prices.map((amount, index): PricedLine => {
    const discount = sum(all.map(({ lines: parts }) => parts[index]!));
    return { amount, discount, total: amount - discount };
  });
  const discount = sum(offers.map((one) => one.discount.amount));
  const voucherAmount = sum(vouchers.map((one) => one.discount.amount));
  const gross = sum(prices);
  return { lines, gross, discount, voucherAmount, total: gross - discount - voucherAmount };
}
