import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { Money } from '../../kernel/money.type.ts';
import { Node } from '../../kernel/node.type.ts';
import { DateTime } from '../../kernel/scalars.ts';
import type { Channel } from '../../touchpoints/touchpoint.ts';
import { ChannelEnum } from '../../touchpoints/touchpoint.type.ts';
import { Points } from '../points.type.ts';
import type { CheckedOut } from './checkout.service.ts';
import type { AppliedOffer, AppliedVoucher } from './checkout.ts';
import type { EarnedPoints } from './earn-preview.ts';
import type { Candidate } from './judge-offer.ts';
import { OfferPresentationStatusEnum, OfferReasonEnum, OfferRejectionEnum, VoucherOutcomeEnum } from './offer.enum.ts';
import type { Reason, Rejection } from './offer.ts';
import { Offer } from './offer.type.ts';
import type { OfferTerms } from './offer-terms.ts';
import { type PresentationStatus, statusAt } from './presentation.ts';
import type { StoredPresentation } from './presentations.queries.ts';
import type { Rejected } from './rank-offers.ts';
import type { VoucherOutcome } from './voucher-terms.ts';

@ObjectType({ simpleResolvers: true, description: 'An offer, and whether to make it.' })
export class OfferDecision {
  @Field(() => Offer, { description: 'The offer.' })
  readonly offer: Offer;

  @Field(() => Int, { nullable: true, description: 'Its place, from 1 on. Null: it is not made.' })
  readonly rank: number | null;

  @Field(() => OfferRejectionEnum, { nullable: true, description: 'Why it is not made. Null: it is.' })
  readonly rejection: Rejection | null;

  @Field(() => [OfferReasonEnum], { description: 'What speaks for it.' })
  readonly reasons: readonly Reason[];

  @Field(() => Money, {
    nullable: true,
    description: 'What making it is worth to the business on average: acceptance × value × lever. Null: not made.',
  })
  readonly expectedValue: Money | null;

  @Field(() => Float, { nullable: true, description: 'How likely it is accepted, 0 to 1. Null: not made.' })
  readonly acceptance: number | null;

  @Field(() => Money, { nullable: true, description: 'What it takes off the basket. Null: no basket, or not made.' })
  readonly discount: Money | null;

  constructor(terms: OfferTerms, { rank, candidate, rejection, currency }: OfferDecided) {
    const amount = (minor: bigint | null | undefined) =>
      minor == null || currency === null ? null : new Money(minor, currency);
    this.offer = new Offer(terms.offer);
    this.rank = rank ?? null;
    this.rejection = rejection ?? null;
    this.reasons = candidate?.reasons ?? [];
    this.expectedValue = amount(candidate?.expected);
    this.acceptance = candidate ? Number(candidate.acceptancePpm) / 1_000_000 : null;
    this.discount = amount(candidate?.discount?.amount);
  }
}

interface OfferDecided {
  readonly rank?: number;
  readonly candidate?: Candidate;
  readonly rejection?: Rejection;
  /** Of the amounts. */
  readonly currency: string | null;
}

@ObjectType({ implements: Node, simpleResolvers: true, description: 'An offer that was shown to somebody.' })
export class OfferPresentation implements Node {
  readonly id: string;
  readonly offerUuid: string;

  @Field(() => OfferPresentationStatusEnum, { description: 'What came of it by now.' })
  readonly status: PresentationStatus;

  @Field(() => Int, { description: 'The version of the offer that was shown.' })
  readonly version: number;

  @Field(() => DateTime, { description: 'When it was shown.' })
  readonly presentedAt: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it was last accepted, declined or redeemed.' })
  readonly decidedAt: Date | null;

  @Field(() => DateTime, { description: 'Until before then it can be accepted, or redeemed.' })
  readonly expiresAt: Date;

  @Field(() => ChannelEnum, { nullable: true, description: 'Where.' })
  readonly channel: Channel | null;

