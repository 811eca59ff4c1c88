import { Field, InputType, Int } from 'type-graphql';
import { CurrencyCode } from '../kernel/scalars.ts';
import type { Channel } from '../touchpoints/touchpoint.ts';
import { ChannelEnum } from '../touchpoints/touchpoint.type.ts';
import { EventMeasureEnum, MessageEventEnum, PeriodUnitEnum } from './condition.enum.ts';
import type { Measure, MessageEvent } from './condition.ts';
import {
  DurationInput,
  EventMatchInput,
  NumberTestInput,
  PropertyTestInput,
  WindowInput,
} from './condition-parts.input.ts';
import type { PeriodUnit } from './window.ts';

const whichTouchpoints = 'Which touchpoints.';
const whenTheyCount = 'When they count.';

@InputType({
  description:
    'So many matching touchpoints in a window. `LESS` than 1 is for those with none, customers without any touchpoint ' +
    'included.',
})
export class EventConditionInput {
  @Field(() => EventMatchInput, { description: whichTouchpoints })
  readonly match!: EventMatchInput;

  @Field(() => NumberTestInput, { description: 'How many of them.' })
  readonly count!: NumberTestInput;

  @Field(() => WindowInput, { description: whenTheyCount })
  readonly window!: WindowInput;
}

@InputType({ description: 'The very first matching touchpoint lies in the window: new buyers of this month.' })
export class FirstConditionInput {
  @Field(() => EventMatchInput, { description: whichTouchpoints })
  readonly match!: EventMatchInput;

  @Field(() => WindowInput, { description: 'When the first of them was.' })
  readonly window!: WindowInput;
}

@InputType({ description: 'There were matching touchpoints, and there have been none for a while.' })
export class StoppedConditionInput {
  @Field(() => EventMatchInput, { description: whichTouchpoints })
  readonly match!: EventMatchInput;

  @Field(() => DurationInput, { description: 'None within this time.' })
  readonly none!: DurationInput;
}

@InputType({ description: 'After a pause, a matching touchpoint came again.' })
export class RestartedConditionInput {
  @Field(() => EventMatchInput, { description: whichTouchpoints })
  readonly match!: EventMatchInput;

  @Field(() => DurationInput, { description: 'The pause lasted at least so long.' })
  readonly pause!: DurationInput;

  @Field(() => DurationInput, { description: 'The touchpoint that ended it came so long ago or less.' })
  readonly within!: DurationInput;
}

@InputType({
  description:
    'Matching touchpoints in at least so many of the last periods: `atLeast: 3, periods: 6, unit: MONTH` is in three of ' +
    'the last six months.',
})
export class RegularConditionInput {
  @Field(() => EventMatchInput, { description: whichTouchpoints })
  readonly match!: EventMatchInput;

  @Field(() => PeriodUnitEnum, { description: 'The periods, by the calendar.' })
  readonly unit!: PeriodUnit;

  @Field(() => Int, { description: 'How many of them are looked at, the current one included.' })
  readonly periods!: number;

  @Field(() => Int, { description: 'In how many of them there must be a matching touchpoint.' })
  readonly atLeast!: number;
}

@InputType({
  description:
    'One touchpoint followed by another: a cart and then an order, or, with `missing`, a cart and no order. What follows is ' +
    'strictly later, and may lie behind the window.',
})
export class SequenceConditionInput {
  @Field(() => EventMatchInput, { description: 'What came first.' })
  readonly first!: EventMatchInput;

  @Field(() => EventMatchInput, { description: 'What followed it.' })
  readonly followedBy!: EventMatchInput;

  @Field(() => DurationInput, { description: 'Within which time.' })
  readonly within!: DurationInput;

  @Field(() => Boolean, { description: '`true`: nothing of the kind followed, although the time is over.' })
  readonly missing!: boolean;

  @Field(() => String, {
    nullable: true,
    description:
      'A property that both have with the same value, such as `cartId`. Without it a touchpoint takes no part.',
  })
  readonly same?: string | null;

  @Field(() => WindowInput, { description: 'When the first of the two counts.' })
  readonly window!: WindowInput;
}

@InputType({
  description:
    'What matching touchpoints in a window add up to: `{ measure: SUM, property: "value.amount", … comparison: MORE, ' +
    'value: "100" }`.',
})
export class TotalConditionInput extends NumberTestInput {
  @Field(() => EventMatchInput, { description: whichTouchpoints })
  readonly match!: EventMatchInput;

  @Field(() => EventMeasureEnum, { description: 'What is made of them.' })
  readonly measure!: Measure;

  @Field(() => String, { nullable: true, description: 'The property that is measured. Not for NET_REVENUE.' })
  readonly property?: string | null;

  @Field(() => CurrencyCode, {
    nullable: true,
    description: 'For NET_REVENUE: amounts in other currencies are not looked at. Else left out.',
  })
  readonly currency?: string | null;

  @Field(() => WindowInput, { description: whenTheyCount })
  readonly window!: WindowInput;
}

@InputType({ description: 'The last matching touchpoint of the window has a property.' })
export class LastConditionInput {
  @Field(() => EventMatchInput, { description: whichTouchpoints })
  readonly match!: EventMatchInput;

  @Field(() => PropertyTestInput, { description: 'What the last of them must have.' })
  readonly has!: PropertyTestInput;

  @Field(() => WindowInput, { description: whenTheyCount })
  readonly window!: WindowInput;
}

@InputType({
  description:
    'Some one value of a property comes in so many matching touchpoints: three orders of the same category. One value that ' +
    'passes is enough, also for AT_MOST and EQUALS; a value that does not come at all is none.',
})
export class KeyedConditionInput {
  @Field(() => EventMatchInput, { description: whichTouchpoints })
  readonly match!: EventMatchInput;

  @Field(() => String, { description: 'The property whose values are counted, such as `lines.category`.' })
  readonly property!: string;

  @Field(() => NumberTestInput, { description: 'How many touchpoints have that value.' })
  readonly count!: NumberTestInput;

  @Field(() => WindowInput, { description: whenTheyCount })
  readonly window!: WindowInput;
}

@InputType({
  description:
    'Messages to the customer, and what became of them: opened three newsletters this month. They are touchpoints such as ' +
    '`email.opened`, of the media email, letter, message, newsletter, phone, push, sms and whatsapp.',
})
export class MessageConditionInput {
  @Field(() => MessageEventEnum, { description: 'What became of them.' })
  readonly what!: MessageEvent;

  @Field(() => [ChannelEnum], { nullable: true, description: 'Only on these channels.' })
  readonly channels?: Channel[] | null;

  @Field(() => [String], { nullable: true, description: 'Only of these campaigns.' })
  readonly campaigns?: string[] | null;

  @Field(() => NumberTestInput, { description: 'How many.' })
  readonly count!: NumberTestInput;

  @Field(() => WindowInput, { description: whenTheyCount })
  readonly window!: WindowInput;
}
