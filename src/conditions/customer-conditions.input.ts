import { Extensions, Field, Float, InputType, Int } from 'type-graphql';
import type { Json } from '../kernel/json.ts';
import { CurrencyCode, DateTime, JsonValue } from '../kernel/scalars.ts';
import { CustomerFactEnum } from './condition.enum.ts';
import type { BucketCondition, CustomerFact } from './condition.ts';
import { DurationInput, NumberTestInput, ValueTestInput } from './condition-parts.input.ts';

@InputType({
  description: 'What a golden trait must be: `{ trait: "country", operator: IN, values: ["CH", "LI"] }`.',
})
export class TraitTestInput extends ValueTestInput {
  @Field(() => String, { description: 'Name of the trait, such as `country`.' })
  readonly trait!: string;
}

@InputType({
  description:
    'A golden trait that is a date (`2026-03-29`) or an RFC 3339 instant, against the present. Give exactly one test beside ' +
    "the trait. A date stands for its beginning in the organisation's time zone. What is neither passes no test.",
})
export class DateConditionInput {
  @Field(() => String, { description: 'Name of the trait, such as `birthDate`.' })
  readonly trait!: string;

  @Field(() => DateTime, { nullable: true, description: 'It lies before this instant.' })
  readonly before?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'It is this instant or a later one.' })
  readonly after?: Date | null;

  @Field(() => DurationInput, { nullable: true, description: 'It is past, by less than so long.' })
  readonly withinLast?: DurationInput | null;

  @Field(() => DurationInput, { nullable: true, description: 'It is now or to come, in so long or less.' })
  readonly withinNext?: DurationInput | null;

  @Field(() => DurationInput, { nullable: true, description: 'It is past, by so long or longer.' })
  readonly olderThan?: DurationInput | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'The next anniversary is at most so many days away, up to 365; 0: it is today. The first one is a year after the day; ' +
      'Feb 29 is kept on Feb 28 in other years. For birthdays and contracts.',
  })
  readonly anniversaryWithinDays?: number | null;
}

@InputType({
  description:
    'For how long sources have said the same of a trait, without a break. The latest word of any record counts. Give ' +
    '`atLeast`, `lessThan` or both: ' +
    '`{ trait: "tier", value: "gold", atLeast: { count: 30, unit: DAY } }`.',
})
export class TraitHeldConditionInput {
  @Field(() => String, { description: 'Name of the trait.' })
  readonly trait!: string;

  @Field(() => JsonValue, {
    nullable: true,
    description: 'The value that it has had all the time; null: the sources have said that there is none.',
  })
  readonly value?: Json;

  @Field(() => DurationInput, { nullable: true, description: 'For so long or longer.' })
  readonly atLeast?: DurationInput | null;

  @Field(() => DurationInput, { nullable: true, description: 'For less than so long.' })
  readonly lessThan?: DurationInput | null;
}

@InputType({
  description: 'A number of the single customer view: `{ fact: ORDERS, comparison: AT_LEAST, value: "3" }`.',
})
export class FactConditionInput extends NumberTestInput {
  @Field(() => CustomerFactEnum, { description: 'Which number.' })
  readonly fact!: CustomerFact;

  @Field(() => CurrencyCode, {
    nullable: true,
    description:
      'For NET_REVENUE and AVERAGE_ORDER_VALUE: amounts in other currencies are not looked at. Else left out.',
  })
  readonly currency?: string | null;
}

@Extensions({ oneOf: true })
@InputType({ description: 'How well the customer is known: exactly one of these.' })
export class IdentityConditionInput {
  @Field(() => Boolean, { nullable: true, description: '`true`: known by an identifier that names a person.' })
  readonly identified?: boolean | null;

  @Field(() => String, { nullable: true, description: 'Carries an identifier of this kind, such as `email`.' })
  readonly carries?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Carries an identifier of this kind, and a trait says that it is verified: `emailVerified` for `email`.',
  })
  readonly verified?: string | null;

  @Field(() => String, { nullable: true, description: 'Has a source record of this source, such as `crm`.' })
  readonly recordFrom?: string | null;

  @Field(() => DurationInput, { nullable: true, description: 'Another customer was merged into this one so recently.' })
  readonly mergedWithin?: DurationInput | null;
}

@InputType({ description: 'Around a point on Earth, as the crow flies.' })
export class NearInput {
  @Field(() => Float, { description: 'Degrees north; negative to the south.' })
  readonly latitude!: number;

  @Field(() => Float, { description: 'Degrees east; negative to the west.' })
  readonly longitude!: number;

  @Field(() => Float, { description: 'At most so far away, from 0.001 to 20100.' })
  readonly kilometres!: number;
}

@InputType({
  description:
    'Where the customer lives, by golden traits. Each list that is given must hold the value; case does not matter. ' +
    '`{ countries: ["CH"], postalCodes: ["80", "81"] }`.',
})
export class PlaceConditionInput {
  @Field(() => [String], { nullable: true, description: 'The trait `country` is one of these.' })
  readonly countries?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'The trait `region` is one of these.' })
  readonly regions?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'The trait `city` is one of these.' })
  readonly cities?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'The trait `postalCode` begins with one of these.' })
  readonly postalCodes?: string[] | null;

  @Field(() => NearInput, {
    nullable: true,
    description: 'The trait `location` (`{ latitude, longitude }`) lies around this point.',
  })
  readonly near?: NearInput | null;
}

@InputType({
  description:
    'A stable share of all customers, for tests: a hash of seed and customer falls into one of 10,000 buckets. ' +
    '`{ seed: "spring", from: 0, to: 500 }` is a twentieth, and always the same one.',
})
export class BucketConditionInput implements BucketCondition {
  @Field(() => String, { description: 'Any text. Another one shuffles the customers anew.' })
  readonly seed!: string;

  @Field(() => Int, { description: 'The first bucket that belongs to it, from 0.' })
  readonly from!: number;

  @Field(() => Int, { description: 'The first bucket that no longer belongs to it, up to 10000.' })
  readonly to!: number;
}
