import type { Fragment } from 'postgres';
import { type Boundary, prefixOf } from '../kernel/boundary.ts';
import type { Database } from '../kernel/database.ts';
import { column } from '../kernel/sql-array.ts';

/** Columns of a row that is a touchpoint, or follows from one alone. */
export interface TouchpointColumns {
  readonly type: Fragment;
  readonly source: Fragment;
  /** As text. */
  readonly store: Fragment;
}

/** SQL that is true, never unknown, for rows of touchpoints that are inside of a boundary. */
export function holdsTouchpoint(
  db: Database,
  { touchpointTypes, sources, stores }: Boundary,
  { type, source, store }: TouchpointColumns,
): Fragment {
  const all: Fragment[] = [db`true`];
  if (touchpointTypes) all.push(isOfTypes(db, type, touchpointTypes));
  if (sources) all.push(isOneOf(db, source, sources));
  if (stores) all.push(isOneOf(db, store, stores));
  return all.reduce((left, right) => db`${left} and ${right}`);
}

function isOfTypes(db: Database, type: Fragment, patterns: readonly string[]): Fragment {
  const whole = patterns.filter((pattern) => prefixOf(pattern) === undefined);
  const prefixes = patterns.map(prefixOf).filter((prefix) => prefix !== undefined);
  const some = prefixes.reduce<Fragment>(
    (left, prefix) => db`${left} or starts_with(${type}, ${prefix})`,
    isOneOf(db, type, whole),
  );
  return db`(${some})`;
}

function isOneOf(db: Database, value: Fragment, list: readonly string[]): Fragment {
  return db`coalesce(${value} = any(${column(list, (one) => one)}::text[]), false)`;
}
