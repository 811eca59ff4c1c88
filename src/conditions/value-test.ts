import { badInput } from '../kernel/errors.ts';
import { canonicalJson, type Json, maximumLevels } from '../kernel/json.ts';
import { type ValueOperator, type ValueTest, valueOperators } from './condition.ts';
import { foldCase } from './fold-case.ts';
import { checkPattern, matchesPattern } from './pattern.ts';

const longestOperand = 1000;

/** What an operator is given to compare with. */
const operandOf = {
  EQUALS: 'JSON',
  NOT_EQUALS: 'JSON',
  LESS: 'ORDERED',
  LESS_OR_EQUAL: 'ORDERED',
  GREATER: 'ORDERED',
  GREATER_OR_EQUAL: 'ORDERED',
  BETWEEN: 'RANGE',
  IN: 'LIST',
  NOT_IN: 'LIST',
  CONTAINS: 'TEXT',
  STARTS_WITH: 'TEXT',
  ENDS_WITH: 'TEXT',
  MATCHES: 'PATTERN',
  ANY_OF: 'SCALARS',
  ALL_OF: 'SCALARS',
  NONE_OF: 'SCALARS',
  EXISTS: 'NOTHING',
  MISSING: 'NOTHING',
  IS_NULL: 'NOTHING',
} as const satisfies Record<ValueOperator, string>;

/** The test as it is stored. Throws `BAD_USER_INPUT`. */
export function checkValueTest(given: ValueTest, field: string): ValueTest {
  const { operator, value, values } = given;
  if (!valueOperators.includes(operator)) {
    throw badInput(`Expected ${valueOperators.join(', ')}; got ${show(operator)}.`, `${field}.operator`);
  }
  const kind = operandOf[operator];
  const takesOne = kind === 'JSON' || kind === 'ORDERED' || kind === 'TEXT' || kind === 'PATTERN';
  const takesMany = kind === 'RANGE' || kind === 'LIST' || kind === 'SCALARS';
  if (!takesOne && value != null) throw badInput(`${operator} takes no \`value\`.`, `${field}.value`);
  if (!takesMany && values != null) throw badInput(`${operator} takes no \`values\`.`, `${field}.values`);
  if (takesOne) return { operator, value: checkOperand(kind, value, `${field}.value`) };
  if (takesMany) return { operator, values: checkOperands(kind, values, `${field}.values`) };
  return { operator };
}

export function checkOperand(
  kind: 'JSON' | 'ORDERED' | 'TEXT' | 'PATTERN',
  value: Json | undefined,
  field: string,
): Json {
  switch (kind) {
    case 'JSON':
      return checkJson(value, field);
    case 'ORDERED':
      return checkOrdered(value, field);
    case 'TEXT':
      return checkText(value, field);
    case 'PATTERN':
      return checkPattern(checkText(value, field), field);
  }
}

function checkOperands(kind: 'RANGE' | 'LIST' | 'SCALARS', values: readonly Json[] | undefined, field: string): Json[] {
  if (!Array.isArray(values)) throw badInput(`Expected a list, got ${show(values)}.`, field);
  if (kind === 'RANGE') return checkRange(values, field);
  const most = kind === 'LIST' ? 1000 : 100;
  if (values.length === 0 || values.length > most) {
    throw badInput(`Expected 1 to ${most} entries, got ${values.length}.`, field);
  }
  const check = kind === 'LIST' ? checkJson : checkScalar;
  const entries = values.map((value, index) => check(value, `${field}[${index}]`));
  // Sorted and each once: two spellings of the same list are the same condition.
  const byText = new Map(entries.map((entry) => [canonicalJson(entry), entry]));
  return [...byText.keys()].sort().map((text) => byText.get(text)!);
}

function checkRange(values: readonly Json[], field: string): Json[] {
  if (values.length !== 2) throw badInput(`Expected the two ends of the range, got ${values.length}.`, field);
  const [from, to] = values.map((value, index) => checkOrdered(value, `${field}[${index}]`)) as [Json, Json];
  const order = compare(from, to);
  if (order === undefined) throw badInput('Expected two numbers or two texts.', field);
  if (order > 0) throw badInput('Expected the lower end first.', field);
  return [from, to];
}

