import { jsonPath, propertySql } from './event-match.queries.ts';
import { readPath } from './event-match.ts';
import type { SqlScope } from './sql-scope.queries.ts';

/**
 * A `from` item with a row (`at`, `value`: jsonb) for each value of a property in the touchpoints `which`; of `lines.sku`
 * a value for each line that has one. Null says nothing. For a subquery inside of `scope.aggregate`: its lists are
 * aggregates over `t`.
 */
export function valueRows(which: string, property: string, scope: SqlScope): string {
  const path = readPath(property);
  if (path.of !== 'LINES') {
    const value = propertySql(property, scope);
    const filter = `filter (where ${which} and ${value} <> 'null')`;
    return `unnest(array_agg(t.occurred_at) ${filter}, array_agg(${value}) ${filter}) as valued (at, value)`;
  }
  const filter = `filter (where ${which} and t.lines is not null)`;
  const field = jsonPath('line.fields', path.names, scope);
  return `(
    select with_lines.id, with_lines.at, ${field} as value
    from unnest(array_agg(t.id) ${filter}, array_agg(t.occurred_at) ${filter}, array_agg(t.lines) ${filter})
           as with_lines (id, at, lines)
    cross join lateral jsonb_array_elements(with_lines.lines) as line (fields)
    where ${field} <> 'null') as valued`;
}

/** The same, but each value of a touchpoint once, in however many of its lines it stands. */
export function distinctValueRows(which: string, property: string, scope: SqlScope): string {
  const rows = valueRows(which, property, scope);
  return readPath(property).of === 'LINES' ? `(select distinct id, at, value from ${rows}) as valued` : rows;
}

/** Whether `t` may have a row there: boolean or null. */
export function mayHaveValue(property: string, scope: SqlScope): string {
  return readPath(property).of === 'LINES' ? 't.lines is not null' : `${propertySql(property, scope)} <> 'null'`;
}
