import type { ValueTest } from './condition.ts';
import type { SqlScope } from './sql-scope.queries.ts';

/** Whether the `jsonb` passes: boolean, never null. */
export function valueTestSql(value: string, _test: ValueTest, _scope: SqlScope): string {
  return `(${value} is not null)`;
}
