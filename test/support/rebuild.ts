import { expect } from 'vitest';
import type { ActiveDecision } from '../../src/identity/decision.ts';
import { evidenceOf, somebodysAmong } from '../../src/identity/decision.ts';
import type { ClaimEvidence } from '../../src/identity/resolution.ts';
import { resolve } from '../../src/identity/resolve.ts';
import { type IdentityRules, isBlocked, ruleFor } from '../../src/identity/rules.ts';
import type { Pool } from '../../src/kernel/database.ts';

interface StoredRecord {
  readonly id: string;
  readonly source: string;
  readonly firstAt: Date;
  readonly owned: boolean;
  readonly customerId: string | null;
  readonly componentId: string | null;
  readonly identified: boolean;
}

interface StoredClaim extends ClaimEvidence {
  readonly value: string;
}

/** Everything that identity derives is what resolving all facts at once gives: nothing depends on how it came about. */
export async function expectRebuildable(db: Pool, rules: IdentityRules): Promise<void> {
  const [records, claims, decisions] = [await readRecords(db), await readClaims(db, rules), await readDecisions(db)];
  const { links, separations } = evidenceOf(decisions);
  const somebodys = somebodysAmong(records, claims, links);
  const { customerOf, componentOf, refused } = resolve({ records: somebodys, claims, links, separations }, rules);
  for (const record of records) {
    expect(record.customerId).toBe(customerOf.get(record.id) ?? null);
    expect(record.componentId).toBe(componentOf.get(record.id) ?? null);
    const names = claims.some(({ recordId, kind }) => recordId === record.id && ruleFor(rules, kind).namesPerson);
    expect(record.identified).toBe(names);
  }
  expect(await readRefused(db)).toEqual([...refused].sort(byRefusal));
  await expectFolds(db);
}

async function readRecords(db: Pool): Promise<StoredRecord[]> {
  return db`
    select id, source, first_at as "firstAt", owned, customer_id as "customerId", component_id as "componentId",
           identified
    from records order by id`;
}

async function readClaims(db: Pool, rules: IdentityRules): Promise<StoredClaim[]> {
  const claims = await db<StoredClaim[]>`
    select c.identifier_id as "identifierId", c.record_id as "recordId", c.kind, c.first_seen_at as "firstSeenAt", i.value,
           count(*) over (partition by c.identifier_id)::int as claimants
    from claims c join identifiers i on i.id = c.identifier_id
    where c.removed_by is null`;
  return claims.filter(({ kind, value }) => !isBlocked(rules, value, kind));
}

async function readDecisions(db: Pool): Promise<ActiveDecision[]> {
  return db`
    select id, kind, decided_at as "decidedAt", weight,
           array(select record_id from decision_records r where r.decision_id = d.id and side = 0 order by 1) as "sideA",
           array(select record_id from decision_records r where r.decision_id = d.id and side = 1 order by 1) as "sideB"
    from decisions d where revoked_at is null and kind <> 'REMOVE_IDENTIFIER'`;
}

interface Refused {
  readonly recordId: string;
  readonly evidenceId: string;
  readonly kind: string;
}

async function readRefused(db: Pool): Promise<Refused[]> {
  const refused = await db<Refused[]>`
    select record_id as "recordId", evidence_id as "evidenceId", kind, other_record_id as "otherRecordId", refusal,
           limited_by as "limitedBy"
    from refused_links`;
  return [...refused].sort(byRefusal);
}

function byRefusal(a: Refused, b: Refused): number {
  return a.recordId + a.evidenceId + a.kind < b.recordId + b.evidenceId + b.kind ? -1 : 1;
}

/** Customers are the sums of their records, and there are no others. */
async function expectFolds(db: Pool): Promise<void> {
  const stored = await db`
    select id, identified, records, first_seen_at, last_seen_at, touchpoints::int, orders, traits, revenue
    from customers order by id`;
  const folded = await db`
    select customer_id as id, bool_or(identified) as identified, count(*)::int as records, min(first_at) as first_seen_at,
           max(last_at) as last_seen_at, sum(touchpoints)::int as touchpoints,
           (select coalesce(sum(v.orders), 0)::int from record_revenue v where v.record_id = any(array_agg(r.id))) as orders,
           (select coalesce(jsonb_object_agg(name, value), '{}') from (
             select distinct on (name) name, value from record_traits t where t.record_id = any(array_agg(r.id))
             order by name, set_at desc, touchpoint_id desc) as latest) as traits,
           (select coalesce(jsonb_object_agg(currency, jsonb_build_object(
              'orders', orders, 'returns', returns, 'gross', gross, 'returned', returned)), '{}') from (
             select currency, sum(orders) as orders, sum(returns) as returns, sum(gross) as gross,
                    sum(returned) as returned
             from record_revenue v where v.record_id = any(array_agg(r.id)) group by currency) as sums) as revenue
    from records r where customer_id is not null group by customer_id order by customer_id`;
  expect(stored).toEqual(folded);
}
