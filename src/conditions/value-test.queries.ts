import type { Json } from '../kernel/json.ts';
import { column } from '../kernel/sql-array.ts';
import type { ValueTest } from './condition.ts';
import { foldedSql } from './fold-case.queries.ts';
import { foldCase } from './fold-case.ts';
import { patternSql } from './pattern.queries.ts';
import type { SqlScope } from './sql-scope.queries.ts';

/** Whether the `jsonb` passes: boolean, never null. */
export function valueTestSql(value: string, test: ValueTest, scope: SqlScope): string {
  switch (test.operator) {
    case 'EQUALS':
    case 'NOT_EQUALS':
      return negatedIf(test.operator === 'NOT_EQUALS', `${value} = ${jsonbSql(test.value!, scope)}`);
    case 'IN':
    case 'NOT_IN':
      return negatedIf(test.operator === 'NOT_IN', `${value} = any(${jsonbsSql(test.values!, scope)})`);
    case 'ANY_OF':
    case 'NONE_OF':
      return negatedIf(test.operator === 'NONE_OF', `${value} @> any(${jsonbsSql(test.values!, scope)})`);
    case 'ALL_OF':
      return negatedIf(false, `${value} @> all(${jsonbsSql(test.values!, scope)})`);
    case 'EXISTS':
      return `coalesce(jsonb_typeof(${value}) <> 'null', false)`;
    case 'MISSING':
      return `(${value} is null)`;
    case 'IS_NULL':
      return `coalesce(jsonb_typeof(${value}) = 'null', false)`;
    case 'CONTAINS':
    case 'STARTS_WITH':
    case 'ENDS_WITH':
    case 'MATCHES':
      return textTestSql(value, test, scope);
    default:
      return orderSql(value, test, scope);
  }
}

/** The exact negation: what is missing passes it. */
function negatedIf(negated: boolean, sql: string): string {
  return `${negated ? '(not ' : ''}coalesce(${sql}, false)${negated ? ')' : ''}`;
}

function jsonbSql(value: Json, scope: SqlScope): string {
  return `${scope.value(JSON.stringify(value), 'text')}::jsonb`;
}

/** Containment of a scalar looks into a list, and takes a value that is none for a list of one. */
function jsonbsSql(values: readonly Json[], scope: SqlScope): string {
  return `${scope.value(
    column(values, (value) => JSON.stringify(value)),
    'text',
  )}::jsonb[]`;
}

const paths = {
  LESS: '@ < $a',
  LESS_OR_EQUAL: '@ <= $a',
  GREATER: '@ > $a',
  GREATER_OR_EQUAL: '@ >= $a',
  BETWEEN: '@ >= $a && @ <= $b',
} as const;

/** jsonpath compares numbers with numbers and text with text; a value of another type is no match instead of an error. */
function orderSql(value: string, { operator, value: one, values }: ValueTest, scope: SqlScope): string {
  const [a, b] = values ?? [one];
  const bounds = jsonbSql({ a: a!, ...(b === undefined ? {} : { b }) }, scope);
  const path = `'strict $ ? (${paths[operator as keyof typeof paths]})'`;
  return `coalesce(jsonb_path_exists(${value}, ${path}, ${bounds}), false)`;
}

function textTestSql(value: string, { operator, value: operand }: ValueTest, scope: SqlScope): string {
  const text = `(${value} #>> '{}')`;
  const test =
    operator === 'MATCHES'
      ? patternSql(text, operand as string, scope)
      : foldedTestSql(operator, foldedSql(text, [operand as string], scope), { operand: operand as string, scope });
  return `(case when jsonb_typeof(${value}) = 'string' then ${test} else false end)`;
}

function foldedTestSql(
  operator: ValueTest['operator'],
  folded: string,
  { operand, scope }: { operand: string; scope: SqlScope },
): string {
  const wanted = scope.value(foldCase(operand), 'text');
  if (operator === 'CONTAINS') return `strpos(${folded}, ${wanted}) > 0`;
  if (operator === 'STARTS_WITH') return `starts_with(${folded}, ${wanted})`;
  return `right(${folded}, length(${wanted})) = ${wanted}`;
}
