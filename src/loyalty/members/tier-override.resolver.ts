import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { givenMember, givenProgram } from '../redeeming/redeeming.input.ts';
import { RevokeTierInput, SetTierInput } from './tier-override.input.ts';
import type { TierOverrideService } from './tier-override.service.ts';
import { GivenTierPayload } from './tier-override.type.ts';

@Resolver()
export class TierOverrideResolver {
  readonly #tiers: TierOverrideService;

  constructor(tiers: TierOverrideService) {
    this.#tiers = tiers;
  }

  @Mutation(() => GivenTierPayload, {
    description:
      'Gives a member a tier for a time, in the place of one that was given before. It leaves nothing behind: afterwards ' +
      'they are in the tier that they have earned. Needs the scope `loyalty:manage`. Codes: `NOT_FOUND`, `NOT_A_MEMBER`, ' +
      '`BAD_USER_INPUT`.',
  })
  async setTier(
    @Ctx() ctx: Context,
    @Arg('input', () => SetTierInput, { description: 'Whom, which, and until when.' }) input: SetTierInput,
  ): Promise<GivenTierPayload> {
    return new GivenTierPayload(await this.#tiers.setTier(ctx, { ...input, ...withIds(input) }));
  }

  @Mutation(() => GivenTierPayload, {
    description:
      'Takes a tier back that somebody gave: what was earned counts again at once. Repeating it changes nothing. Needs the ' +
      'scope `loyalty:manage`. Codes: `NOT_FOUND`, `NOT_A_MEMBER`, `BAD_USER_INPUT`.',
  })
  async revokeTier(
    @Ctx() ctx: Context,
    @Arg('input', () => RevokeTierInput, { description: 'Whose, and why.' }) input: RevokeTierInput,
  ): Promise<GivenTierPayload> {
    return new GivenTierPayload(await this.#tiers.revokeTier(ctx, { ...input, ...withIds(input) }));
  }
}

function withIds({ programId, member }: RevokeTierInput) {
  return { programId: givenProgram(programId), member: givenMember(member) };
}
