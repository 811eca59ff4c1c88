import { GraphQLScalarType, Kind, valueFromASTUntyped, type ValueNode } from 'graphql';
import { GraphQLDateTimeISO, GraphQLJSON, GraphQLJSONObject, GraphQLLocalDate } from 'graphql-scalars';
import { badInput } from './errors.ts';
import { currencyExponent } from './money.ts';

/** An instant. JavaScript `Date` inside, RFC 3339 in UTC outside. */
export const DateTime = new GraphQLScalarType({
  ...GraphQLDateTimeISO.toConfig(),
  name: 'DateTime',
  description:
    'An instant as RFC 3339 text, for example `2026-03-29T01:30:00.000Z`. Leaves the API in UTC with milliseconds; ' +
    'any offset is accepted on the way in.',
});

/** A calendar day, `YYYY-MM-DD`, inside and outside: a JavaScript `Date` would tie it to a time zone. */
export const CalendarDate = new GraphQLScalarType({
  ...GraphQLLocalDate.toConfig(),
  name: 'Date',
  description: 'A calendar day without time or zone, `YYYY-MM-DD`, for example `2026-03-29`.',
});

export const JsonValue = new GraphQLScalarType({
  ...GraphQLJSON.toConfig(),
  name: 'JSON',
  description: 'Any JSON value: object, array, string, number, boolean or null.',
});

export const JsonObjectValue = new GraphQLScalarType({
  ...GraphQLJSONObject.toConfig(),
  name: 'JSONObject',
  description: 'A JSON object with any members, for example `{"plan": "gold", "seats": 3}`.',
});

/** The same currencies as `money.ts` can count in, so that what came in can always leave. */
export const CurrencyCode = textScalar(
  'CurrencyCode',
  'An ISO 4217 currency code in capital letters, for example `EUR`.',
  (text) => currencyExponent(text) !== undefined,
  'an ISO 4217 currency code such as "EUR"',
);

const decimalPattern = /^-?\d{1,16}(\.\d{1,8})?$/;

/** Never a JavaScript number: 0.1 + 0.2. */
export const Decimal = textScalar(
  'Decimal',
  'An exact decimal number as text, for example `"12.50"`: at most 16 digits before and 8 after the point. ' +
    'Parse it with a decimal library, not as a float.',
  (text) => decimalPattern.test(text),
  'decimal text such as "12.50"',
);

/** What a cursor says is decided and checked by the list or stream that gave it. */
export const Cursor = textScalar(
  'Cursor',
  'A place in a list or a stream, made by this API. Opaque: keep it as it is, and give it back as `after` or `before`.',
  (text) => text.length > 0 && text.length <= 1_000,
  'a cursor that this API has given',
);

/**
 * The lenient scalars of ingest. A strict scalar would refuse the whole call, up to 1,000 events, for one bad value;
 * these hand over whatever came, and the validation of ingest rejects the one event that it belongs to.
 */
export const EventTime = lenientScalar(
  'EventTime',
  'A time as RFC 3339 text with an offset, for example `2026-03-29T03:30:00+02:00`. Checked event by event: a value ' +
    'that is none rejects its own event (`REJECTED`), never the whole call.',
);

export const EventAmount = lenientScalar(
  'EventAmount',
  'An exact decimal amount, best as text, for example `"12.50"`; a number is accepted too. Checked event by event: a ' +
    'value that is none rejects its own event (`REJECTED`), never the whole call.',
);

function textScalar(
  name: string,
  description: string,
  accepts: (text: string) => boolean,
  expected: string,
): GraphQLScalarType<string, string> {
  const check = (value: unknown): string => {
    if (typeof value === 'string' && accepts(value)) return value;
    throw badInput(`Expected ${expected}, got ${shown(value)}.`);
  };
  return new GraphQLScalarType({
    name,
    description,
    serialize: check,
    parseValue: check,
    parseLiteral: (node) => check(node.kind === Kind.STRING ? node.value : valueFromASTUntyped(node)),
  });
}

function lenientScalar(name: string, description: string): GraphQLScalarType<unknown, unknown> {
  return new GraphQLScalarType({
    name,
    description,
    serialize: (value) => value,
    parseValue: (value) => value,
    parseLiteral: (node: ValueNode, variables) => valueFromASTUntyped(node, variables),
  });
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
