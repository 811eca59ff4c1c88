import type postgres from 'postgres';
import type { Fragment } from 'postgres';
import type { Database } from './database.ts';

/**
 * Marks a statement whose text follows the caller's input, such as a filter tree. Prepared, every new shape would stay
 * in the memory of the connection and of its backend for as long as both live, and a caller could fill it up.
 */
export function unprepared<R extends readonly postgres.MaybeRow[]>(
  query: postgres.PendingQuery<R>,
): postgres.PendingQuery<R> {
  // postgres.js reads this option from every statement but lets only `unsafe` set it; a test holds us to it.
  Object.assign(query, { options: { prepare: false } });
  return query;
}

/**
 * A whole number as text of the statement. Plans are made without knowing parameters, and `limit $1` is then taken for
 * a tenth of everything, where sorting looks cheaper than walking an index.
 */
export function literal(db: Database, number: number): Fragment {
  return db`${db.unsafe(String(Math.trunc(number)))}`;
}
