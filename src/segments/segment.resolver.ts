import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { ConditionInput } from '../conditions/condition.input.ts';
import type { Condition } from '../conditions/condition.ts';
import { givenCondition } from '../conditions/given-condition.ts';
import type { Context } from '../kernel/context.ts';
import { fromPublicId } from '../kernel/ids.ts';
import { Cursor } from '../kernel/scalars.ts';
import { SegmentStatusEnum } from './segment.enum.ts';
import { ArchiveSegmentInput, CreateSegmentInput, UpdateSegmentInput } from './segment.input.ts';
import type { SegmentService } from './segment.service.ts';
import { Segment, SegmentConnection, SegmentPayload } from './segment.type.ts';
import { findSegment, findSegmentBy, listAllSegments } from './segment-reader.service.ts';
import type { SegmentStatus } from './segments.queries.ts';

/** For `node(id)` with a `seg_…`. */
export async function findSegmentNode(ctx: Context, uuid: string): Promise<Segment | null> {
  const row = await findSegment(ctx, uuid);
  return row && new Segment(row);
}

@Resolver()
export class SegmentResolver {
  readonly #segments: SegmentService;

  constructor(segments: SegmentService) {
    this.#segments = segments;
  }

  @Query(() => Segment, {
    nullable: true,
    description:
      'A segment, by id or by name: exactly one of them. Null when there is none. Needs the scope `segments:read`.',
  })
  async segment(
    @Ctx() ctx: Context,
    @Arg('id', () => ID, { nullable: true, description: 'Its id, `seg_…`.' }) id: string | null,
    @Arg('name', () => String, {
      nullable: true,
      description: 'Its name, letter by letter. Of an archived one only where no other has the name now.',
    })
    name: string | null,
  ): Promise<Segment | null> {
    const row = await findSegmentBy(ctx, { id, name });
    return row && new Segment(row);
  }

  @Query(() => SegmentConnection, { description: 'Segments, the newest first. Needs the scope `segments:read`.' })
  segments(
    @Ctx() ctx: Context,
    @Arg('statuses', () => [SegmentStatusEnum], {
      defaultValue: ['ACTIVE'],
      description: 'Only those of these statuses.',
    })
    statuses: SegmentStatus[],
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
    @Arg('last', () => Int, { nullable: true, description: 'Page backwards instead: 1 to 200.' }) last: number | null,
    @Arg('before', () => Cursor, { nullable: true, description: 'Only what comes in front of this cursor.' })
    before: string | null,
  ): Promise<SegmentConnection> {
    return listAllSegments(ctx, { statuses, first, after, last, before }, (row) => new Segment(row));
  }

  @Mutation(() => SegmentPayload, {
    description:
      'Creates a segment. It is evaluated for everybody in the background, then its members are in. Needs the scope ' +
      '`segments:manage`, and `pii:read` for a definition that tests masked values. Codes: `BAD_USER_INPUT` with the ' +
      'path of the fault in `field`, or `line` and `column` of the text; `SEGMENT_TOO_EXPENSIVE`, `SEGMENT_CYCLE`, ' +
      '`FORBIDDEN`, `IDEMPOTENCY_CONFLICT`.',
  })
  async createSegment(
    @Ctx() ctx: Context,
    @Arg('input', () => CreateSegmentInput, { description: 'Which.' }) input: CreateSegmentInput,
  ): Promise<SegmentPayload> {
    const definition = toCondition(input.definition);
    return new SegmentPayload(await this.#segments.create(ctx, { ...input, definition }));
  }

  @Mutation(() => SegmentPayload, {
    description:
      'Changes a segment. Another definition becomes a new version; until that is built, the one before it counts. Needs ' +
      'the scope `segments:manage`. Codes: as `createSegment`, and `NOT_FOUND`, `VERSION_CONFLICT` with `currentVersion`.',
  })
  async updateSegment(
    @Ctx() ctx: Context,
    @Arg('input', () => UpdateSegmentInput, { description: 'Which, and how.' }) input: UpdateSegmentInput,
  ): Promise<SegmentPayload> {
    const segmentId = fromPublicId('seg', input.segmentId, 'input.segmentId');
    const definition = toCondition(input.definition);
    return new SegmentPayload(await this.#segments.update(ctx, { ...input, segmentId, definition }));
  }

  @Mutation(() => SegmentPayload, {
    description:
      'Takes a segment out of use: its members leave in the background, its history stays. Needs the scope ' +
      '`segments:manage`. Codes: `NOT_FOUND`, `SEGMENT_IN_USE` with the ids of the segments that name it in `dependants`.',
  })
  async archiveSegment(
    @Ctx() ctx: Context,
    @Arg('input', () => ArchiveSegmentInput, { description: 'Which.' }) input: ArchiveSegmentInput,
  ): Promise<SegmentPayload> {
    const segmentId = fromPublicId('seg', input.segmentId, 'input.segmentId');
    return new SegmentPayload(await this.#segments.archive(ctx, { ...input, segmentId }));
  }
}

function toCondition(given: ConditionInput | null | undefined): Condition | null {
  return given == null ? null : givenCondition(given, 'input.definition');
}
