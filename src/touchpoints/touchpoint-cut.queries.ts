import type { Fragment } from 'postgres';
import { holdsTouchpoint, type TouchpointColumns } from '../access/boundary.queries.ts';
import { customerCut, touchpointBoundary } from '../access/boundary.ts';
import type { Boundary, CustomerCut } from '../kernel/boundary.ts';
import type { Context } from '../kernel/context.ts';
import type { Database } from '../kernel/database.ts';

/** Which touchpoints there are for a key. */
export interface TouchpointCut {
  readonly customers?: CustomerCut;
  readonly boundary?: Boundary;
}

/** `undefined` where the key may see all. */
export function touchpointCut(ctx: Context): TouchpointCut | undefined {
  const cut = { customers: customerCut(ctx), boundary: touchpointBoundary(ctx) };
  return cut.customers || cut.boundary ? cut : undefined;
}

/** What has to hold of `touchpoints t`, whose record is not at hand. Empty where nothing has to. */
export function insideTouchpoints(db: Database, cut: TouchpointCut | undefined): Fragment {
  const { customers, boundary } = cut ?? {};
  return db`
    ${boundary ? db`and ${holdsTouchpoint(db, boundary, columnsOf(db))}` : db``}
    ${customers ? db`and exists (select from records own where own.id = t.record_id and ${customers(db, db`own.customer_id`)})` : db``}`;
}

/** The same of a touchpoint of somebody who is inside. */
export function insideOfOwn(db: Database, cut: TouchpointCut | undefined): Fragment {
  return insideTouchpoints(db, { boundary: cut?.boundary });
}

function columnsOf(db: Database): TouchpointColumns {
  return { type: db`t.type`, source: db`t.source`, store: db`t.properties ->> 'store'` };
}
