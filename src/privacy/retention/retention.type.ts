import { Field, Float, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { Node } from '../../kernel/node.type.ts';
import { DateTime } from '../../kernel/scalars.ts';
import { RetentionAct } from './retention.enum.ts';
import type { OverdueCount, RetentionPolicyRow } from './retention.queries.ts';
import type { RetentionPreview as Preview } from './retention.service.ts';
import type { RetentionAct as Act } from './retention-policy.ts';

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description: 'For how long touchpoints of some types are kept. Carried out in the background, every six hours.',
})
export class RetentionPolicy implements Node {
  readonly id: string;

  @Field(() => String, { description: 'The types: `page.viewed`, `order.*`, or `*` for all.' })
  readonly types: string;

  @Field(() => Int, { nullable: true, description: 'Days after they happened; null: for ever.' })
  readonly keepDays: number | null;

  @Field(() => RetentionAct, { description: 'What becomes of them then.' })
  readonly what: Act;

  @Field(() => String, { description: 'Who set it: the name of the API key at that time, or `operator`.' })
  readonly actor: string;

  @Field(() => String, { description: 'Why.' })
  readonly reason: string;

  @Field(() => DateTime, { description: 'Since when there is a policy for these types.' })
  readonly createdAt: Date;

  @Field(() => DateTime, { description: 'Since when it says what it says.' })
  readonly updatedAt: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it was taken back; null: it is in force.' })
  readonly endedAt: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When everything that was over by then had been dealt with the last time; null: not yet.',
  })
  readonly carriedOutAt: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'While it is being carried out: everything that happened up to here is dealt with.',
  })
  readonly reached: Date | null;

  @Field(() => Float, { description: 'Touchpoints that it has deleted so far.' })
  readonly deleted: number;

  @Field(() => Float, { description: 'Touchpoints that it has anonymised so far.' })
  readonly anonymized: number;

  @Field(() => Float, { description: 'Source records that went with the last of their touchpoints.' })
  readonly recordsDeleted: number;

  @Field(() => Int, { description: 'Source records for which it failed the last time: see the log of the server.' })
  readonly failures: number;

  constructor(row: RetentionPolicyRow) {
    this.id = toPublicId('ret', row.id);
    this.types = row.pattern;
    this.keepDays = row.keepDays;
    this.what = row.what;
    this.actor = row.actor;
    this.reason = row.reason;
    this.createdAt = row.createdAt;
    this.updatedAt = row.updatedAt;
    this.endedAt = row.endedAt;
    this.carriedOutAt = row.passedAt;
    this.reached = row.walkedAt;
    this.deleted = Number(row.deleted);
    this.anonymized = Number(row.anonymized);
    this.recordsDeleted = Number(row.recordsDeleted);
    this.failures = row.failures;
  }
}

@ObjectType({ simpleResolvers: true, description: 'Touchpoints of one type that a policy would reach.' })
export class RetentionPreviewType implements OverdueCount {
  @Field(() => String, { description: 'The type.' })
  readonly type!: string;

  @Field(() => Int, { description: 'How many touchpoints.' })
  readonly touchpoints!: number;

  @Field(() => Int, { description: 'Of how many source records.' })
  readonly records!: number;

  @Field(() => DateTime, { description: 'When the first of them happened.' })
  readonly firstAt!: Date;

  @Field(() => DateTime, { description: 'When the last of them happened.' })
  readonly lastAt!: Date;
}

@ObjectType({ simpleResolvers: true, description: 'What a retention policy would do if it were set now.' })
export class RetentionPreview {
  @Field(() => DateTime, { description: 'What happened before would be over.' })
  readonly before: Date;

  @Field(() => Int, { description: 'How many touchpoints it would reach.' })
  readonly touchpoints: number;

  @Field(() => Boolean, { description: 'There are more: a million were counted.' })
  readonly isMore: boolean;

  @Field(() => [RetentionPreviewType], { description: 'The same by type, in the order of names.' })
  readonly types: readonly RetentionPreviewType[];

  constructor({ before, counts, isMore }: Preview) {
    this.before = before;
    this.types = counts;
    this.touchpoints = counts.reduce((sum, { touchpoints }) => sum + touchpoints, 0);
    this.isMore = isMore;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A retention policy that was set or taken back.' })
export class RetentionPolicyPayload {
  @Field(() => RetentionPolicy, { description: 'The policy as it is now.' })
  readonly policy: RetentionPolicy;

  constructor(row: RetentionPolicyRow) {
    this.policy = new RetentionPolicy(row);
  }
}
