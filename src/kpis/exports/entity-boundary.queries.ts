import type { Fragment } from 'postgres';
import { holdsTouchpoint, type TouchpointColumns } from '../../access/boundary.queries.ts';
import { customerCut, outside, touchpointBoundary } from '../../access/boundary.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database.ts';
import type { EntityList } from './entity-list.ts';

type Columns = (db: Database) => TouchpointColumns;

const nothing = (db: Database) => db`null::text`;

/** Lists whose rows are touchpoints, or follow from one alone. Others follow from all that is known of a customer. */
const ofTouchpoints: Readonly<Record<string, Columns>> = {
  purchases: (db) => ({
    type: db`case v.kind when 'ORDER' then 'order.completed' else 'order.returned' end`,
    source: db`v.source`,
    store: db`v.store`,
  }),
  touchpoints: (db) => ({
    type: db`v.type`,
    source: db`v.source`,
    store: db`(select told.properties ->> 'store' from touchpoints told
      where told.record_id = v.record_id and told.occurred_at = v.occurred_at and told.id = v.touchpoint_id)`,
  }),
};

/** Lists without a customer: only sums over everybody, which only limits of touchpoints can cut. */
const ofNobody: Readonly<Record<string, Columns>> = {
  'touchpoints-hourly': (db) => ({ type: db`v.type`, source: db`v.source`, store: nothing(db) }),
};

/** Whether a list can be cut to what the caller's key may see. */
export function canCut(ctx: Context, list: EntityList): boolean {
  const boundary = touchpointBoundary(ctx);
  if (list.name in ofNobody) return !customerCut(ctx) && !boundary?.stores;
  const isOfCustomers = list.columns.some(({ name }) => name === 'customer_id');
  return isOfCustomers && (!boundary || list.name in ofTouchpoints);
}

/** What to add to the statement; `undefined`: nothing. Throws `FORBIDDEN` for a list that can't be cut. */
export function insideOf(ctx: Context, list: EntityList): ((db: Database) => Fragment) | undefined {
  const [customers, boundary] = [customerCut(ctx), touchpointBoundary(ctx)];
  if (!customers && !boundary) return undefined;
  if (!canCut(ctx, list)) throw outside(`The list ${list.name} can't be cut to what this key may see.`);
  const columns = ofTouchpoints[list.name] ?? ofNobody[list.name];
  return (db) => {
    const all = [
      ...(customers ? [customers(db, db`v.customer_id`)] : []),
      ...(boundary ? [holdsTouchpoint(db, boundary, columns!(db))] : []),
    ];
    return all.reduce((left, right) => db`${left} and ${right}`);
  };
}
