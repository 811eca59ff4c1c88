import { Extensions, Field, ID, InputType } from 'type-graphql';
import { MemberGroupEnum, MemberQuantifierEnum } from './condition.enum.ts';
import type { MembersCondition } from './condition.ts';
import { ConsentConditionInput } from './consent-condition.input.ts';
import {
  BucketConditionInput,
  DateConditionInput,
  FactConditionInput,
  IdentityConditionInput,
  PlaceConditionInput,
  TraitHeldConditionInput,
  TraitTestInput,
} from './customer-conditions.input.ts';
import {
  EventConditionInput,
  FirstConditionInput,
  KeyedConditionInput,
  LastConditionInput,
  MessageConditionInput,
  RegularConditionInput,
  RestartedConditionInput,
  SequenceConditionInput,
  StoppedConditionInput,
  TotalConditionInput,
} from './event-conditions.input.ts';
import { KpiConditionInput, LifecycleConditionInput } from './kpi-condition.input.ts';
import { LoyaltyConditionInput } from './loyalty-condition.input.ts';

@InputType({ description: 'The members of another segment.' })
export class SegmentConditionInput {
  @Field(() => ID, { description: 'Id of the segment, such as `seg_01h2xcejqtf2nbrexx3vqjhp41`.' })
  readonly id!: string;
}

@InputType({ description: 'The members of a list that people keep by hand or import.' })
export class ListConditionInput {
  @Field(() => ID, { description: 'Id of the list, such as `seg_01h2xcejqtf2nbrexx3vqjhp41`.' })
  readonly id!: string;
}

@InputType({
  description: "A condition on the members of the customer's households or accounts, the customer included.",
})
export class MembersConditionInput {
  @Field(() => MemberGroupEnum, { description: 'Members of what.' })
  readonly of!: MembersCondition['of'];

  @Field(() => MemberQuantifierEnum, { description: 'For how many of them it must hold.' })
  readonly quantifier!: MembersCondition['quantifier'];

  @Field(() => ConditionInput, { description: 'What must hold for a member.' })
  readonly condition!: ConditionInput;
}

@Extensions({ oneOf: true })
@InputType({
  description:
    'Which customers: exactly one of these members. `all`, `any` and `not` make a tree of the others: at most 8 deep, ' +
    'with at most 50 leaves. For example `{ all: [{ trait: { trait: "country", operator: EQUALS, value: "CH" } }, ' +
    '{ not: { segment: { id: "seg_01h2xcejqtf2nbrexx3vqjhp41" } } }] }`. What is wrong with one is `BAD_USER_INPUT`, with ' +
    'the path of the fault in `extensions.field`.',
})
export class ConditionInput {
  @Field(() => [ConditionInput], { nullable: true, description: 'Each of these holds.' })
  readonly all?: ConditionInput[] | null;

  @Field(() => [ConditionInput], { nullable: true, description: 'At least one of these holds.' })
  readonly any?: ConditionInput[] | null;

  @Field(() => ConditionInput, { nullable: true, description: 'This does not hold.' })
  readonly not?: ConditionInput | null;

  @Field(() => Boolean, { nullable: true, description: '`true`: all customers.' })
  readonly everyone?: boolean | null;

  @Field(() => TraitTestInput, { nullable: true, description: 'A golden trait has a value, such as country CH.' })
  readonly trait?: TraitTestInput | null;

  @Field(() => DateConditionInput, { nullable: true, description: 'A golden trait is a date: birthday in 7 days.' })
  readonly date?: DateConditionInput | null;

  @Field(() => TraitHeldConditionInput, {
    nullable: true,
    description: 'A trait has had a value for a while: gold for 30 days.',
  })
  readonly traitHeld?: TraitHeldConditionInput | null;

  @Field(() => FactConditionInput, { nullable: true, description: 'A number of the single customer view: orders.' })
  readonly fact?: FactConditionInput | null;

  @Field(() => IdentityConditionInput, { nullable: true, description: 'How well the customer is known.' })
  readonly identity?: IdentityConditionInput | null;

  @Field(() => PlaceConditionInput, { nullable: true, description: 'Where the customer lives.' })
  readonly place?: PlaceConditionInput | null;

  @Field(() => BucketConditionInput, { nullable: true, description: 'A stable random share of all customers.' })
  readonly bucket?: BucketConditionInput | null;

  @Field(() => EventConditionInput, {
    nullable: true,
    description: 'So many touchpoints in a window, or none: viewed 3 pages in the last 30 days.',
  })
  readonly event?: EventConditionInput | null;

  @Field(() => FirstConditionInput, { nullable: true, description: 'Did something for the first time in a window.' })
  readonly first?: FirstConditionInput | null;

  @Field(() => StoppedConditionInput, { nullable: true, description: 'Used to do something, and no longer does.' })
  readonly stopped?: StoppedConditionInput | null;

  @Field(() => RestartedConditionInput, { nullable: true, description: 'Does something again after a pause.' })
  readonly restarted?: RestartedConditionInput | null;

  @Field(() => RegularConditionInput, { nullable: true, description: 'Does something in most months.' })
  readonly regular?: RegularConditionInput | null;

  @Field(() => SequenceConditionInput, { nullable: true, description: 'One thing, and then another, or not.' })
  readonly sequence?: SequenceConditionInput | null;

  @Field(() => TotalConditionInput, { nullable: true, description: 'What touchpoints in a window add up to.' })
  readonly total?: TotalConditionInput | null;

  @Field(() => LastConditionInput, { nullable: true, description: 'What the last touchpoint of a kind was like.' })
  readonly last?: LastConditionInput | null;

  @Field(() => KeyedConditionInput, { nullable: true, description: 'The same thing several times: 3 of one category.' })
  readonly keyed?: KeyedConditionInput | null;

  @Field(() => MessageConditionInput, { nullable: true, description: 'Got, opened or clicked messages.' })
  readonly message?: MessageConditionInput | null;

  @Field(() => MembersConditionInput, { nullable: true, description: 'Something about household or account.' })
  readonly members?: MembersConditionInput | null;

  @Field(() => ConsentConditionInput, { nullable: true, description: 'What the customer allows: the newsletter.' })
  readonly consent?: ConsentConditionInput | null;

  @Field(() => LoyaltyConditionInput, {
    nullable: true,
    description: 'Membership, tier or points of a loyalty programme.',
  })
  readonly loyalty?: LoyaltyConditionInput | null;

  @Field(() => KpiConditionInput, { nullable: true, description: 'A KPI of the customer, such as the churn risk.' })
  readonly kpi?: KpiConditionInput | null;

  @Field(() => LifecycleConditionInput, {
    nullable: true,
    description: 'Stage of the life cycle, band of the churn risk, RFM segment or ABC class.',
  })
  readonly lifecycle?: LifecycleConditionInput | null;

  @Field(() => SegmentConditionInput, { nullable: true, description: 'Is in another segment.' })
  readonly segment?: SegmentConditionInput | null;

  @Field(() => ListConditionInput, { nullable: true, description: 'Is on a list.' })
  readonly list?: ListConditionInput | null;
}
