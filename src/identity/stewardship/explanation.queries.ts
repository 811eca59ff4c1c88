import type { Database } from '../../kernel/database.ts';
import type { ExplainedClaim } from './explanation.ts';

/** Everything that these records claim, also what was taken away or is blocked. */
export async function findAllClaims(db: Database, recordIds: readonly string[]): Promise<ExplainedClaim[]> {
  return db<ExplainedClaim[]>`
    select c.identifier_id as "identifierId", c.record_id as "recordId", c.kind, c.first_seen_at as "firstSeenAt",
           c.first_touchpoint_id as "firstTouchpointId", c.removed_by as "removedBy", i.records as claimants, i.blocked
    from claims c join identifiers i on i.id = c.identifier_id
    where c.record_id = any(${recordIds as string[]}::uuid[])`;
}
