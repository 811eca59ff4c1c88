import type postgres from 'postgres';

/**
 * Marks a statement whose text follows the caller's input, such as a filter tree. Prepared, every new shape would stay
 * in the memory of the connection and of its backend for as long as both live, and a caller could fill it up.
 */
export function unprepared<R extends readonly postgres.MaybeRow[]>(query: postgres.PendingQuery<R>): postgres.PendingQuery<R> {
  // postgres.js reads this option from every statement but lets only `unsafe` set it; a test holds us to it.
  Object.assign(query, { options: { prepare: false } });
  return query;
}
