import type { PendingQuery, Row } from 'postgres';

/**
 * Hands over rows as they come: whatever their number, one at a time is in memory. No cursor: PostgreSQL would answer it from a
 * single process. While `each` works, the socket fills up, and PostgreSQL waits.
 */
export async function streamRows<R extends Row>(query: PendingQuery<R[]>, each: (row: R) => void): Promise<void> {
  let failure: unknown;
  try {
    await query.forEach((row) => {
      if (failure !== undefined) return;
      try {
        each(row as R);
      } catch (error) {
        // Thrown here it would end in the socket's handler, which has nobody to tell.
        failure = error;
        query.cancel();
      }
    });
  } catch (error) {
    if (failure === undefined) throw error;
  }
  if (failure !== undefined) throw failure;
}
