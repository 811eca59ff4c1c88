import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import type { DecisionDesk } from '../redeeming/decide.service.ts';
import { givenMember, givenProgram } from '../redeeming/redeeming.input.ts';
import { RegisterReferralInput } from './referral.input.ts';
import { listReferrals, type ReferralService } from './referral.service.ts';
import { LoyaltyReferral, LoyaltyReferralPayload } from './referral.type.ts';

@Resolver()
export class ReferralResolver {
  readonly #referrals: ReferralService;
  readonly #desk: DecisionDesk;

  constructor(referrals: ReferralService, desk: DecisionDesk) {
    this.#referrals = referrals;
    this.#desk = desk;
  }

  @Query(() => [LoyaltyReferral], {
    description:
      'Whom a customer brought, and who brought them, in order of registration. Needs the scope `loyalty:read`. Codes: ' +
      '`NOT_FOUND`.',
  })
  async loyaltyReferrals(
    @Ctx() ctx: Context,
    @Arg('customerId', () => ID, { description: 'Any id (`cus_…`) that the customer ever had.' }) customerId: string,
    @Arg('programId', () => ID, {
      nullable: true,
      description: 'The programme, `prg_…`. Left out: the only one there is.',
    })
    programId: string | null,
  ): Promise<LoyaltyReferral[]> {
    const program = await this.#desk.programOf(ctx, { programId: givenProgram(programId, 'programId') });
    const customer = fromPublicId('cus', customerId, 'customerId');
    const referrals = await listReferrals(ctx, { programId: program.id, customerId: customer });
    return referrals.map((referral) => new LoyaltyReferral(referral));
  }

  @Mutation(() => LoyaltyReferralPayload, {
    description:
      'Says that a member brought a friend. Both get the bonus of the programme once the friend has bought something and ' +
      'kept it for as long as its rule says. Repeating it changes nothing. Needs the scope `loyalty:operate`. Codes: ' +
      '`NOT_FOUND`, `NOT_A_MEMBER`, `REFERRAL_REFUSED` with `reason` (`SELF`, `LOOP`, `REFERRED_BEFORE`), `BAD_USER_INPUT`.',
  })
  async registerReferral(
    @Ctx() ctx: Context,
    @Arg('input', () => RegisterReferralInput, { description: 'Who brought whom.' }) input: RegisterReferralInput,
  ): Promise<LoyaltyReferralPayload> {
    const referral = await this.#referrals.registerReferral(ctx, {
      ...input,
      programId: givenProgram(input.programId),
      friend: givenMember(input.friend, 'input.friend'),
      referrer: givenMember(input.referrer, 'input.referrer'),
    });
    return new LoyaltyReferralPayload(referral);
  }
}