  @Field(() => String, { nullable: true, description: 'In which store.' })
  readonly store: string | null;

  constructor(row: StoredPresentation, now: Date) {
    this.id = toPublicId('prs', row.id);
    this.offerUuid = row.offerId;
    this.status = statusAt(row, now);
    this.version = row.version;
    this.presentedAt = row.presentedAt;
    this.decidedAt = row.decidedAt;
    this.expiresAt = row.expiresAt;
    this.channel = row.channel as Channel | null;
    this.store = row.store;
  }
}

@ObjectType({ simpleResolvers: true, description: 'The presentation, as it is now.' })
export class OfferPresentationPayload {
  @Field(() => OfferPresentation, { description: 'The presentation.' })
  readonly presentation: OfferPresentation;

  constructor(row: StoredPresentation, now: Date) {
    this.presentation = new OfferPresentation(row, now);
  }
}

@ObjectType({ simpleResolvers: true, description: 'A line of the basket, with what was taken off.' })
export class CheckoutLine {
  @Field(() => String, { description: 'The article.' })
  readonly sku!: string;

  @Field(() => Float, { description: 'Pieces.' })
  readonly quantity!: number;

  @Field(() => Money, { description: 'At full price.' })
  readonly amount!: Money;

  @Field(() => Money, { description: 'What offers and vouchers take off.' })
  readonly discount!: Money;

  @Field(() => Money, { description: 'What is to be paid: amount − discount.' })
  readonly total!: Money;
}

@ObjectType({ simpleResolvers: true, description: 'An offer that applies to the basket.' })
export class CheckoutOffer {
  @Field(() => Offer, { description: 'The offer.' })
  readonly offer: Offer;

  @Field(() => Money, { description: 'What it takes off: nothing where it gives points.' })
  readonly discount: Money;

  constructor({ terms, discount }: AppliedOffer, currency: string) {
    this.offer = new Offer(terms.offer);
    this.discount = new Money(discount.amount, currency);
  }
}

@ObjectType({ simpleResolvers: true, description: 'An offer that does not apply to the basket.' })
export class CheckoutRejection {
  @Field(() => Offer, { description: 'The offer.' })
  readonly offer: Offer;

  @Field(() => OfferRejectionEnum, { description: 'Why not.' })
  readonly rejection: Rejection;

