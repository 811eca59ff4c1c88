import type { Fragment } from 'postgres';
import type { Context } from '../kernel/context.ts';
import type { Database } from '../kernel/database.ts';

/** Who is in which segment: segments come after KPIs, and give this to them when a server is put together. */
export interface SegmentScope {
  /** Throws `FORBIDDEN` to whom segments are not shown, `NOT_FOUND` for what is no segment (UUIDs). */
  check(ctx: Context, segmentIds: readonly string[]): Promise<void>;
  /** The ids of the customers who are in it now: a `select` of one column, to stand in brackets. */
  members(db: Database, segmentId: string): Fragment;
}

/** `true`, or that the customer is in each of the segments: `and ${inSegments(db, scope, { customer: db`r.customer_id`, … })}`. */
export function inSegments(
  db: Database,
  scope: SegmentScope,
  { customer, segmentIds }: { customer: Fragment; segmentIds: readonly string[] },
): Fragment {
  return segmentIds.reduce<Fragment>((all, id) => db`${all} and ${customer} in (${scope.members(db, id)})`, db`true`);
}
