import { readDecimal } from '../../conditions/decimal.ts';
import { badInput } from '../../kernel/errors.ts';
import { currencyExponent } from '../../kernel/money.ts';
import { compare, toText } from '../../touchpoints/import-decimal.ts';

/** Checks of single values of a definition. Each answers the value as it is stored, or throws `BAD_USER_INPUT`. */

const keyPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const decimalPattern = /^-?\d{1,16}(\.\d{1,8})?$/;
const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/i;

/** Names something in rules, grants and reports. */
export function checkKey(key: string, field: string): string {
  if (typeof key === 'string' && keyPattern.test(key)) return key;
  throw badInput(`Expected 1 to 64 letters, digits, - and _, such as "coffee-weeks"; got ${show(key)}.`, field);
}

/** `Gold` and `gold` are one key to people. `fieldOf`: where the key of the entry stands. */
export function checkUniqueKeys(keys: readonly string[], fieldOf: (index: number) => string): void {
  const seen = new Set<string>();
  for (const [index, key] of keys.entries()) {
    const small = key.toLowerCase();
    if (seen.has(small)) throw badInput(`The key ${show(key)} is there twice.`, fieldOf(index));
    seen.add(small);
  }
}

export function checkText(text: string, field: string, longest = 200): string {
  const tidy = typeof text === 'string' ? text.trim() : '';
  if (tidy.length >= 1 && tidy.length <= longest && isPrintable(tidy)) return tidy;
  throw badInput(`Expected a text of 1 to ${longest} characters in one line, got ${show(text)}.`, field);
}

/** Several lines; null for none. */
export function checkProse(text: string | null | undefined, field: string): string | null {
  const tidy = text?.trim() || null;
  if (tidy === null) return null;
  if (tidy.length <= 10_000 && isPrintable(tidy.replace(/[\n\r\t]/g, ' '))) return tidy;
  throw badInput('Expected at most 10000 printable characters.', field);
}

function isPrintable(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}/u.test(text);
}

/** Sorted and each once: two spellings of the same list are the same list. */
export function checkTexts(list: readonly string[] | null | undefined, field: string, most: number): string[] {
  const texts = (list ?? []).map((text, index) => checkText(text, `${field}[${index}]`));
  if (texts.length > most) throw badInput(`At most ${most} entries, got ${texts.length}.`, field);
  return [...new Set(texts)].sort();
}

/** Checks each entry, after their number. */
export function checkEntries<T, R>(
  given: readonly T[] | null | undefined,
  { field, least = 0, most }: { field: string; least?: number; most: number },
  check: (entry: T, field: string) => R,
): R[] {
  const list = given ?? [];
  if (!Array.isArray(list)) throw badInput('Expected a list.', field);
  if (list.length < least || list.length > most) {
    throw badInput(`Expected ${least} to ${most} entries, got ${list.length}.`, field);
  }
  return list.map((entry: T, index) => check(entry, `${field}[${index}]`));
}

export function checkOneOf<T extends string | number>(given: T, allowed: readonly T[], field: string): T {
  if (allowed.includes(given)) return given;
  throw badInput(`Expected one of ${allowed.join(', ')}; got ${show(given)}.`, field);
}

export function checkWhole(number: number, { from, to }: { from: number; to: number }, field: string): number {
  if (Number.isInteger(number) && number >= from && number <= to) return number;
  throw badInput(`Expected a whole number from ${from} to ${to}, got ${show(number)}.`, field);
}

/** Without useless zeros: `1.50` is `1.5`. */
export function checkDecimal(text: string, field: string): string {
  if (typeof text === 'string' && decimalPattern.test(text)) return toText(readDecimal(text));
  throw badInput(`Expected a decimal number such as "1.5", got ${show(text)}.`, field);
}

export function checkBetween(text: string, { from, to }: { from: string; to: string }, field: string): void {
  if (compareDecimals(from, text) <= 0 && compareDecimals(text, to) <= 0) return;
  throw badInput(`Expected a number from ${from} to ${to}, got ${text}.`, field);
}

/** Negative, zero or positive, like a sort callback. */
export function compareDecimals(a: string, b: string): number {
  return compare(readDecimal(a), readDecimal(b));
}

/** Decimal places of a normalised decimal text. */
export function placesOf(text: string): number {
  return text.split('.')[1]?.length ?? 0;
}

export function checkCurrency(currency: string, field: string): string {
  if (typeof currency === 'string' && currencyExponent(currency) !== undefined) return currency;
  throw badInput(`Expected an ISO 4217 currency code such as "CHF", got ${show(currency)}.`, field);
}

/** In UTC, to the millisecond. */
export function checkInstant(given: string | null | undefined, field: string): string | null {
  if (given == null) return null;
  const instant = instantPattern.test(given) ? new Date(given) : null;
  if (instant && !Number.isNaN(instant.getTime())) return instant.toISOString();
  throw badInput(`Expected an instant such as "2026-12-01T00:00:00Z", got ${show(given)}.`, field);
}

/** The one member that is given. */
export function checkOnly<K extends string>(given: object | null | undefined, names: readonly K[], field: string): K {
  const members = Object.entries(given ?? {}).filter(([, member]) => member != null);
  const found = members.map(([name]) => name);
  if (found.length === 1 && names.includes(found[0] as K)) return found[0] as K;
  throw badInput(`Expected exactly one of ${names.join(', ')}; got ${found.join(' and ') || 'none'}.`, field);
}

export function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}
