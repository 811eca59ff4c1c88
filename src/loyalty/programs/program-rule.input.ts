import { Extensions, Field, InputType, Int } from 'type-graphql';
import { ConditionInput } from '../../conditions/condition.input.ts';
import { EventMatchInput } from '../../conditions/condition-parts.input.ts';
import { CurrencyCode, DateTime, Decimal } from '../../kernel/scalars.ts';
import type { CapPeriod, Expiry, Rounding } from '../program.ts';
import {
  LoyaltyCapPeriodEnum,
  LoyaltyExpiryUnitEnum,
  LoyaltyRoundedPerEnum,
  LoyaltyRoundingEnum,
} from './program.enum.ts';

@Extensions({ oneOf: true })
@InputType({ description: 'A number of a rule: `{ value: "1.5" }`, or the lever that holds it.' })
export class LoyaltySettingInput {
  @Field(() => Decimal, { nullable: true, description: 'The number itself.' })
  readonly value?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Key of a lever of the same version. What it is when a touchpoint occurs counts for that touchpoint.',
  })
  readonly lever?: string | null;
}

@InputType({ description: 'Points for money: `points` for each `per` of `currency`.' })
export class LoyaltySpendEarningInput {
  @Field(() => LoyaltySettingInput, { description: 'How many points: a number from 0, decimal places included.' })
  readonly points!: LoyaltySettingInput;

  @Field(() => Decimal, { description: 'For each of which amount: more than 0, in units of the currency.' })
  readonly per!: string;

  @Field(() => CurrencyCode, { description: 'Only what was paid in it.' })
  readonly currency!: string;
}

@InputType({ description: 'Points for each piece of the lines that the rule is about.' })
export class LoyaltyItemEarningInput {
  @Field(() => LoyaltySettingInput, { description: 'How many for each piece: a number from 0.' })
  readonly points!: LoyaltySettingInput;
}

@InputType({ description: 'Points for the touchpoint, whatever it is worth.' })
export class LoyaltyEventEarningInput {
  @Field(() => LoyaltySettingInput, { description: 'How many each time: a number from 0.' })
  readonly points!: LoyaltySettingInput;
}

@InputType({
  description:
    'More of what other rules grant for the same lines: their points times `factor` − 1. Several multipliers add up, they ' +
    'do not multiply each other: twice and three times make four times.',
})
export class LoyaltyMultiplierEarningInput {
  @Field(() => LoyaltySettingInput, { description: 'From 1, which changes nothing, to 1000. 2 is double points.' })
  readonly factor!: LoyaltySettingInput;

  @Field(() => [String], {
    nullable: true,
    description: 'Keys of rules of the same wallet that are no multipliers. Left out: all of them.',
  })
  readonly of?: string[] | null;
}

@Extensions({ oneOf: true })
@InputType({ description: 'What a rule grants: exactly one of these.' })
export class LoyaltyEarningInput {
  @Field(() => LoyaltySpendEarningInput, { nullable: true, description: 'Points for money.' })
  readonly spend?: LoyaltySpendEarningInput | null;

  @Field(() => LoyaltyItemEarningInput, { nullable: true, description: 'Points for pieces.' })
  readonly item?: LoyaltyItemEarningInput | null;

  @Field(() => LoyaltyEventEarningInput, { nullable: true, description: 'Points for what happened.' })
  readonly event?: LoyaltyEventEarningInput | null;

  @Field(() => LoyaltyMultiplierEarningInput, { nullable: true, description: 'More of what other rules grant.' })
  readonly multiplier?: LoyaltyMultiplierEarningInput | null;
}

@InputType({ description: 'Lines of an order: those with one of the SKUs or of one of the categories.' })
export class LoyaltyLinesInput {
  @Field(() => [String], { nullable: true, description: 'SKUs, letter by letter; at most 1000.' })
  readonly skus?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Categories, letter by letter; at most 1000.' })
  readonly categories?: string[] | null;
}

@InputType({
  description:
    'Until when points can be spent, counted from when they were earned: `{ count: 12, unit: MONTH, endOf: MONTH }` is to ' +
    "the end of the month a year later. At midnight of the organisation's zone they are gone.",
})
export class LoyaltyExpiryInput implements Expiry {
  @Field(() => Int, { description: 'How many units: up to 3660 days, 120 months or 10 years.' })
  readonly count!: number;

