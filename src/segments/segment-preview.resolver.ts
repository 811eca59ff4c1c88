import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { ConditionInput } from '../conditions/condition.input.ts';
import { givenCondition } from '../conditions/given-condition.ts';
import { findCustomerByUuid } from '../identity/customer.service.ts';
import { Customer } from '../identity/customer.type.ts';
import type { Context } from '../kernel/context.ts';
import { fromPublicId } from '../kernel/ids.ts';
import { findSegmentNode } from './segment.resolver.ts';
import { Segment } from './segment.type.ts';
import type { SegmentPreviewer } from './segment-preview.service.ts';
import { SegmentOverlap, SegmentPreview } from './segment-preview.type.ts';

@Resolver(() => SegmentPreview)
export class SegmentPreviewResolver {
  readonly #previewer: SegmentPreviewer;

  constructor(previewer: SegmentPreviewer) {
    this.#previewer = previewer;
  }

  @Query(() => SegmentPreview, {
    description:
      'How many customers a definition would select, whom, and what they have in common with segments, without creating ' +
      'anything. Give `definition` or `text`. Needs the scope `segments:read`, and `pii:read` for a definition that tests ' +
      'masked values. Codes: `BAD_USER_INPUT` with the path of the fault in `field`, or `line` and `column` of the text; ' +
      '`SEGMENT_TOO_EXPENSIVE`, `SEGMENT_CYCLE`, `FORBIDDEN`; `STATEMENT_TOO_SLOW` if it can not be found out in time.',
  })
  async segmentPreview(
    @Ctx() ctx: Context,
    @Arg('definition', () => ConditionInput, { nullable: true, description: 'Which customers, as a tree.' })
    definition: ConditionInput | null,
    @Arg('text', () => String, { nullable: true, description: 'Which customers, in words.' }) text: string | null,
    @Arg('segmentId', () => ID, {
      nullable: true,
      description: 'The segment (`seg_…`) that it is to define, if there is one: it is not compared with itself.',
    })
    segmentId: string | null,
  ): Promise<SegmentPreview> {
    const preview = await this.#previewer.preview(ctx, {
      definition: definition && givenCondition(definition, 'definition'),
      text,
      segmentId: segmentId == null ? null : fromPublicId('seg', segmentId, 'segmentId'),
    });
    return new SegmentPreview(preview);
  }

  @FieldResolver(() => [Customer], {
    description: 'Up to ten of them, drawn at random. Needs the scope `customers:read` too.',
  })
  async customers(@Root() { customerUuids }: SegmentPreview, @Ctx() ctx: Context): Promise<Customer[]> {
    const customers = await Promise.all(customerUuids.map((uuid) => findCustomerByUuid(ctx, uuid)));
    return customers.filter((customer) => customer !== null);
  }
}

@Resolver(() => SegmentOverlap)
export class SegmentOverlapResolver {
  @FieldResolver(() => Segment, { description: 'The segment.' })
  segment(@Root() { segmentUuid }: SegmentOverlap, @Ctx() ctx: Context): Promise<Segment | null> {
    return findSegmentNode(ctx, segmentUuid);
  }
}
