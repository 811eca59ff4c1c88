import { registerEnumType } from 'type-graphql';
import type {
  CustomerFact,
  Measure,
  MembersCondition,
  MessageEvent,
  NumberTest,
  ValueOperator as Operator,
} from './condition.ts';
import type { Duration } from './duration.ts';
import type { Calendar, PeriodUnit } from './window.ts';

type Names<T extends string> = { [Name in T]: Name };

export const ValueOperatorEnum = {
  EQUALS: 'EQUALS',
  NOT_EQUALS: 'NOT_EQUALS',
  LESS: 'LESS',
  LESS_OR_EQUAL: 'LESS_OR_EQUAL',
  GREATER: 'GREATER',
  GREATER_OR_EQUAL: 'GREATER_OR_EQUAL',
  BETWEEN: 'BETWEEN',
  IN: 'IN',
  NOT_IN: 'NOT_IN',
  CONTAINS: 'CONTAINS',
  STARTS_WITH: 'STARTS_WITH',
  ENDS_WITH: 'ENDS_WITH',
  MATCHES: 'MATCHES',
  ANY_OF: 'ANY_OF',
  ALL_OF: 'ALL_OF',
  NONE_OF: 'NONE_OF',
  EXISTS: 'EXISTS',
  MISSING: 'MISSING',
  IS_NULL: 'IS_NULL',
} as const satisfies Names<Operator>;

registerEnumType(ValueOperatorEnum, {
  name: 'ValueOperator',
  description: 'What the value of a trait or a property must be.',
  valuesConfig: {
    EQUALS: { description: 'The same JSON value as `value`.' },
    NOT_EQUALS: { description: 'Another JSON value than `value`; also none at all.' },
    LESS: {
      description:
        'Less than `value`: a number than a number, text than text (by code point). Other types pass no comparison.',
    },
    LESS_OR_EQUAL: { description: 'Less than `value`, or equal.' },
    GREATER: { description: 'Greater than `value`.' },
    GREATER_OR_EQUAL: { description: 'Greater than `value`, or equal.' },
    BETWEEN: { description: 'From the first to the second of the two `values`, both included.' },
    IN: { description: 'One of `values`.' },
    NOT_IN: { description: 'None of `values`; also no value at all.' },
    CONTAINS: { description: 'Text that contains the text `value`, whatever its case.' },
    STARTS_WITH: { description: 'Text that starts with the text `value`, whatever its case.' },
    ENDS_WITH: { description: 'Text that ends with the text `value`, whatever its case.' },
    MATCHES: {
      description:
        'Text in which the regular expression `value` is found, such as `^4\\d{3}$`: the common ground of RE2 and ' +
        'PostgreSQL. Case matters.',
    },
    ANY_OF: {
      description: 'A list that holds at least one of `values`. A value that is no list counts as a list of one.',
    },
    ALL_OF: { description: 'A list that holds each of `values`.' },
    NONE_OF: { description: 'A list that holds none of `values`; also no value at all.' },
    EXISTS: { description: 'Set to something. Takes no value.' },
    MISSING: { description: 'Never set. Takes no value.' },
    IS_NULL: { description: 'Set to nothing (null): the sources say that there is none. Takes no value.' },
  },
});

export const NumberComparisonEnum = {
  EQUALS: 'EQUALS',
  NOT_EQUALS: 'NOT_EQUALS',
  LESS: 'LESS',
  AT_MOST: 'AT_MOST',
  MORE: 'MORE',
  AT_LEAST: 'AT_LEAST',
  BETWEEN: 'BETWEEN',
} as const satisfies Names<NumberTest['comparison']>;

registerEnumType(NumberComparisonEnum, {
  name: 'NumberComparison',
  description: 'How a number is compared with `value`.',
  valuesConfig: {
    EQUALS: { description: 'Exactly `value`.' },
    NOT_EQUALS: { description: 'Any other number.' },
    LESS: { description: 'Less than `value`.' },
    AT_MOST: { description: '`value` or less.' },
    MORE: { description: 'More than `value`.' },
    AT_LEAST: { description: '`value` or more.' },
    BETWEEN: { description: 'From `value` to `to`, both included.' },
  },
});

export const DurationUnitEnum = {
  MINUTE: 'MINUTE',
  HOUR: 'HOUR',
  DAY: 'DAY',
  WEEK: 'WEEK',
} as const satisfies Names<Duration['unit']>;

registerEnumType(DurationUnitEnum, {
  name: 'DurationUnit',
  description: 'A length of time, whatever the calendar says and clocks do.',
  valuesConfig: {
    MINUTE: { description: '60 seconds.' },
    HOUR: { description: '60 minutes.' },
    DAY: { description: '24 hours.' },
    WEEK: { description: '168 hours.' },
  },
});

export const CalendarUnitEnum = {
  DAY: 'DAY',
  WEEK: 'WEEK',
  MONTH: 'MONTH',
  YEAR: 'YEAR',
} as const satisfies Names<Calendar['unit']>;

registerEnumType(CalendarUnitEnum, {
  name: 'CalendarUnit',
  description: "What is counted back on the calendar, in the organisation's time zone.",
  valuesConfig: {
    DAY: { description: 'A day of the calendar.' },
    WEEK: { description: 'Seven days of the calendar.' },
    MONTH: { description: 'To the same day of another month, or to its last day where it has no such day.' },
    YEAR: { description: 'To the same day of another year.' },
  },
});