  @Field(() => LoyaltyExpiryUnitEnum, { description: 'Of what.' })
  readonly unit!: Expiry['unit'];

  @Field(() => LoyaltyExpiryUnitEnum, { defaultValue: 'DAY', description: 'To the end of that day, month or year.' })
  readonly endOf!: Expiry['endOf'];
}

@InputType({ description: 'At most so many points by this rule, for one customer, in a period.' })
export class LoyaltyCapInput {
  @Field(() => LoyaltyCapPeriodEnum, { description: 'In which period. At most one cap for each.' })
  readonly per!: CapPeriod;

  @Field(() => LoyaltySettingInput, { description: 'How many points: a whole number from 0.' })
  readonly points!: LoyaltySettingInput;
}

@InputType({ description: 'A rule by which points are earned.' })
export class LoyaltyRuleInput {
  @Field(() => String, {
    description:
      'Names the rule in grants, caps and reports, such as `coffee-weeks`: 1 to 64 letters, digits, - and _. A rule of the ' +
      'same key in the next version goes on with its caps and budget.',
  })
  readonly key!: string;

  @Field(() => String, { description: 'For people, in up to 200 characters.' })
  readonly name!: string;

  @Field(() => String, { description: 'Key of the wallet that the points go to.' })
  readonly wallet!: string;

  @Field(() => EventMatchInput, {
    description:
      'Which touchpoints, with at least one type: purchases are `order.completed`. Not `order.returned`: a return takes ' +
      'back by itself what was earned.',
  })
  readonly match!: EventMatchInput;

  @Field(() => LoyaltyLinesInput, { nullable: true, description: 'Only these lines. Left out: all. Not for `event`.' })
  readonly lines?: LoyaltyLinesInput | null;

  @Field(() => LoyaltyEarningInput, { description: 'What it grants.' })
  readonly earns!: LoyaltyEarningInput;

  @Field(() => LoyaltyRoundingEnum, { defaultValue: 'DOWN', description: 'How whole points are made.' })
  readonly rounding!: Rounding;

  @Field(() => LoyaltyRoundedPerEnum, { defaultValue: 'ORDER', description: 'What is rounded.' })
  readonly roundedPer!: 'LINE' | 'ORDER';

  @Field(() => ConditionInput, {
    nullable: true,
    description:
      'Only for customers who fulfil this when the touchpoint arrives; it is judged once. A segment that it names counts ' +
      'as it is defined when the version is published; a list counts as it is.',
  })
  readonly eligibility?: ConditionInput | null;

  @Field(() => String, {
    nullable: true,
    description: 'The same in words, such as `country is "CH"`. Give this or `eligibility`, or neither for everybody.',
  })
  readonly eligibilityText?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Keys of tiers: only for customers who had one of them just before the touchpoint. Left out: for all.',
  })
  readonly tiers?: string[] | null;

  @Field(() => DateTime, { nullable: true, description: 'Only touchpoints that occurred then or later.' })
  readonly validFrom?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Only touchpoints that occurred before.' })
  readonly validTo?: Date | null;

  @Field(() => Int, { defaultValue: 0, description: 'Days until the points can be spent, 0 to 366.' })
  readonly pendingDays!: number;

  @Field(() => LoyaltyExpiryInput, { nullable: true, description: 'Left out: they never expire.' })
  readonly expiry?: LoyaltyExpiryInput | null;

  @Field(() => [LoyaltyCapInput], { defaultValue: [], description: 'The most that a customer gets by it.' })
  readonly caps!: LoyaltyCapInput[];

  @Field(() => LoyaltySettingInput, {
    nullable: true,
    description: 'Points that it may grant in all, first come, first served: a whole number. Left out: no end.',
  })
  readonly budget?: LoyaltySettingInput | null;

  @Field(() => Boolean, { defaultValue: true, description: 'Whether its points count for the tier.' })
  readonly qualifies!: boolean;

  @Field(() => String, { nullable: true, description: 'Who pays for the points. Left out: the programme itself.' })
  readonly partner?: string | null;
}
