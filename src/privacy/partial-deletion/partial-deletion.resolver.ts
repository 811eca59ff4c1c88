import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { DeleteTouchpointsInput } from './partial-deletion.input.ts';
import type { PartialDeletionService } from './partial-deletion.service.ts';
import { DeleteTouchpointsPayload } from './partial-deletion.type.ts';

@Resolver()
export class PartialDeletionResolver {
  readonly #deletions: PartialDeletionService;

  constructor(deletions: PartialDeletionService) {
    this.#deletions = deletions;
  }

  @Mutation(() => DeleteTouchpointsPayload, {
    description:
      'Deletes some touchpoints of a customer. Everything that followed from them becomes what it would be had they never been ' +
      'sent: identifiers and traits that only they gave, who is one with whom, sums, KPIs, segments, and points, which are taken ' +
      'back as a return takes them back. A repeat of such a message is answered DUPLICATE and does not bring it back. At most ' +
      '50,000 at once; ingestion waits meanwhile. Needs the scope `privacy:manage`. Codes: `BAD_USER_INPUT`, `NOT_FOUND`, ' +
      '`IDEMPOTENCY_CONFLICT`.',
  })
  async deleteTouchpoints(
    @Ctx() ctx: Context,
    @Arg('input', () => DeleteTouchpointsInput, { description: 'Which, whose, and why.' })
    input: DeleteTouchpointsInput,
  ): Promise<DeleteTouchpointsPayload> {
    const customerId = fromPublicId('cus', input.customerId, 'input.customerId');
    return new DeleteTouchpointsPayload(await this.#deletions.deleteTouchpoints(ctx, { ...input, customerId }));
  }
}
