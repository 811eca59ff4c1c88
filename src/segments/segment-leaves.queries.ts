import type { Fragment } from 'postgres';
import { type RegisteredLeaf, register } from '../conditions/core-leaves.queries.ts';
import type { FurtherFacts } from '../conditions/facts.queries.ts';
import { type LeafSql, never, type SqlScope } from '../conditions/sql-scope.queries.ts';
import type { Database } from '../kernel/database.ts';
import { kpiFacts } from '../kpis/conditions/kpi-leaves.queries.ts';
import { loyaltyOf } from '../loyalty/conditions/loyalty-leaf.queries.ts';
import { consentFacts } from '../privacy/conditions/consent-leaf.queries.ts';
import { listLeaf, notExpanded, segmentLeaf } from './segment-leaves.ts';

/** What segments add to the condition language. */
export const segmentLeaves: readonly RegisteredLeaf[] = [
  register(segmentLeaf, ({ id }) => {
    throw notExpanded(id);
  }),
  register(listLeaf, compileList),
];

function compileList({ id }: { id: string }, scope: SqlScope): LeafSql {
  const listed = `exists (
    select from records r join segment_list_entries l on l.record_id = r.id and l.segment_id = ${scope.value(id, 'uuid')}
    where r.customer_id = c.id)`;
  return { verdict: listed, next: never };
}

/** The lists that customers are on, for conditions that are judged outside the database. */
export function listsOf(db: Database, customers: Fragment): Fragment {
  return db`
    select r.customer_id as id, to_jsonb(array_agg(distinct l.segment_id)) as facts
    from records r join segment_list_entries l on l.record_id = r.id
    where r.customer_id = any(${customers})
    group by r.customer_id`;
}

/** What has to be read of customers, beside the core, to judge any condition that a segment can have. */
export const furtherFacts: readonly FurtherFacts[] = [
  { leaf: 'list', query: listsOf },
  { leaf: 'loyalty', query: loyaltyOf },
  ...kpiFacts,
  ...consentFacts,
];