  constructor({ terms, reason }: Rejected) {
    this.offer = new Offer(terms.offer);
    this.rejection = reason;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A voucher that was shown.' })
export class CheckoutVoucher {
  @Field(() => String, { description: 'The code, as it was given.' })
  readonly code: string;

  @Field(() => VoucherOutcomeEnum, { description: 'APPLIED, or what is wrong with it.' })
  readonly outcome: VoucherOutcome;

  @Field(() => Money, { description: 'What it takes off.' })
  readonly amount: Money;

  constructor({ code, outcome, discount }: AppliedVoucher, currency: string) {
    this.code = code;
    this.outcome = outcome;
    this.amount = new Money(discount.amount, currency);
  }
}

@ObjectType({ simpleResolvers: true, description: 'Points that paying the basket would give.' })
export class CheckoutPoints {
  @Field(() => ID, { description: 'The programme, `prg_…`.' })
  readonly programId: string;

  @Field(() => String, { description: 'Key of the wallet.' })
  readonly wallet: string;

  @Field(() => Points, { description: 'How many.' })
  readonly points: bigint;

  @Field(() => [String], { description: 'Keys of the rules, or ids of the offers, that give them.' })
  readonly rules: readonly string[];

  constructor({ programId, wallet, points }: EarnedPoints, rules: readonly string[]) {
    this.programId = toPublicId('prg', programId);
    this.wallet = wallet;
    this.points = points;
    this.rules = rules;
  }
}

@ObjectType({ simpleResolvers: true, description: "What the customer has in a programme's wallet now." })
export class CheckoutBalance {
  @Field(() => ID, { description: 'The programme, `prg_…`.' })
  readonly programId!: string;

  @Field(() => String, { description: 'Key of the wallet.' })
  readonly wallet!: string;

  @Field(() => Points, { description: 'Can be spent. Below 0: owed.' })
  readonly available!: bigint;

  @Field(() => Points, { description: 'Not yet.' })
  readonly pending!: bigint;
}

@ObjectType({ simpleResolvers: true, description: "The customer's tier in a programme." })
export class CheckoutTier {
  @Field(() => ID, { description: 'The programme, `prg_…`.' })
  readonly programId!: string;

  @Field(() => String, { description: 'Key of the tier.' })
  readonly tier!: string;
}

@ObjectType({ simpleResolvers: true, description: 'A basket with everything that applies to it. All sums are exact.' })
export class Checkout {
  @Field(() => ID, { nullable: true, description: 'The customer, `cus_…`. Null: nobody is known.' })
  readonly customerId: string | null;

  @Field(() => [CheckoutLine], { description: 'The lines, in their order.' })
  readonly lines: readonly CheckoutLine[];

  @Field(() => Money, { description: 'At full prices.' })
  readonly gross: Money;

  @Field(() => Money, { description: 'What offers take off.' })
  readonly discount: Money;

  @Field(() => Money, { description: 'What vouchers take off.' })
  readonly voucherAmount: Money;

  @Field(() => Money, { description: 'To be paid: gross − discount − voucherAmount.' })
  readonly total: Money;

  @Field(() => [CheckoutOffer], { description: 'Offers that apply, in the order in which they do.' })
  readonly offers: readonly CheckoutOffer[];

  @Field(() => [CheckoutRejection], { description: 'Offers that were looked at and do not apply.' })
  readonly rejected: readonly CheckoutRejection[];

  @Field(() => [CheckoutVoucher], { description: 'The vouchers, in their order, each with what became of it.' })
  readonly vouchers: readonly CheckoutVoucher[];

  @Field(() => [CheckoutPoints], { description: 'What the rules of programmes would give for it.' })
  readonly earns: readonly CheckoutPoints[];

  @Field(() => [CheckoutPoints], { description: 'What offers would give on top.' })
  readonly bonus: readonly CheckoutPoints[];

  @Field(() => [CheckoutBalance], { description: 'What the customer has. Empty where nobody is known.' })
  readonly balances: readonly CheckoutBalance[];

  @Field(() => [CheckoutTier], { description: "The customer's tiers. Empty where nobody is known." })
  readonly tiers: readonly CheckoutTier[];

  constructor(done: CheckedOut) {
    const { currency } = done.basket;
    const amount = (minor: bigint) => new Money(minor, currency);
    this.customerId = done.customerId && toPublicId('cus', done.customerId);
    this.lines = done.lines.map((line, index) => ({
      sku: done.basket.lines[index]!.sku,
      quantity: done.basket.lines[index]!.quantity,
      amount: amount(line.amount),
      discount: amount(line.discount),
      total: amount(line.total),
    }));
    this.gross = amount(done.gross);
    this.discount = amount(done.discount);
    this.voucherAmount = amount(done.voucherAmount);
    this.total = amount(done.total);
    this.offers = done.offers.map((offer) => new CheckoutOffer(offer, currency));
    this.rejected = done.rejected.map((rejected) => new CheckoutRejection(rejected));
    this.vouchers = done.vouchers.map((voucher) => new CheckoutVoucher(voucher, currency));
    this.earns = done.earns.map((earned) => new CheckoutPoints(earned, earned.rules));
    this.bonus = done.bonus.map((earned) => {
      return new CheckoutPoints(
        earned,
        earned.rules.map((id) => toPublicId('off', id)),
      );
    });
    this.balances = done.balances.map(({ programId, ...of }) => ({ ...of, programId: toPublicId('prg', programId) }));
    this.tiers = done.tiers.map(({ programId, tier }) => ({ programId: toPublicId('prg', programId), tier }));
  }
}
