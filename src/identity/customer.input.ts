import { Field, InputType, Int, registerEnumType } from 'type-graphql';
import type { Json } from '../kernel/json.ts';
import { CurrencyCode, DateTime, Decimal, JsonValue } from '../kernel/scalars.ts';
import type { CustomerOrder } from './customer.service.ts';
import type { CustomerFilter, InstantRange, NumberRange, TraitCondition, TraitOperator } from './customer-filter.ts';
import { IdentifierInput } from './identifier.input.ts';

const TraitOperatorEnum = {
  EQUALS: 'EQUALS',
  NOT_EQUALS: 'NOT_EQUALS',
  GREATER: 'GREATER',
  GREATER_OR_EQUAL: 'GREATER_OR_EQUAL',
  LESS: 'LESS',
  LESS_OR_EQUAL: 'LESS_OR_EQUAL',
  STARTS_WITH: 'STARTS_WITH',
  CONTAINS: 'CONTAINS',
  EXISTS: 'EXISTS',
  NOT_EXISTS: 'NOT_EXISTS',
} as const satisfies { [K in TraitOperator]: K };

registerEnumType(TraitOperatorEnum, {
  name: 'TraitOperator',
  description:
    'How the value of a trait is compared: numbers with numbers, text with text (by code point). A value of another ' +
    'type is no match.',
  valuesConfig: {
    EQUALS: { description: 'The same JSON value.' },
    NOT_EQUALS: { description: 'Another JSON value, or none at all.' },
    GREATER: { description: 'Greater than.' },
    GREATER_OR_EQUAL: { description: 'Greater or equal.' },
    LESS: { description: 'Less than.' },
    LESS_OR_EQUAL: { description: 'Less or equal.' },
    STARTS_WITH: { description: 'Text that starts so; capitals matter.' },
    CONTAINS: { description: 'Text that contains this; capitals do not matter.' },
    EXISTS: { description: 'There is a value. Takes none itself.' },
    NOT_EXISTS: { description: 'There is no value. Takes none itself.' },
  },
});

@InputType({
  description: 'A condition on a golden trait. A personal trait needs the scope `pii:read`, else `FORBIDDEN`.',
})
export class TraitConditionInput implements TraitCondition {
  @Field(() => String, { description: 'Name of the trait, such as `language`.' })
  readonly name!: string;

  @Field(() => TraitOperatorEnum, { description: 'How to compare.' })
  readonly operator!: TraitOperator;

  @Field(() => JsonValue, { nullable: true, description: 'What to compare with. Left out for EXISTS and NOT_EXISTS.' })
  readonly value?: Json;
}

@InputType({ description: 'A range of whole numbers; every bound that is given must hold.' })
export class IntRangeInput implements NumberRange<number> {
  @Field(() => Int, { nullable: true, description: 'Greater than.' })
  readonly gt?: number | null;

  @Field(() => Int, { nullable: true, description: 'Greater or equal.' })
  readonly gte?: number | null;

  @Field(() => Int, { nullable: true, description: 'Less than.' })
  readonly lt?: number | null;

  @Field(() => Int, { nullable: true, description: 'Less or equal.' })
  readonly lte?: number | null;
}

@InputType({ description: 'A range of amounts in one currency; every bound that is given must hold.' })
export class MoneyRangeInput implements NumberRange<string> {
  @Field(() => CurrencyCode, { description: 'Amounts in other currencies are not looked at: nothing is converted.' })
  readonly currency!: string;

  @Field(() => Decimal, { nullable: true, description: 'Greater than.' })
  readonly gt?: string | null;

  @Field(() => Decimal, { nullable: true, description: 'Greater or equal.' })
  readonly gte?: string | null;

  @Field(() => Decimal, { nullable: true, description: 'Less than.' })
  readonly lt?: string | null;

  @Field(() => Decimal, { nullable: true, description: 'Less or equal.' })
  readonly lte?: string | null;
}

@InputType({ description: 'A period: from (included) to (not included). A missing end is open.' })
export class PeriodInput implements InstantRange {
  @Field(() => DateTime, { nullable: true, description: 'The first instant that belongs to it.' })
  readonly from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'The first instant that no longer belongs to it.' })
  readonly to?: Date | null;
}

@InputType('CustomerFilter', {
  description:
    'Which customers. Everything given must hold. At most 50 conditions, nested at most 5 deep. Only `firstSeen` and ' +
    '`lastSeen` in the order of the list, and `identifier`, use an index: other conditions look at customers one by ' +
    'one until the page is full.',
})
export class CustomerFilterInput implements CustomerFilter {
  @Field(() => [CustomerFilterInput], { nullable: true, description: 'All of these.' })
  readonly and?: CustomerFilterInput[] | null;

  @Field(() => [CustomerFilterInput], { nullable: true, description: 'At least one of these.' })
  readonly or?: CustomerFilterInput[] | null;

  @Field(() => CustomerFilterInput, { nullable: true, description: 'Not this.' })
  readonly not?: CustomerFilterInput | null;

  @Field(() => Boolean, { nullable: true, description: 'Known by an identifier that names a person.' })
  readonly identified?: boolean | null;

  @Field(() => IdentifierInput, {
    nullable: true,
    description: 'Everyone who carries this identifier, shared or not. Needs the scope `pii:read`, else `FORBIDDEN`.',
  })
  readonly identifier?: IdentifierInput | null;

  @Field(() => TraitConditionInput, { nullable: true, description: 'A condition on a trait.' })
  readonly trait?: TraitConditionInput | null;

  @Field(() => String, { nullable: true, description: 'Known to this source.' })
  readonly source?: string | null;

  @Field(() => IntRangeInput, { nullable: true, description: 'Number of orders.' })
  readonly orders?: IntRangeInput | null;

  @Field(() => IntRangeInput, { nullable: true, description: 'Number of touchpoints.' })
  readonly touchpoints?: IntRangeInput | null;

  @Field(() => MoneyRangeInput, {
    nullable: true,
    description: 'Orders less returns. Who never bought in that currency has 0.',
  })
  readonly netRevenue?: MoneyRangeInput | null;

  @Field(() => PeriodInput, { nullable: true, description: 'When the first touchpoint was.' })
  readonly firstSeen?: PeriodInput | null;

  @Field(() => PeriodInput, { nullable: true, description: 'When the latest touchpoint was.' })
  readonly lastSeen?: PeriodInput | null;
}

const CustomerOrderField = { FIRST_SEEN: 'FIRST_SEEN', LAST_SEEN: 'LAST_SEEN' } as const;
const SortDirection = { ASC: 'ASC', DESC: 'DESC' } as const;

registerEnumType(CustomerOrderField, {
  name: 'CustomerOrderField',
  description: 'What customers are ordered by.',
  valuesConfig: {
    FIRST_SEEN: { description: 'Time of the first touchpoint.' },
    LAST_SEEN: { description: 'Time of the latest touchpoint.' },
  },
});

registerEnumType(SortDirection, {
  name: 'SortDirection',
  description: 'Which end comes first.',
  valuesConfig: {
    ASC: { description: 'Earliest or smallest first.' },
    DESC: { description: 'Latest or greatest first.' },
  },
});

@InputType('CustomerOrder', { description: 'The order of a list of customers.' })
export class CustomerOrderInput implements CustomerOrder {
  @Field(() => CustomerOrderField, { description: 'What to order by.' })
  readonly field!: CustomerOrder['field'];

  @Field(() => SortDirection, { description: 'Which end comes first.' })
  readonly direction!: CustomerOrder['direction'];
}
