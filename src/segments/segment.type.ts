import { Field, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../kernel/ids.ts';
import type { JsonObject } from '../kernel/json.ts';
import { Node } from '../kernel/node.type.ts';
import { connectionType } from '../kernel/paging.type.ts';
import { DateTime, JsonObjectValue } from '../kernel/scalars.ts';
import { SegmentKindEnum, SegmentStatusEnum, SegmentVersionPhaseEnum } from './segment.enum.ts';
import type { ShownDefinition } from './segment-reader.service.ts';
import type { SegmentKind, SegmentStatus, SegmentView, VersionPhase, VersionView } from './segments.queries.ts';

const hidden = 'Null for a list, and without the scope `pii:read` where it tests values that are masked for you.';

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'Customers who fulfil a condition, or are on a list. Membership is live: it changes in the transaction that records ' +
    'a touchpoint, and at the very instant at which time changes it.',
})
export class Segment implements Node {
  readonly id: string;
  /** For the resolvers of further fields. */
  readonly row: SegmentView;

  @Field(() => String, { description: 'Unique among the segments that are not archived.' })
  readonly name: string;

  @Field(() => String, { nullable: true, description: 'What it is for; null if nobody has said.' })
  readonly description: string | null;

  @Field(() => SegmentKindEnum, { description: 'A condition or a list.' })
  readonly kind: SegmentKind;

  @Field(() => SegmentStatusEnum, { description: 'Whether it is in use.' })
  readonly status: SegmentStatus;

  @Field(() => Int, {
    nullable: true,
    description:
      'The version of the definition that counts. Null until the first one has been built: nobody is in yet.',
  })
  readonly version: number | null;

  @Field(() => Int, {
    description:
      'The version that was asked for last. Give it as `expectedVersion` to notice that somebody was faster.',
  })
  readonly latestVersion: number;

  @Field(() => DateTime, { description: 'When it was created.' })
  readonly createdAt: Date;

  @Field(() => DateTime, {
    description: 'When it was last changed, or another version began to count. Members coming and going do not count.',
  })
  readonly updatedAt: Date;

  constructor(row: SegmentView) {
    this.id = toPublicId('seg', row.id);
    this.row = row;
    this.name = row.name;
    this.description = row.description;
    this.kind = row.kind;
    this.status = row.status;
    this.version = row.servedVersion;
    this.latestVersion = row.latestVersion;
    this.createdAt = row.createdAt;
    this.updatedAt = row.updatedAt;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of segments.' })
export class SegmentConnection extends connectionType(Segment, 'Segment') {}

@ObjectType({ simpleResolvers: true, description: 'How far a version is that is to count next.' })
export class SegmentBuild {
  @Field(() => Int, { description: 'Which version.' })
  readonly version: number;

  @Field(() => SegmentVersionPhaseEnum, { description: 'WAITING, EVALUATING or APPLYING.' })
  readonly phase: VersionPhase;

  @Field(() => Int, { description: 'Customers there were when its evaluation began; 0 before.' })
  readonly customers: number;

  @Field(() => Int, {
    description:
      'Verdicts that are stored: of those for whom it holds or will change with time. The others need none, so it ' +
      'seldom reaches `customers`.',
  })
  readonly evaluated: number;

  @Field(() => Int, { description: 'Customers who have entered by it so far.' })
  readonly entered: number;

  @Field(() => Int, { description: 'Customers who have left by it so far.' })
  readonly departed: number;

  @Field(() => Int, {
    description: 'Attempts in a row that failed. It is tried again, later and later, up to a minute.',
  })
  readonly failures: number;

  @Field(() => DateTime, { nullable: true, description: 'When the last attempt failed; null if none has.' })
  readonly failedAt: Date | null;

  @Field(() => String, {
    nullable: true,
    description: 'Why the last attempt failed, in the words of the database. Null if none has, and without `pii:read`.',
  })
  readonly failure: string | null;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  readonly startedAt: Date;

  constructor(row: VersionView, maySeeFailure: boolean) {
    this.version = row.version;
    this.phase = row.phase;
    this.customers = row.customers;
    this.evaluated = row.evaluated;
    this.entered = row.entered;
    this.departed = row.departed;
    this.failures = row.failures;
    this.failedAt = row.failedAt;
    // What PostgreSQL says may quote a value.
    this.failure = maySeeFailure ? row.failure : null;
    this.startedAt = row.createdAt;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A definition that a segment has or had.' })
export class SegmentVersion {
  @Field(() => Int, { description: 'Counts from 1.' })
  readonly version: number;

  @Field(() => SegmentVersionPhaseEnum, { description: 'What has become of it.' })
  readonly phase: VersionPhase;

  @Field(() => JsonObjectValue, {
    nullable: true,
    description: `The condition, as \`ConditionInput\` takes it. ${hidden}`,
  })
  readonly definition: JsonObject | null;

  @Field(() => String, { nullable: true, description: `The same in words. ${hidden}` })
  readonly text: string | null;

  @Field(() => String, { description: 'Name of the API key that asked for it.' })
  readonly actor: string;

  @Field(() => String, { nullable: true, description: 'Why, in their words; null if they gave none.' })
  readonly reason: string | null;

  @Field(() => Int, { description: 'Customers who entered by it while it was applied.' })
  readonly entered: number;

  @Field(() => Int, { description: 'Customers who left by it while it was applied.' })
  readonly departed: number;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  readonly createdAt: Date;

  @Field(() => DateTime, { nullable: true, description: 'Since when it has counted, or did; null if it never has.' })
  readonly servedAt: Date | null;

  constructor(row: VersionView, { definition, text }: ShownDefinition) {
    this.version = row.version;
    this.phase = row.phase;
    this.definition = definition;
    this.text = text;
    this.actor = row.actor;
    this.reason = row.reason;
    this.entered = row.entered;
    this.departed = row.departed;
    this.createdAt = row.createdAt;
    this.servedAt = row.servedAt;
  }
}

@ObjectType({ simpleResolvers: true, description: 'The segment that was created, changed or archived.' })
export class SegmentPayload {
  @Field(() => Segment, { description: 'As it is now. Its members follow in the background: see `build`.' })
  readonly segment: Segment;

  constructor(row: SegmentView) {
    this.segment = new Segment(row);
  }
}
