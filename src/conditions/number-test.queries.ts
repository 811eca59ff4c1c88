import type { NumberTest } from './condition.ts';
import type { SqlScope } from './sql-scope.queries.ts';

const operators = { EQUALS: '=', NOT_EQUALS: '<>', LESS: '<', AT_MOST: '<=', MORE: '>', AT_LEAST: '>=' } as const;

/**
 * Whether the `numeric` passes: boolean, never null. Null passes no comparison, NOT_EQUALS included. `per`: whether the
 * number divided by this count passes; bounds are multiplied instead, which is exact.
 */
export function numberTestSql(
  number: string,
  { comparison, value, to }: NumberTest,
  scope: SqlScope,
  per?: string,
): string {
  const bound = (text: string) => {
    const constant = scope.value(text, 'numeric');
    return per === undefined ? constant : `(${constant} * ${per})`;
  };
  if (comparison === 'BETWEEN') return `coalesce(${number} between ${bound(value)} and ${bound(to!)}, false)`;
  return `coalesce(${number} ${operators[comparison]} ${bound(value)}, false)`;
}
