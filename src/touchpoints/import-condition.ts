import { compare, type Decimal, type DecimalMark, parseDecimal } from './import-decimal.ts';
import type { ImportCondition } from './import-mapping.ts';
import type { Row } from './import-row.ts';
import { textOf } from './import-template.ts';

/** What a condition can look at: one row, and the sum over the lines where there is one. */
export interface Subject {
  readonly row: Row;
  readonly sum: Decimal | undefined;
}

export type Test = (subject: Subject) => boolean;

/** All conditions hold. */
export function compileConditions(conditions: readonly ImportCondition[], mark: DecimalMark): Test {
  const tests = conditions.map((condition) => compileCondition(condition, mark));
  return (subject) => tests.every((test) => test(subject));
}

function compileCondition(condition: ImportCondition, mark: DecimalMark): Test {
  const { column } = condition;
  const inBounds = compileBounds(condition);
  if (column === undefined) return (subject) => subject.sum !== undefined && inBounds(subject.sum);
  const pattern = condition.matches === undefined ? undefined : new RegExp(condition.matches, 'u');
  const bounded = [condition.below, condition.equals, condition.above].some((bound) => bound !== undefined);
  return ({ row }) => {
    const text = textOf(row, column);
    if (condition.empty !== undefined && condition.empty !== (text === undefined)) return false;
    if (pattern && !pattern.test(text ?? '')) return false;
    return !bounded || isNumberWithin(text, mark, inBounds);
  };
}

/** What is no number is neither below nor above anything. */
function isNumberWithin(text: string | undefined, mark: DecimalMark, inBounds: (number: Decimal) => boolean): boolean {
  const number = text === undefined ? undefined : parseDecimal(text, mark);
  return number !== undefined && inBounds(number);
}

function compileBounds(condition: ImportCondition): (number: Decimal) => boolean {
  const [below, equals, above] = [condition.below, condition.equals, condition.above].map(toDecimal);
  return (number) =>
    (!below || compare(number, below) < 0) &&
    (!equals || compare(number, equals) === 0) &&
    (!above || compare(number, above) > 0);
}

function toDecimal(bound: number | undefined): Decimal | undefined {
  return bound === undefined ? undefined : parseDecimal(String(bound));
}
