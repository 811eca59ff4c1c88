import type { Database } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';

export interface Found {
  /** By which the person was named: what is written belongs to it. */
  readonly recordId: string;
  readonly customerId: string;
  /** How many they have by all their records. */
  readonly touchpoints: number;
}

/** By the id of any record of theirs, which every id is that a customer ever had. */
export async function findPersonOfRecord(db: Database, recordId: string): Promise<Found | undefined> {
  const [row] = await db<Found[]>`
    select r.id as "recordId", c.id as "customerId", c.touchpoints::float8 as touchpoints
    from records r join customers c on c.id = r.customer_id where r.id = ${recordId}`;
  return row;
}

/** Who carries this identifier: of several the one who was seen with it first. */
export async function findPersonByIdentifier(db: Database, identifierId: string): Promise<Found | undefined> {
  const [row] = await db<Found[]>`
    select claims.record_id as "recordId", c.id as "customerId", c.touchpoints::float8 as touchpoints
    from claims
    join records r on r.id = claims.record_id
    join customers c on c.id = r.customer_id
    join identifiers i on i.id = claims.identifier_id
    where claims.identifier_id = ${identifierId} and claims.removed_by is null and not i.blocked
    order by claims.first_seen_at, claims.record_id limit 1`;
  return row;
}

export async function findTiers(db: Database, customerId: string): Promise<{ programId: string; tier: string }[]> {
  return db`
    select program_id as "programId", tier from loyalty_members
    where customer_id = ${customerId} and tier is not null order by program_id`;
}

/** When somebody used each of these offers, or accepted it and still may. */
export async function findUses(
  db: Database,
  { customerId, offerIds, now }: { customerId: string; offerIds: readonly string[]; now: Date },
): Promise<{ offerId: string; at: Date; id: string }[]> {
  return db`
    select p.offer_id as "offerId", p.decided_at as at, p.id
    from records r join loyalty_presentations p on p.record_id = r.id
    where r.customer_id = ${customerId} and p.offer_id = any(${idList(offerIds)}::uuid[])
      and (p.status = 'REDEEMED' or p.status = 'ACCEPTED' and p.expires_at > ${now})`;
}
