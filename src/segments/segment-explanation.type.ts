import { Field, Int, ObjectType } from 'type-graphql';
import type { Json } from '../kernel/json.ts';
import { DateTime, JsonValue } from '../kernel/scalars.ts';
import { Segment } from './segment.type.ts';
import type { ExplainedJudgement, MembershipExplained } from './segment-explanation.service.ts';
import { SegmentLogEntry } from './segment-membership.type.ts';

@ObjectType({ simpleResolvers: true, description: 'One part of a definition, and what it says of a customer.' })
export class ConditionJudgement {
  @Field(() => String, {
    description:
      'Where it stands, such as `definition.all[1]`. What a segment that is named consists of stands behind `.segment`.',
  })
  readonly path: string;

  @Field(() => Int, { description: 'How deep it stands: 0 for the definition as a whole. Indent by it.' })
  readonly depth: number;

  @Field(() => String, { description: 'Its kind: the member of `ConditionInput`, such as `all` or `event`.' })
  readonly kind: string;

  @Field(() => String, {
    nullable: true,
    description: 'It in words. Null without the scope `pii:read` where it tests values that are masked for you.',
  })
  readonly text: string | null;

  @Field(() => Boolean, { description: 'Whether it holds.' })
  readonly verdict: boolean;

  @Field(() => JsonValue, {
    nullable: true,
    description:
      'What was found: a value, a count, a time; by its kind. Null where nothing was, and for `all`, `any`, `not` and ' +
      '`segment`. Masked as the value itself is.',
  })
  readonly found: Json;

  constructor({ path, depth, kind, text, verdict, found }: ExplainedJudgement) {
    this.path = path;
    this.depth = depth;
    this.kind = kind;
    this.text = text;
    this.verdict = verdict;
    this.found = found;
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'Whether a customer is in a segment, and why: the definition, judged anew from all that is known of them.',
})
export class MembershipExplanation {
  /** UUID, for the resolvers of further fields. */
  readonly customerUuid: string;

  @Field(() => Segment, { description: 'The segment.' })
  readonly segment: Segment;

  @Field(() => Int, {
    description:
      'The version of the definition that is explained: the one that counts for this customer, or the latest.',
  })
  readonly version: number;

  @Field(() => Boolean, { description: 'Whether they are in it, as it is stored.' })
  readonly isMember: boolean;

  @Field(() => DateTime, {
    nullable: true,
    description: 'Since when they have been in it, or out of it again. Null for one who never was, or long ago.',
  })
  readonly since: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'The next instant at which time alone may change it. Null where only an event can.',
  })
  readonly dueAt: Date | null;

  @Field(() => SegmentLogEntry, {
    nullable: true,
    description: 'When they last entered it or left it, and why. Null for one who never did.',
  })
  readonly lastChange: SegmentLogEntry | null;

  @Field(() => DateTime, { description: 'For which instant it was judged.' })
  readonly at: Date;

  @Field(() => Boolean, { description: 'Whether the definition holds for them at this instant.' })
  readonly verdict: boolean;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether `verdict` and `isMember` are the same. They always should be, but for the moment after `dueAt`. Null until ' +
      'the first version of the segment counts.',
  })
  readonly agrees: boolean | null;

  @Field(() => [ConditionJudgement], {
    description:
      'The parts of the definition, each in front of what it consists of: a tree as a list, so that one query gets all of ' +
      'it however deep it is.',
  })
  readonly judgements: readonly ConditionJudgement[];

  constructor(explained: MembershipExplained) {
    this.customerUuid = explained.customerId;
    this.segment = new Segment(explained.segment);
    this.version = explained.version;
    this.isMember = explained.isMember;
    this.since = explained.stored?.since ?? null;
    this.dueAt = explained.stored?.dueAt ?? null;
    this.lastChange = explained.lastChange && new SegmentLogEntry(explained.lastChange);
    this.at = explained.at;
    this.verdict = explained.verdict;
    this.agrees = explained.agrees;
    this.judgements = explained.judgements.map((judgement) => new ConditionJudgement(judgement));
  }
}
