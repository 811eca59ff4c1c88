import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { Customer } from '../../identity/customer.type.ts';
import type { Context } from '../../kernel/context.ts';
import { presentationsOf } from './customer-offers.service.ts';
import { OfferPresentation } from './till.type.ts';

/** What offers add to a customer. */
@Resolver(() => Customer)
export class CustomerOffersResolver {
  @FieldResolver(() => [OfferPresentation], {
    description:
      'The offers that they were shown, and what came of each; the latest first. For what to offer next see ' +
      '`nextBestOffers`. Needs the scope `loyalty:read` too.',
  })
  async offers(
    @Root() customer: Customer,
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { defaultValue: 20, description: '1 to 200.' }) first: number,
  ): Promise<OfferPresentation[]> {
    const rows = await presentationsOf(ctx, customer.uuid, first);
    return rows.map((row) => new OfferPresentation(row, ctx.clock.now()));
  }
}
