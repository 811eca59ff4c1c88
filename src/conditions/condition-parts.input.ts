import { Extensions, Field, InputType, Int } from 'type-graphql';
import type { Json } from '../kernel/json.ts';
import { DateTime, Decimal, JsonValue } from '../kernel/scalars.ts';
import type { Channel, Direction } from '../touchpoints/touchpoint.ts';
import { ChannelEnum, DirectionEnum } from '../touchpoints/touchpoint.type.ts';
import {
  CalendarUnitEnum,
  DurationUnitEnum,
  NumberComparisonEnum,
  PeriodUnitEnum,
  ValueOperatorEnum,
} from './condition.enum.ts';
import type { NumberTest, ValueOperator } from './condition.ts';
import type { Duration } from './duration.ts';
import type { Calendar, Period, PeriodUnit } from './window.ts';

@InputType({ description: 'A length of time: `{ count: 30, unit: DAY }` is 720 hours. At most ten years.' })
export class DurationInput implements Duration {
  @Field(() => Int, { description: 'How many of them, from 1.' })
  readonly count!: number;

  @Field(() => DurationUnitEnum, { description: 'Of what.' })
  readonly unit!: Duration['unit'];
}

@InputType({
  description: 'Two ages, the older one first: `60 days` to `30 days` is the time before the last 30 days.',
})
export class AgesInput {
  @Field(() => DurationInput, { description: 'Less than so long ago.' })
  readonly from!: DurationInput;

  @Field(() => DurationInput, { description: 'At least so long ago.' })
  readonly to!: DurationInput;
}

@InputType({
  description:
    'Since the beginning of the day that lies so many calendar units back: 1 MONTH on March 31 begins on February 28 ' +
    "at midnight, in the organisation's time zone.",
})
export class CalendarInput implements Calendar {
  @Field(() => Int, { description: 'How many units back, from 1.' })
  readonly count!: number;

  @Field(() => CalendarUnitEnum, { description: 'Of what.' })
  readonly unit!: Calendar['unit'];
}

@InputType({ description: 'A whole period of the calendar: `{ unit: MONTH, ago: 1 }` is last month.' })
export class CalendarPeriodInput implements Period {
  @Field(() => PeriodUnitEnum, { description: 'Of what length.' })
  readonly unit!: PeriodUnit;

  @Field(() => Int, { description: '0: the current one; 1: the one before it; and so on.' })
  readonly ago!: number;
}

@InputType({ description: 'From an instant (included) to an instant (not included). One of them may be left out.' })
export class AbsoluteWindowInput {
  @Field(() => DateTime, { nullable: true, description: 'The first instant that belongs to it.' })
  readonly from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'The first instant that no longer belongs to it.' })
  readonly to?: Date | null;
}

@Extensions({ oneOf: true })
@InputType({
  description:
    'When touchpoints count: exactly one of these. What lies in the future counts in none of them, until its time has come.',
})
export class WindowInput {
  @Field(() => Boolean, { nullable: true, description: '`true`: at any time.' })
  readonly ever?: boolean | null;

  @Field(() => DurationInput, {
    nullable: true,
    description: 'So long ago or less, to the second: `{ count: 30, unit: DAY }`.',
  })
  readonly last?: DurationInput | null;

  @Field(() => AgesInput, { nullable: true, description: 'Between two ages, such as 60 to 30 days ago.' })
  readonly between?: AgesInput | null;

  @Field(() => CalendarInput, { nullable: true, description: 'Since a day of the calendar, such as one month back.' })
  readonly lastCalendar?: CalendarInput | null;

  @Field(() => CalendarPeriodInput, { nullable: true, description: 'In a period of the calendar, such as last month.' })
  readonly period?: CalendarPeriodInput | null;

  @Field(() => AbsoluteWindowInput, { nullable: true, description: 'Between two instants that never move.' })
  readonly absolute?: AbsoluteWindowInput | null;
}

@InputType({ description: 'What a number must be: `{ comparison: AT_LEAST, value: "3" }`.' })
export class NumberTestInput implements Omit<NumberTest, 'to'> {
  @Field(() => NumberComparisonEnum, { description: 'How it is compared.' })
  readonly comparison!: NumberTest['comparison'];

  @Field(() => Decimal, { description: 'With what; the lower end of BETWEEN. Counts are whole numbers from 0.' })
  readonly value!: string;

  @Field(() => Decimal, { nullable: true, description: 'The upper end of BETWEEN, included. Else left out.' })
  readonly to?: string | null;
}

@InputType({ description: 'What a JSON value must be.' })
export abstract class ValueTestInput {
  @Field(() => ValueOperatorEnum, { description: 'How it is compared, and whether `value` or `values` is needed.' })
  readonly operator!: ValueOperator;

  @Field(() => JsonValue, { nullable: true, description: 'For operators with one operand: any JSON value.' })
  readonly value?: Json;

  @Field(() => [JsonValue], {
    nullable: true,
    description: 'For IN, NOT_IN, ANY_OF, ALL_OF and NONE_OF, and the two ends of BETWEEN.',
  })
  readonly values?: Json[] | null;
}

@InputType({
  description: 'What a property of a touchpoint must be: `{ property: "category", operator: EQUALS, value: "shoes" }`.',
})
export class PropertyTestInput extends ValueTestInput {
  @Field(() => String, {
    description:
      '`category` is a property of the touchpoint, `address.city` one inside of it, `lines.sku` a field of any of its ' +
      'lines, `value.amount` and `value.currency` its value.',
  })
  readonly property!: string;
}

@InputType({
  description:
    'Which touchpoints. Everything given must hold; of a list, one entry is enough. `{}` is any touchpoint, ' +
    '`{ types: ["order.completed"], channels: [WEB] }` an order in the web shop. Lists hold at most 100 entries.',
})
export class EventMatchInput {
  @Field(() => [String], { nullable: true, description: 'What happened, such as `page.viewed`.' })
  readonly types?: string[] | null;

  @Field(() => [ChannelEnum], { nullable: true, description: 'Where it took place.' })
  readonly channels?: Channel[] | null;

  @Field(() => [DirectionEnum], { nullable: true, description: 'Who turned to whom.' })
  readonly directions?: Direction[] | null;

  @Field(() => [String], { nullable: true, description: 'The systems that saw it, such as `web`.' })
  readonly sources?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'The campaigns that led to it.' })
  readonly campaigns?: string[] | null;

  @Field(() => [PropertyTestInput], {
    nullable: true,
    description: 'Tests of its properties: at most 10, all of which must hold.',
  })
  readonly where?: PropertyTestInput[] | null;
}
