import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { RemoveRetentionPolicyInput, RetentionTermsInput, SetRetentionPolicyInput } from './retention.input.ts';
import { findRetentionPolicy, type RetentionService } from './retention.service.ts';
import { RetentionPolicy, RetentionPolicyPayload, RetentionPreview } from './retention.type.ts';

/** For `node(id)` with a `ret_…`. */
export async function findRetentionPolicyNode(ctx: Context, uuid: string): Promise<RetentionPolicy | null> {
  const row = await findRetentionPolicy(ctx, uuid);
  return row && new RetentionPolicy(row);
}

@Resolver()
export class RetentionResolver {
  readonly #retention: RetentionService;

  constructor(retention: RetentionService) {
    this.#retention = retention;
  }

  @Query(() => [RetentionPolicy], {
    description: 'The retention policies in force, by types. Needs the scope `privacy:manage`.',
  })
  async retentionPolicies(@Ctx() ctx: Context): Promise<RetentionPolicy[]> {
    return (await this.#retention.list(ctx)).map((row) => new RetentionPolicy(row));
  }

  @Query(() => RetentionPreview, {
    description:
      'What a retention policy would do if it were set now, beside those in force: it reads everything that it means, and changes ' +
      'nothing. Needs the scope `privacy:manage`.',
  })
  async previewRetention(
    @Ctx() ctx: Context,
    @Arg('input', () => RetentionTermsInput, { description: 'The policy to try.' }) input: RetentionTermsInput,
  ): Promise<RetentionPreview> {
    return new RetentionPreview(await this.#retention.preview(ctx, input));
  }

  @Mutation(() => RetentionPolicyPayload, {
    description:
      'Sets for how long touchpoints of some types are kept, instead of the policy for the same types that there may be. It is ' +
      'carried out in the background, for what there is and for what comes. Refused with `BAD_USER_INPUT` where it would delete ' +
      'what points are earned by. Needs the scope `privacy:manage`.',
  })
  async setRetentionPolicy(
    @Ctx() ctx: Context,
    @Arg('input', () => SetRetentionPolicyInput, { description: 'The policy, and why.' })
    input: SetRetentionPolicyInput,
  ): Promise<RetentionPolicyPayload> {
    return new RetentionPolicyPayload(await this.#retention.set(ctx, input));
  }

  @Mutation(() => RetentionPolicyPayload, {
    description:
      'Takes a retention policy back: a wider one counts again, or none. What it has deleted stays deleted. Taking it back again ' +
      'changes nothing. Needs the scope `privacy:manage`. Codes: `BAD_USER_INPUT`, `NOT_FOUND`.',
  })
  async removeRetentionPolicy(
    @Ctx() ctx: Context,
    @Arg('input', () => RemoveRetentionPolicyInput, { description: 'Which, and why.' })
    input: RemoveRetentionPolicyInput,
  ): Promise<RetentionPolicyPayload> {
    const id = fromPublicId('ret', input.id, 'input.id');
    return new RetentionPolicyPayload(await this.#retention.remove(ctx, { ...input, id }));
  }
}
