import { badInput } from '../kernel/errors.ts';
import type { Json } from '../kernel/json.ts';
import { currencyExponent, toDecimal } from '../kernel/money.ts';
import { channels, directions } from '../touchpoints/touchpoint.ts';
import type { EventMatch, PropertyTest } from './condition.ts';
import type { FactTouchpoint } from './facts.ts';
import { checkValueTest, testValue } from './value-test.ts';

const longestList = 100;
/** No source, type or campaign is longer. */
const longestText = 256;
const mostTests = 10;

export function matchesEvent(match: EventMatch, touchpoint: FactTouchpoint): boolean {
  return (
    isListed(match.types, touchpoint.type) &&
    isListed(match.channels, touchpoint.channel) &&
    isListed(match.directions, touchpoint.direction) &&
    isListed(match.sources, touchpoint.source) &&
    isListed(match.campaigns, touchpoint.campaign) &&
    (match.where ?? []).every((test) => hasProperty(test, touchpoint))
  );
}

function isListed(list: readonly string[] | undefined, value: string | null): boolean {
  return list === undefined || (value !== null && list.includes(value));
}

/** Of lines, one that passes is enough; MISSING holds where no line has the field. */
export function hasProperty(test: PropertyTest, touchpoint: FactTouchpoint): boolean {
  const path = readPath(test.property);
  if (path.of !== 'LINES') return testValue(propertyOf(touchpoint, test.property), test);
  const fields = lineFields(touchpoint, path);
  if (test.operator === 'MISSING') return fields.every((field) => field === undefined);
  return fields.some((field) => testValue(field, test));
}

/** A field of each line, in their order; `undefined` where it was never set. */
export function lineFields({ lines }: FactTouchpoint, { names }: PropertyPath): (Json | undefined)[] {
  return (lines ?? []).map((line) => fieldOf(line as unknown as Json, names));
}

/** `undefined` where it was never set. Of lines, the first one's. */
export function propertyOf(touchpoint: FactTouchpoint, property: string): Json | undefined {
  const path = readPath(property);
  switch (path.of) {
    case 'AMOUNT':
      return amountOf(touchpoint);
    case 'CURRENCY':
      return touchpoint.currency ?? undefined;
    case 'LINES':
      return touchpoint.lines?.[0] && fieldOf(touchpoint.lines[0] as unknown as Json, path.names);
    case 'PROPERTIES':
      return fieldOf(touchpoint.properties ?? {}, path.names);
  }
}

/** As a JSON number. Values have 13 digits at most, so that nothing is lost. */
function amountOf(touchpoint: FactTouchpoint): number | undefined {
  const text = amountText(touchpoint);
  return text === undefined ? undefined : Number(text);
}

/** The value in units of its currency. */
export function amountText({ valueMinor, currency }: FactTouchpoint): string | undefined {
  if (valueMinor === null || currency === null) return undefined;
  return toDecimal(valueMinor, currencyExponent(currency) ?? 2);
}

function fieldOf(value: Json, names: readonly string[]): Json | undefined {
  let inner: Json | undefined = value;
  for (const name of names) {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner) || !Object.hasOwn(inner, name))
      return undefined;
    inner = inner[name];
  }
  return inner;
}

export interface PropertyPath {
  readonly of: 'PROPERTIES' | 'LINES' | 'AMOUNT' | 'CURRENCY';
  readonly names: readonly string[];
}

export function readPath(property: string): PropertyPath {
  if (property === 'value.amount') return { of: 'AMOUNT', names: [] };
  if (property === 'value.currency') return { of: 'CURRENCY', names: [] };
  const [first, ...rest] = property.split('.');
  return first === 'lines' && rest.length > 0
    ? { of: 'LINES', names: rest }
    : { of: 'PROPERTIES', names: property.split('.') };
}

/** Throws `BAD_USER_INPUT` for what no touchpoint can match. */
export function checkEventMatch(given: EventMatch, field: string): EventMatch {
  if (typeof given !== 'object' || given === null) {
    throw badInput('Expected which touchpoints; `{}` for all of them.', field);
  }
  const lists = (['types', 'channels', 'directions', 'sources', 'campaigns'] as const).flatMap((name) => {
    const list = given[name];
    return list == null ? [] : [[name, checkList(list, `${field}.${name}`)] as const];
  });
  const match = Object.fromEntries(lists) as EventMatch;
  checkKnown(match.channels, channels, `${field}.channels`);
  checkKnown(match.directions, directions, `${field}.directions`);
  if (given.where == null || given.where.length === 0) return match;
  if (given.where.length > mostTests)
    throw badInput(`At most ${mostTests} tests, got ${given.where.length}.`, `${field}.where`);
  return { ...match, where: given.where.map((test, index) => checkPropertyTest(test, `${field}.where[${index}]`)) };
}

export function checkPropertyTest(given: PropertyTest, field: string): PropertyTest {
  return { property: checkProperty(given.property, `${field}.property`), ...checkValueTest(given, field) };
}

export function checkProperty(property: string, field: string): string {
  const isText = typeof property === 'string' && property.length <= 200 && isStorable(property);
  const names = isText ? property.split('.') : [];
  if (names.length > 0 && names.length <= 8 && names.every((name) => name !== '')) return property;
  throw badInput('Expected the name of a property, such as `category` or `address.city`.', field);
}

/** Sorted and each once: two spellings of the same list are the same condition. */
export function checkList<T extends string>(list: readonly T[], field: string): T[] {
  if (!Array.isArray(list)) throw badInput('Expected a list of texts.', field);
  if (list.length === 0) throw badInput('Expected at least one entry; leave the list out for "any".', field);
  if (list.length > longestList) throw badInput(`At most ${longestList} entries, got ${list.length}.`, field);
  const odd = list.findIndex(
    (entry) => typeof entry !== 'string' || entry.length === 0 || entry.length > longestText || !isStorable(entry),
  );
  if (odd !== -1) throw badInput(`Expected texts of 1 to ${longestText} characters.`, `${field}[${odd}]`);
  return [...new Set(list)].sort();
}

/** PostgreSQL takes no NUL and no half of a surrogate pair. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}

function checkKnown(given: readonly string[] | undefined, known: readonly string[], field: string): void {
  const odd = given?.find((name) => !known.includes(name));
  if (odd !== undefined)
    throw badInput(`Expected ${known.join(', ')}; got ${JSON.stringify(odd.slice(0, 80))}.`, field);
}
