/** What to do about an error that stopped a batch. */
export type FailureKind =
  /** The database gave way to another transaction: the same batch will pass. */
  | 'RETRY'
  /** A month has no partition (yet, or any more). */
  | 'NO_PARTITION'
  /** The database can't be reached, is closing or can't write now: nothing is wrong with the touchpoints. */
  | 'UNAVAILABLE'
  /** Something in the batch. */
  | 'POISON';

const retryable = new Set(['40001', '40P01', '55P03']);
/**
 * Besides connections: 25006, a server that only reads (the standby that took over isn't primary yet); 25P03, one that has given
 * up a transaction of ours that stood still; 53 and 58, one out of
 * room or ill; 57, one that shuts down or ended a statement by an operator's word or for its time limit.
 */
const unavailableCodes =
  /^(?:08|25006|25P03|53|57|58|CONNECT|CONNECTION|ECONN|EPIPE|ENOTFOUND|EHOST|ENET|ETIMEDOUT|EAI)/;

/** Sorts errors by PostgreSQL's, postgres.js's and Node's codes. */
export function failureKind(error: unknown): FailureKind {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code !== 'string') return 'POISON';
  if (retryable.has(code)) return 'RETRY';
  if (code === '23514' && String(message).startsWith('no partition of relation')) return 'NO_PARTITION';
  return unavailableCodes.test(code) ? 'UNAVAILABLE' : 'POISON';
}
