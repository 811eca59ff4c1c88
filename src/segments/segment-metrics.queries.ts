import type { Fragment } from 'postgres';
import type { Database } from '../kernel/database.ts';

/** The customers who are in a segment now: a `select` of one column, to stand in brackets. */
export function selectMembers(db: Database, segmentId: string): Fragment {
  return db`select customer_id from segment_states where segment_id = ${segmentId}::uuid and member`;
}