export const PeriodUnitEnum = {
  DAY: 'DAY',
  WEEK: 'WEEK',
  MONTH: 'MONTH',
  QUARTER: 'QUARTER',
  YEAR: 'YEAR',
} as const satisfies Names<PeriodUnit>;

registerEnumType(PeriodUnitEnum, {
  name: 'PeriodUnit',
  description: "A period of the calendar, in the organisation's time zone.",
  valuesConfig: {
    DAY: { description: 'From midnight to midnight.' },
    WEEK: { description: 'Monday to Sunday.' },
    MONTH: { description: 'From the first of a month to its last day.' },
    QUARTER: { description: 'Three months, from January, April, July or October.' },
    YEAR: { description: 'January to December.' },
  },
});

export const CustomerFactEnum = {
  TOUCHPOINTS: 'TOUCHPOINTS',
  RECORDS: 'RECORDS',
  ORDERS: 'ORDERS',
  RETURNS: 'RETURNS',
  NET_REVENUE: 'NET_REVENUE',
  AVERAGE_ORDER_VALUE: 'AVERAGE_ORDER_VALUE',
  DAYS_SINCE_FIRST_SEEN: 'DAYS_SINCE_FIRST_SEEN',
  DAYS_SINCE_LAST_SEEN: 'DAYS_SINCE_LAST_SEEN',
  DAYS_SINCE_LAST_ORDER: 'DAYS_SINCE_LAST_ORDER',
} as const satisfies Names<CustomerFact>;

registerEnumType(CustomerFactEnum, {
  name: 'CustomerFact',
  description: 'A number of the single customer view.',
  valuesConfig: {
    TOUCHPOINTS: { description: 'Touchpoints of all time.' },
    RECORDS: { description: 'Source records that belong to the customer.' },
    ORDERS: { description: 'Orders of all time.' },
    RETURNS: { description: 'Returns of all time.' },
    NET_REVENUE: { description: 'Orders less returns, in units of `currency`. 0 for who never bought in it.' },
    AVERAGE_ORDER_VALUE: {
      description: 'What an order is worth on average, in units of `currency`. Without an order no comparison holds.',
    },
    DAYS_SINCE_FIRST_SEEN: {
      description: 'Whole days of 24 hours since the first touchpoint; 0 where it is dated in the future.',
    },
    DAYS_SINCE_LAST_SEEN: {
      description: 'Whole days of 24 hours since the latest touchpoint; 0 where it is dated in the future.',
    },
    DAYS_SINCE_LAST_ORDER: {
      description: 'Whole days of 24 hours since the latest order. Without an order no comparison holds.',
    },
  },
});

export const EventMeasureEnum = {
  SUM: 'SUM',
  AVERAGE: 'AVERAGE',
  MINIMUM: 'MINIMUM',
  MAXIMUM: 'MAXIMUM',
  DISTINCT: 'DISTINCT',
  NET_REVENUE: 'NET_REVENUE',
} as const satisfies Names<Measure>;

registerEnumType(EventMeasureEnum, {
  name: 'EventMeasure',
  description: 'What is made of the matching touchpoints.',
  valuesConfig: {
    SUM: { description: 'The numbers in `property` added up; 0 without any.' },
    AVERAGE: { description: 'Their average. Without any, no comparison holds.' },
    MINIMUM: { description: 'The smallest of them. Without any, no comparison holds.' },
    MAXIMUM: { description: 'The greatest of them. Without any, no comparison holds.' },
    DISTINCT: { description: 'How many different values `property` has; 0 without any.' },
    NET_REVENUE: { description: 'Orders less returns in `currency`, whatever types are given; 0 without any.' },
  },
});

export const MessageEventEnum = {
  SENT: 'SENT',
  DELIVERED: 'DELIVERED',
  OPENED: 'OPENED',
  CLICKED: 'CLICKED',
  BOUNCED: 'BOUNCED',
  REPLIED: 'REPLIED',
  UNSUBSCRIBED: 'UNSUBSCRIBED',
} as const satisfies Names<MessageEvent>;

registerEnumType(MessageEventEnum, {
  name: 'MessageEvent',
  description: 'What became of a message: a touchpoint such as `email.opened`.',
  valuesConfig: {
    SENT: { description: 'It was sent.' },
    DELIVERED: { description: 'It arrived.' },
    OPENED: { description: 'The customer opened it.' },
    CLICKED: { description: 'The customer followed a link in it.' },
    BOUNCED: { description: 'It came back.' },
    REPLIED: { description: 'The customer answered it.' },
    UNSUBSCRIBED: { description: 'The customer wants no more of them.' },
  },
});

export const MemberQuantifierEnum = {
  ANY: 'ANY',
  ALL: 'ALL',
  NONE: 'NONE',
} as const satisfies Names<MembersCondition['quantifier']>;

registerEnumType(MemberQuantifierEnum, {
  name: 'MemberQuantifier',
  description: 'For how many members the condition must hold.',
  valuesConfig: {
    ANY: { description: 'At least one. Does not hold for who is in no household or account.' },
    ALL: { description: 'Each of them. Holds for who is in none.' },
    NONE: { description: 'Not a single one. Holds for who is in none.' },
  },
});

export const MemberGroupEnum = { HOUSEHOLD: 'HOUSEHOLD', ACCOUNT: 'ACCOUNT' } as const satisfies Names<
  MembersCondition['of']
>;

registerEnumType(MemberGroupEnum, {
  name: 'MemberGroup',
  description: 'What customers can be members of.',
  valuesConfig: {
    HOUSEHOLD: { description: 'The people of a household.' },
    ACCOUNT: { description: 'The people of a company or another account.' },
  },
});
