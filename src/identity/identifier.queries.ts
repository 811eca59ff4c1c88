import type { Database } from '../kernel/database.ts';

export interface IdentifierView {
  /** The customer or the record that was asked about. */
  readonly ownerId: string;
  readonly kind: string;
  readonly value: string;
  readonly given: string | null;
  readonly firstSeenAt: Date;
  /** ISO day, UTC. */
  readonly lastSeenOn: string;
  /** Records of the owner that carry it. */
  readonly ownRecords: bigint;
  /** Records of anyone that carry it. */
  readonly records: number;
}

/** The first `limit` identifiers of each customer, in the order in which they were first seen. */
export async function findIdentifiersOfCustomers(
  db: Database,
  customerIds: readonly string[],
  limit: number,
): Promise<IdentifierView[]> {
  return db`
    select owner.id as "ownerId", i.kind, i.value, claim.given, claim."firstSeenAt", claim."lastSeenOn",
           claim."ownRecords", i.records
    from unnest(${customerIds as string[]}::uuid[]) as owner (id)
    cross join lateral (
      select c.identifier_id, min(c.first_seen_at) as "firstSeenAt", max(c.last_seen_on)::text as "lastSeenOn",
             count(*) as "ownRecords",
             (array_agg(c.given order by c.first_seen_at, c.record_id))[1] as given
      from records r
      join claims c on c.record_id = r.id
      where r.customer_id = owner.id and c.removed_by is null
      group by c.identifier_id
      order by min(c.first_seen_at), c.identifier_id
      limit ${limit}
    ) claim
    join identifiers i on i.id = claim.identifier_id
    order by claim."firstSeenAt", i.id`;
}

export async function findIdentifiersOfRecords(db: Database, recordIds: readonly string[]): Promise<IdentifierView[]> {
  return db`
    select c.record_id as "ownerId", i.kind, i.value, c.given, c.first_seen_at as "firstSeenAt",
           c.last_seen_on::text as "lastSeenOn", 1::bigint as "ownRecords", i.records
    from claims c
    join identifiers i on i.id = c.identifier_id
    where c.record_id = any(${recordIds as string[]}::uuid[]) and c.removed_by is null
    order by c.first_seen_at, i.id`;
}
