import { unusualExponents } from '../kernel/money.ts';
import { column } from '../kernel/sql-array.ts';
import type { EventMatch, PropertyTest } from './condition.ts';
import { readPath } from './event-match.ts';
import type { RowNeed, SqlScope } from './sql-scope.queries.ts';
import { valueTestSql } from './value-test.queries.ts';

/** Whether the touchpoint `t` matches: boolean, never null. */
export function matchSql(match: EventMatch, scope: SqlScope): string {
  const parts = [
    ...listed('t.type', match.types, scope),
    ...listed('t.channel', match.channels, scope),
    ...listed('t.direction', match.directions, scope),
    ...listed('t.source', match.sources, scope),
    // The only one of these that can be null.
    ...listed('t.campaign', match.campaigns, scope).map((test) => `coalesce(${test}, false)`),
    ...(match.where ?? []).map((test) => propertyTestSql(test, scope)),
  ];
  return parts.length === 0 ? 'true' : `(${parts.join(' and ')})`;
}

function listed(field: string, list: readonly string[] | undefined, scope: SqlScope): string[] {
  if (list === undefined) return [];
  if (list.length === 1) return [`${field} = ${scope.value(list[0]!, 'text')}`];
  const entries = scope.value(
    column(list, (entry) => entry),
    'text[]',
  );
  return [`${field} = any(${entries})`];
}

export function propertyTestSql(test: PropertyTest, scope: SqlScope): string {
  const path = readPath(test.property);
  if (path.of !== 'LINES') return valueTestSql(propertySql(test.property, scope), test, scope);
  const field = jsonPath('line.value', path.names, scope);
  const lines = `from jsonb_array_elements(coalesce(t.lines, '[]')) as line (value)`;
  if (test.operator === 'MISSING') return `not exists (select ${lines} where ${field} is not null)`;
  return `exists (select ${lines} where ${valueTestSql(field, test, scope)})`;
}

/** The property of `t` as `jsonb`; SQL's null where it was never set, JSON's null where it was set to nothing. */
export function propertySql(property: string, scope: SqlScope): string {
  const path = readPath(property);
  switch (path.of) {
    case 'AMOUNT':
      return `to_jsonb(${amountSql(scope)})`;
    case 'CURRENCY':
      return 'to_jsonb(t.currency)';
    case 'LINES':
      return jsonPath('t.lines -> 0', path.names, scope);
    case 'PROPERTIES':
      return jsonPath('t.properties', path.names, scope);
  }
}

/** A field of a `jsonb`, or one inside of it; SQL's null where there is none. */
export function jsonPath(json: string, names: readonly string[], scope: SqlScope): string {
  return names.reduce((value, name) => objectField(value, name, scope), json);
}

/** Of objects only: `->` would take the name of a list's member for its place. */
function objectField(value: string, name: string, scope: SqlScope): string {
  return `(${value} -> ${scope.value(name, 'text')})`;
}

/** The value of `t` in units of its currency, as `numeric`. */
function amountSql(scope: SqlScope): string {
  const cases = Map.groupBy(unusualExponents.entries(), ([, exponent]) => exponent);
  const unusual = [...cases].map(([exponent, entries]) => {
    const currencies = scope.value(
      column(entries.map(([currency]) => currency).sort(), (currency) => currency),
      'text[]',
    );
    return `when t.currency = any(${currencies}) then 1e-${exponent}`;
  });
  return `(t.value_minor * (case ${unusual.join(' ')} else 0.01 end))`;
}

/** The touchpoints that have to be read for this match, behind a bound where there is one. */
export function rowsOf(match: EventMatch, after?: RowNeed['after']): RowNeed {
  return { ...(match.types ? { types: match.types } : {}), ...(after ? { after } : {}) };
}
