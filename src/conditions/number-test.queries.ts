import type { NumberTest } from './condition.ts';
import type { SqlScope } from './sql-scope.queries.ts';

const operators = { EQUALS: '=', NOT_EQUALS: '<>', LESS: '<', AT_MOST: '<=', MORE: '>', AT_LEAST: '>=' } as const;

/** Whether the `numeric` passes: boolean, never null. Null passes no comparison, NOT_EQUALS included. */
export function numberTestSql(number: string, { comparison, value, to }: NumberTest, scope: SqlScope): string {
  const bound = scope.value(value, 'numeric');
  if (comparison === 'BETWEEN') {
    return `coalesce(${number} between ${bound} and ${scope.value(to!, 'numeric')}, false)`;
  }
  return `coalesce(${number} ${operators[comparison]} ${bound}, false)`;
}
