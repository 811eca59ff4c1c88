import { GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql';
import { badInput } from './errors.ts';
import { currencyExponent } from './money.ts';

export {
  GraphQLDate as CalendarDate,
  GraphQLDateTime as DateTime,
  GraphQLJSON as JsonValue,
  GraphQLJSONObject as JsonObjectValue,
} from 'graphql-scalars';

/** Never a JavaScript number: 0.1 + 0.2. */
export const Decimal = textScalar(
  'Decimal',
  'An exact decimal number as text, for example `"12.50"`: at most 16 digits before and 8 after the point. ' +
    'Read it with a decimal library: a JavaScript number would round it.',
  (text) => /^-?\d{1,16}(\.\d{1,8})?$/.test(text),
  'decimal text such as "12.50"',
);

/** The same currencies as `money.ts` can count in. */
export const CurrencyCode = textScalar(
  'CurrencyCode',
  'An ISO 4217 currency code in capital letters, for example `EUR`.',
  (text) => currencyExponent(text) !== undefined,
  'an ISO 4217 currency code such as "EUR"',
);

/** Any text passes here: what a cursor must be is known, and said with `CURSOR_INVALID`, where it is read. */
export const Cursor = textScalar(
  'Cursor',
  'A place in a list or a stream. Opaque: give back what you got, for the same list in the same order.',
  () => true,
  'the text of a cursor',
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
  const parse = (value: unknown): string => {
    if (typeof value === 'string' && accepts(value)) return value;
    throw badInput(`Expected ${expected}, got ${(JSON.stringify(value) ?? 'something else').slice(0, 80)}.`);
  };
  return new GraphQLScalarType<string, string>({
    name,
    description,
    serialize: (value) => value as string,
    parseValue: parse,
    parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : valueFromASTUntyped(node)),
  });
}

function lenientScalar(name: string, description: string): GraphQLScalarType<unknown, unknown> {
  return new GraphQLScalarType({
    name,
    description,
    serialize: (value) => value,
    parseValue: (value) => value,
    parseLiteral: valueFromASTUntyped,
  });
}
