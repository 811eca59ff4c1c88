import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import type { CheckoutService } from './checkout.service.ts';
import type { NamedOffer } from './chosen-offers.ts';
import type { DecideOffer, DecideOfferService } from './decide-offer.service.ts';
import type { NextBestOffers } from './next-best-offers.service.ts';
import { Offer } from './offer.type.ts';
import { findOffer, findPresentation } from './offer-reader.service.ts';
import type { PresentOfferService } from './present-offer.service.ts';
import {
  CheckoutInput,
  type CheckoutOfferInput,
  DecideOfferInput,
  NextBestOffersInput,
  PresentOfferInput,
  RedeemOfferInput,
} from './till.input.ts';
import { Checkout, OfferDecision, OfferPresentation, OfferPresentationPayload } from './till.type.ts';

const stepCodes =
  'Codes: `OFFER_REFUSED` with the `reason` (EXPIRED, DECLINED, ALREADY_REDEEMED, OTHER_AMOUNT, TOO_EARLY, LIMIT, BUDGET), ' +
  '`NOT_FOUND`, `BAD_USER_INPUT`.';

/** For `node(id)` with a `prs_…`. */
export async function findPresentationNode(ctx: Context, uuid: string): Promise<OfferPresentation | null> {
  const row = await findPresentation(ctx, uuid);
  return row && new OfferPresentation(row, ctx.clock.now());
}

/** What a till asks for. */
@Resolver()
export class TillResolver {
  readonly #best: NextBestOffers;
  readonly #checkout: CheckoutService;

  constructor(best: NextBestOffers, checkout: CheckoutService) {
    this.#best = best;
    this.#checkout = checkout;
  }

  @Query(() => [OfferDecision], {
    description:
      'The offers to make to whoever is there, the most valuable to the business first. All of them can be used together. ' +
      'Writes nothing. Needs the scope `loyalty:operate`. Codes: `NOT_FOUND` for an id that is no customer, `BAD_USER_INPUT`.',
  })
  async nextBestOffers(
    @Ctx() ctx: Context,
    @Arg('input', () => NextBestOffersInput, { description: 'For whom, and where.' }) input: NextBestOffersInput,
  ): Promise<OfferDecision[]> {
    const { chosen, rejected, scene } = await this.#best.find(ctx, withCustomer(input));
    const made = chosen.map((candidate, index) => {
      const { terms } = candidate;
      return new OfferDecision(terms, { rank: index + 1, candidate, currency: terms.currency ?? scene.currency });
    });
    return [
      ...made,
      ...rejected.map(({ terms, reason }) => new OfferDecision(terms, { rejection: reason, currency: null })),
    ];
  }

  @Query(() => Checkout, {
    description:
      'What a basket costs and gives: offers, vouchers, points, and what the customer has. Writes nothing; what is wrong with a ' +
      'voucher or an offer is said beside it. Needs the scope `loyalty:operate`. Codes: `NOT_FOUND`, `BAD_USER_INPUT`, and ' +
      '`OFFER_REFUSED` for a presentation that can not be used any more.',
  })
  async checkout(
    @Ctx() ctx: Context,
    @Arg('input', () => CheckoutInput, { description: 'What is about to be paid.' }) input: CheckoutInput,
  ): Promise<Checkout> {
    const offers = input.offers?.map(toNamed);
    return new Checkout(await this.#checkout.checkout(ctx, { ...withCustomer(input), offers }));
  }
}

/** What a till tells of offers. */
@Resolver(() => OfferPresentation)
export class OfferPresentationResolver {
  readonly #presenter: PresentOfferService;
  readonly #decider: DecideOfferService;

  constructor(presenter: PresentOfferService, decider: DecideOfferService) {
    this.#presenter = presenter;
    this.#decider = decider;
  }

  @FieldResolver(() => Offer, {
    nullable: true,
    description: 'The offer, as it is now. Needs the scope `loyalty:read`.',
  })
  async offer(@Root() { offerUuid }: OfferPresentation, @Ctx() ctx: Context): Promise<Offer | null> {
    const row = await findOffer(ctx, offerUuid);
    return row && new Offer(row);
  }

  @Mutation(() => OfferPresentationPayload, {
    description:
      'An offer is shown to somebody: its budget is held for them for a while. Needs the scope `loyalty:operate`. Codes: ' +
      '`OFFER_REFUSED` with an `OfferRejection` as `reason`, `NOT_FOUND`, `BAD_USER_INPUT`, `IDEMPOTENCY_CONFLICT`.',
  })
  async presentOffer(
    @Ctx() ctx: Context,
    @Arg('input', () => PresentOfferInput, { description: 'Which, and to whom.' }) input: PresentOfferInput,
  ): Promise<OfferPresentationPayload> {
    const offerId = fromPublicId('off', input.offerId, 'input.offerId');
    const row = await this.#presenter.present(ctx, { ...withCustomer(input), offerId });
    return new OfferPresentationPayload(row, ctx.clock.now());
  }

  @Mutation(() => OfferPresentationPayload, {
    description: `It was accepted, and is held until it is used. Needs the scope \`loyalty:operate\`. ${stepCodes}`,
  })
  async acceptOffer(
    @Ctx() ctx: Context,
    @Arg('input', () => DecideOfferInput, { description: 'Which.' }) input: DecideOfferInput,
  ): Promise<OfferPresentationPayload> {
    return new OfferPresentationPayload(await this.#decider.accept(ctx, toStep(input)), ctx.clock.now());
  }

  @Mutation(() => OfferPresentationPayload, {
    description: `It is not wanted: what was held is released. Needs the scope \`loyalty:operate\`. ${stepCodes}`,
  })
  async declineOffer(
    @Ctx() ctx: Context,
    @Arg('input', () => DecideOfferInput, { description: 'Which.' }) input: DecideOfferInput,
  ): Promise<OfferPresentationPayload> {
    return new OfferPresentationPayload(await this.#decider.decline(ctx, toStep(input)), ctx.clock.now());
  }

  @Mutation(() => OfferPresentationPayload, {
    description: `It was used. Needs the scope \`loyalty:operate\`. ${stepCodes}`,
  })
  async redeemOffer(
    @Ctx() ctx: Context,
    @Arg('input', () => RedeemOfferInput, { description: 'Which, and for how much.' }) input: RedeemOfferInput,
  ): Promise<OfferPresentationPayload> {
    const { amount } = input;
    return new OfferPresentationPayload(await this.#decider.redeem(ctx, { ...toStep(input), amount }), ctx.clock.now());
  }
}

function withCustomer<T extends { readonly customerId?: string | null }>(input: T): T & { customerId: string | null } {
  const { customerId } = input;
  return { ...input, customerId: customerId == null ? null : fromPublicId('cus', customerId, 'input.customerId') };
}

function toStep({ presentationId: id, presentationKey, occurredAt }: DecideOfferInput): DecideOffer {
  const presentationId = id == null ? null : fromPublicId('prs', id, 'input.presentationId');
  return { presentationId, presentationKey, occurredAt };
}

function toNamed({ offerId, presentationId }: CheckoutOfferInput, index: number): NamedOffer {
  const field = `input.offers[${index}]`;
  if (offerId != null) return { offerId: fromPublicId('off', offerId, `${field}.offerId`) };
  if (presentationId == null) throw badInput('Expected `offerId` or `presentationId`.', field);
  return { presentationId: fromPublicId('prs', presentationId, `${field}.presentationId`) };
}
