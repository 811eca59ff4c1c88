import { column } from '../kernel/sql-array.ts';
import type { PlaceCondition } from './condition.ts';
import { foldedSql } from './fold-case.queries.ts';
import { foldCase } from './fold-case.ts';
import { earthRadius, placeLists, placeTraits } from './place-leaf.ts';
import { type LeafSql, never, type SqlScope } from './sql-scope.queries.ts';
import { traitSql } from './trait-leaf.queries.ts';

export function compilePlace(leaf: PlaceCondition, scope: SqlScope): LeafSql {
  const named = placeLists.flatMap((name) => {
    const list = leaf[name];
    return list ? [listedSql(placeTraits[name], { list, operator: name === 'postalCodes' ? '^@' : '=' }, scope)] : [];
  });
  const near = leaf.near ? [nearSql(leaf.near, scope)] : [];
  return { verdict: `(${[...named, ...near].join(' and ')})`, next: never };
}

/** `^@`: begins with. */
function listedSql(
  trait: string,
  { list, operator }: { list: readonly string[]; operator: '=' | '^@' },
  scope: SqlScope,
): string {
  const value = traitSql(trait, scope);
  const entries = scope.value(
    column([...new Set(list.map(foldCase))].sort(), (entry) => entry),
    'text[]',
  );
  const folded = foldedSql(`(${value} #>> '{}')`, list, scope);
  return `(case when jsonb_typeof(${value}) = 'string' then ${folded} ${operator} any(${entries}) else false end)`;
}

/** By the haversine formula. Rounding keeps squares of tiny angles from being too small for a `float8`: an error here. */
function nearSql({ latitude, longitude, kilometres }: NonNullable<PlaceCondition['near']>, scope: SqlScope): string {
  const radians = (degrees: string) => `radians(round(${degrees}, 9)::float8)`;
  const number = (name: string) => `(${traitSql('location', scope)} -> '${name}')`;
  const isAngle = (name: string, most: number) =>
    `(case when jsonb_typeof(${number(name)}) = 'number' then abs(${number(name)}::numeric) <= ${most} else false end)`;
  const [from, to] = [radians(`${number('latitude')}::numeric`), radians(scope.value(String(latitude), 'numeric'))];
  const east = `${radians(scope.value(String(longitude), 'numeric'))} - ${radians(`${number('longitude')}::numeric`)}`;
  const haversine = (angle: string) => `power(sin((${angle}) / 2), 2)`;
  const square = `${haversine(`${to} - ${from}`)} + cos(${from}) * cos(${to}) * ${haversine(east)}`;
  const distance = `2 * ${earthRadius} * asin(sqrt(least(1, ${square})))`;
  const isPlace = `${isAngle('latitude', 90)} and ${isAngle('longitude', 180)}`;
  return `(case when ${isPlace} then ${distance} <= ${scope.value(kilometres, 'float8')} else false end)`;
}
