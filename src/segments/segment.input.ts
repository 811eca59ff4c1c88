import { Field, ID, InputType, Int } from 'type-graphql';
import { ConditionInput } from '../conditions/condition.input.ts';
import { SegmentKindEnum } from './segment.enum.ts';
import type { SegmentKind } from './segments.queries.ts';

const reasonField = { nullable: true, description: 'Why, for the history and the audit log.' } as const;

@InputType({ description: 'The segment to create. A dynamic one needs `definition` or `text`, exactly one of them.' })
export class CreateSegmentInput {
  @Field(() => String, { description: '1 to 200 characters, of no other segment that is in use.' })
  readonly name!: string;

  @Field(() => String, { nullable: true, description: 'What it is for, in up to 2000 characters.' })
  readonly description?: string | null;

  @Field(() => SegmentKindEnum, { defaultValue: 'DYNAMIC', description: 'A condition, or a list that people keep.' })
  readonly kind!: SegmentKind;

  @Field(() => ConditionInput, { nullable: true, description: 'Which customers, as a tree. Not for a list.' })
  readonly definition?: ConditionInput | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Which customers, in words: `country is "CH" and count of page.viewed in the last 30 days is at least 3`. Not for a ' +
      'list. What is wrong with it comes back with `line` and `column`.',
  })
  readonly text?: string | null;

  @Field(() => String, reasonField)
  readonly reason?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Up to 200 characters. The same key with the same input creates one segment; with another input, ' +
      '`IDEMPOTENCY_CONFLICT`.',
  })
  readonly idempotencyKey?: string | null;
}

@InputType({ description: 'How a segment is to change. What is left out stays.' })
export class UpdateSegmentInput {
  @Field(() => ID, { description: 'The segment, `seg_…`.' })
  readonly segmentId!: string;

  @Field(() => String, { nullable: true, description: '1 to 200 characters, of no other segment that is in use.' })
  readonly name?: string | null;

  @Field(() => String, { nullable: true, description: 'Up to 2000 characters; null or blank takes it away.' })
  readonly description?: string | null;

  @Field(() => ConditionInput, {
    nullable: true,
    description: 'Another condition, as a tree. It becomes a new version; the one before counts until that is built.',
  })
  readonly definition?: ConditionInput | null;

  @Field(() => String, { nullable: true, description: 'Another condition, in words. Give this or `definition`.' })
  readonly text?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The `latestVersion` that you know: `VERSION_CONFLICT` if there is a later one.',
  })
  readonly expectedVersion?: number | null;

  @Field(() => String, reasonField)
  readonly reason?: string | null;
}

@InputType({ description: 'The segment that is no longer used.' })
export class ArchiveSegmentInput {
  @Field(() => ID, { description: 'The segment, `seg_…`.' })
  readonly segmentId!: string;

  @Field(() => String, reasonField)
  readonly reason?: string | null;
}
