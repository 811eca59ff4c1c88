import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { findCustomerByUuid } from '../identity/customer.service.ts';
import { Customer } from '../identity/customer.type.ts';
import type { Context } from '../kernel/context.ts';
import { fromPublicId } from '../kernel/ids.ts';
import type { SegmentExplainer } from './segment-explanation.service.ts';
import { MembershipExplanation } from './segment-explanation.type.ts';

@Resolver(() => MembershipExplanation)
export class SegmentExplanationResolver {
  readonly #explainer: SegmentExplainer;

  constructor(explainer: SegmentExplainer) {
    this.#explainer = explainer;
  }

  @Query(() => MembershipExplanation, {
    description:
      'Why a customer is in a segment, or is not. Reads all that ever happened with them. Needs the scopes ' +
      '`segments:read` and `customers:read`. Codes: `NOT_FOUND`, `STATEMENT_TOO_SLOW`.',
  })
  async explainMembership(
    @Ctx() ctx: Context,
    @Arg('customerId', () => ID, { description: 'Any id (`cus_…`) that the customer ever had.' }) customerId: string,
    @Arg('segmentId', () => ID, { description: 'The segment, `seg_…`.' }) segmentId: string,
  ): Promise<MembershipExplanation> {
    const explained = await this.#explainer.explain(ctx, {
      customerId: fromPublicId('cus', customerId, 'customerId'),
      segmentId: fromPublicId('seg', segmentId, 'segmentId'),
    });
    return new MembershipExplanation(explained);
  }

  @FieldResolver(() => Customer, { nullable: true, description: 'The customer, as they are now.' })
  customer(@Root() { customerUuid }: MembershipExplanation, @Ctx() ctx: Context): Promise<Customer | null> {
    return findCustomerByUuid(ctx, customerUuid);
  }
}