/** Null is no operand: IS_NULL asks for it, and EXISTS for everything else. */
function checkJson(value: Json | undefined, field: string): Json {
  if (value == null) throw badInput('Expected a value; use IS_NULL or MISSING to ask for none.', field);
  if (!isStorable(value, 0)) {
    throw badInput(`Expected valid Unicode without NUL, at most ${maximumLevels} levels deep.`, field);
  }
  const length = typeof value === 'string' ? value.length : canonicalJson(value).length;
  if (length > longestOperand) throw badInput(`Expected at most ${longestOperand} characters, got ${length}.`, field);
  return value;
}

/** PostgreSQL stores no NUL and no half of a surrogate pair; JSON knows no infinity. */
function isStorable(value: Json, level: number): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\u0000');
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === null || typeof value !== 'object') return true;
  if (level >= maximumLevels) return false;
  return Object.entries(value).every(([name, member]) => isStorable(name, level) && isStorable(member, level + 1));
}

function checkOrdered(value: Json | undefined, field: string): Json {
  if (typeof value === 'number' || typeof value === 'string') return checkJson(value, field);
  throw badInput(`Expected a number or a text, got ${show(value)}.`, field);
}

function checkScalar(value: Json | undefined, field: string): Json {
  if (typeof value !== 'object') return checkJson(value, field);
  throw badInput(`Expected a text, a number or a boolean, got ${show(value)}.`, field);
}

function checkText(value: Json | undefined, field: string): string {
  if (typeof value === 'string' && value !== '') return checkJson(value, field) as string;
  throw badInput(`Expected a text of 1 to ${longestOperand} characters, got ${show(value)}.`, field);
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 80) ?? 'nothing';
}

/** `undefined`: never set. */
export function testValue(value: Json | undefined, test: ValueTest): boolean {
  switch (test.operator) {
    case 'EQUALS':
      return isSame(value, test.value);
    case 'NOT_EQUALS':
      return !isSame(value, test.value);
    case 'IN':
      return isAmong(test.values!, value);
    case 'NOT_IN':
      return !isAmong(test.values!, value);
    case 'ANY_OF':
      return listOf(value).some((entry) => isAmong(test.values!, entry));
    case 'ALL_OF':
      return test.values!.every((wanted) => isAmong(listOf(value), wanted));
    case 'NONE_OF':
      return !listOf(value).some((entry) => isAmong(test.values!, entry));
    case 'EXISTS':
      return value !== undefined && value !== null;
    case 'MISSING':
      return value === undefined;
    case 'IS_NULL':
      return value === null;
    default:
      return isInOrder(value, test) || hasText(value, test);
  }
}

export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return a !== undefined && canonicalJson(a) === canonicalJson(b);
}

function isAmong(list: readonly Json[], value: Json | undefined): boolean {
  return list.some((entry) => isSame(value, entry));
}

function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function isInOrder(value: Json | undefined, test: ValueTest): boolean {
  const [from, to] = test.operator === 'BETWEEN' ? test.values! : [test.value];
  const order = compare(value, from);
  if (order === undefined) return false;
  switch (test.operator) {
    case 'LESS':
      return order < 0;
    case 'LESS_OR_EQUAL':
      return order <= 0;
    case 'GREATER':
      return order > 0;
    case 'GREATER_OR_EQUAL':
      return order >= 0;
    case 'BETWEEN':
      return order >= 0 && compare(value, to)! <= 0;
    default:
      return false;
  }
}

/**
 * Number with number, text with text; `undefined`: not to be compared. Text goes by code points, as in PostgreSQL's
 * jsonpath; JavaScript's `<` would put an emoji before U+FFFD.
 */
function compare(a: Json | undefined, b: Json | undefined): number | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return undefined;
}

function hasText(value: Json | undefined, { operator, value: operand }: ValueTest): boolean {
  if (typeof value !== 'string' || typeof operand !== 'string') return false;
  switch (operator) {
    case 'CONTAINS':
      return foldCase(value).includes(foldCase(operand));
    case 'STARTS_WITH':
      return foldCase(value).startsWith(foldCase(operand));
    case 'ENDS_WITH':
      return foldCase(value).endsWith(foldCase(operand));
    case 'MATCHES':
      return matchesPattern(value, operand);
    default:
      return false;
  }
}
