import { badInput } from '../kernel/errors.ts';
import { compare } from '../touchpoints/import-decimal.ts';
import { comparisons, type NumberTest } from './condition.ts';
import { readDecimal, timesCount } from './decimal.ts';

const decimal = /^-?\d{1,16}(\.\d{1,8})?$/;

/** Decimal text in one spelling; `to` only for BETWEEN. Throws `BAD_USER_INPUT`. */
export function checkNumberTest(given: NumberTest, field: string): NumberTest {
  const { comparison, value, to } = given;
  if (!comparisons.includes(comparison)) {
    throw badInput(`Expected ${comparisons.join(', ')}; got ${JSON.stringify(comparison)}.`, `${field}.comparison`);
  }
  const from = checkDecimal(value, `${field}.value`);
  if (comparison !== 'BETWEEN') {
    if (to != null) throw badInput('`to` is for BETWEEN.', `${field}.to`);
    return { comparison, value: from };
  }
  const end = checkDecimal(to, `${field}.to`);
  if (compareDecimals(from, end) > 0) throw badInput('Expected `to` not to be below `value`.', `${field}.to`);
  return { comparison, value: from, to: end };
}

/** The same of a count: whole numbers from 0. */
export function checkCountTest(given: NumberTest, field: string): NumberTest {
  const test = checkNumberTest(given, field);
  for (const [name, text] of [
    ['value', test.value],
    ['to', test.to],
  ] as const) {
    if (text === undefined || (/^\d+$/.test(text) && Number(text) <= mostCounted)) continue;
    throw badInput(`Expected a whole number from 0 to ${mostCounted}, got ${text}.`, `${field}.${name}`);
  }
  return test;
}

const mostCounted = 1_000_000;

function checkDecimal(text: string | null | undefined, field: string): string {
  const given = typeof text === 'number' ? String(text) : text;
  if (typeof given !== 'string' || !decimal.test(given)) {
    throw badInput(`Expected a decimal number such as "12.50", got ${JSON.stringify(given)?.slice(0, 80)}.`, field);
  }
  return canonicalDecimal(given);
}

/** `-0.50` → `-0.5`, `007` → `7`. */
export function canonicalDecimal(text: string): string {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)0*(\d+?)(?:\.(\d*?)0*)?$/.exec(text) ?? [];
  const magnitude = fraction === '' ? whole : `${whole}.${fraction}`;
  return magnitude === '0' ? '0' : sign + magnitude;
}

/** Exactly: less than, equal to or greater than 0. */
export function compareDecimals(a: string, b: string): number {
  return compare(readDecimal(a), readDecimal(b));
}

/**
 * Whether a number passes. Decimal text, so that money stays exact. `per`: whether the number divided by this count
 * passes; bounds are multiplied instead, because most quotients have no end.
 */
export function testNumber(number: string, { comparison, value, to }: NumberTest, per = 1): boolean {
  const against = (bound: string) => compare(readDecimal(number), timesCount(readDecimal(bound), per));
  const difference = against(value);
  switch (comparison) {
    case 'EQUALS':
      return difference === 0;
    case 'NOT_EQUALS':
      return difference !== 0;
    case 'LESS':
      return difference < 0;
    case 'AT_MOST':
      return difference <= 0;
    case 'MORE':
      return difference > 0;
    case 'AT_LEAST':
      return difference >= 0;
    case 'BETWEEN':
      return difference >= 0 && against(to!) <= 0;
  }
}

/** The counts that pass, both ends included; null: no upper end. NOT_EQUALS has no such range. */
export function rangeOf({ comparison, value, to }: NumberTest): { least: number; most: number | null } | null {
  const number = Number(value);
  switch (comparison) {
    case 'EQUALS':
      return { least: number, most: number };
    case 'LESS':
      return { least: 0, most: number - 1 };
    case 'AT_MOST':
      return { least: 0, most: number };
    case 'MORE':
      return { least: number + 1, most: null };
    case 'AT_LEAST':
      return { least: number, most: null };
    case 'BETWEEN':
      return { least: number, most: Number(to) };
    case 'NOT_EQUALS':
      return null;
  }
}
