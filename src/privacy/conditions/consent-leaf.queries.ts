import type { Fragment } from 'postgres';
import type { ConsentCondition } from '../../conditions/condition.ts';
import { type RegisteredLeaf, register } from '../../conditions/core-leaves.queries.ts';
import type { FurtherFacts } from '../../conditions/facts.queries.ts';
import { type LeafSql, never, type SqlScope } from '../../conditions/sql-scope.queries.ts';
import type { Database } from '../../kernel/database.ts';
import { column } from '../../kernel/sql-array.ts';
import { consentLeaf } from './consent-leaf.ts';

/** What privacy adds to the condition language. */
export const consentLeaves: readonly RegisteredLeaf[] = [register(consentLeaf, compileConsent)];

/** The row of the channel, if there is one, comes behind that of every channel, whose name is empty. */
export function compileConsent({ purpose, channel, status }: ConsentCondition, scope: SqlScope): LeafSql {
  const { now } = scope;
  const ofChannel = channel === undefined ? "k.channel = ''" : `k.channel in (${scope.value(channel, 'text')}, '')`;
  const row = scope.lookUp(`
    select k.status, k.expires_at from (values (c.id)) as one (id) left join lateral (
      select k.status, k.expires_at from customer_consents k
      where k.customer_id = one.id and k.purpose = ${scope.value(purpose, 'text')} and ${ofChannel}
      order by k.channel desc limit 1) as k on true`);
  const statuses = scope.value(
    column(status, (name) => name),
    'text[]',
  );
  return {
    verdict: `coalesce(case when ${row}.expires_at <= ${now} then 'EXPIRED' else ${row}.status end = any(${statuses}), false)`,
    next: `case when ${row}.expires_at > ${now} then ${row}.expires_at else ${never} end`,
  };
}

/** What has to be read of customers to judge these. */
export const consentFacts: readonly FurtherFacts[] = [{ leaf: 'consent', query: consentsOf }];

/** Consents of customers as a list of `ConsentFact`, for conditions that are judged outside the database. */
export function consentsOf(db: Database, customers: Fragment): Fragment {
  return db`
    select customer_id as id, jsonb_agg(jsonb_build_object(
      'purpose', purpose, 'channel', channel, 'status', status,
      'expiresAt', (extract(epoch from expires_at) * 1000)::bigint)) as facts
    from customer_consents where customer_id = any(${customers})
    group by customer_id`;
}
