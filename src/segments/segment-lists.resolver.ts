import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../kernel/context.ts';
import { fromPublicId } from '../kernel/ids.ts';
import { SegmentListInput } from './segment-lists.input.ts';
import type { ChangeList, SegmentListService } from './segment-lists.service.ts';
import { SegmentListPayload } from './segment-lists.type.ts';

const about =
  'It can be repeated at will; import a long list by calls of 1,000. Needs the scope `segments:manage`. Codes: ' +
  '`NOT_FOUND`, `BAD_USER_INPUT`; `SERVICE_UNAVAILABLE` while the customers are being merged: try again.';

@Resolver()
export class SegmentListsResolver {
  readonly #lists: SegmentListService;

  constructor(lists: SegmentListService) {
    this.#lists = lists;
  }

  @Mutation(() => SegmentListPayload, {
    description: `Puts customers on a list. They stay on it when they are merged; an unmerge gives each their own back. ${about}`,
  })
  async addToSegmentList(
    @Ctx() ctx: Context,
    @Arg('input', () => SegmentListInput, { description: 'Whom, and on which.' }) input: SegmentListInput,
  ): Promise<SegmentListPayload> {
    return new SegmentListPayload(await this.#lists.add(ctx, withIds(input)));
  }

  @Mutation(() => SegmentListPayload, { description: `Takes customers off a list. ${about}` })
  async removeFromSegmentList(
    @Ctx() ctx: Context,
    @Arg('input', () => SegmentListInput, { description: 'Whom, and off which.' }) input: SegmentListInput,
  ): Promise<SegmentListPayload> {
    return new SegmentListPayload(await this.#lists.remove(ctx, withIds(input)));
  }
}

function withIds(input: SegmentListInput): ChangeList {
  return {
    ...input,
    segmentId: fromPublicId('seg', input.segmentId, 'input.segmentId'),
    customerIds: input.customerIds?.map((id, index) => fromPublicId('cus', id, `input.customerIds[${index}]`)),
  };
}
