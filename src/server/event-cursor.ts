import type { ExecutionResult } from 'graphql';

/** A symbol: copies of a result keep it, and JSON leaves it out. */
const cursor = Symbol('cursor');

interface Placed {
  [cursor]?: string;
}

/**
 * Notes in a result where in the change feed the event lies that it shows: its fields are only those that the subscriber
 * asked for. Events of what is no feed have no place.
 */
export function noteCursor<R extends ExecutionResult>(result: R, event: unknown): R {
  const { change, cursor: own } = event as { change?: { cursor?: unknown }; cursor?: unknown };
  const found = change?.cursor ?? own;
  if (typeof found === 'string') (result as Placed)[cursor] = found;
  return result;
}

export function cursorOf(result: ExecutionResult): string | undefined {
  return (result as Placed)[cursor];
}
