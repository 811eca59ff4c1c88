import type { Database, Tx } from '../../kernel/database.ts';

/** A row of `preference_links`. */
export interface LinkRow {
  readonly id: string;
  readonly customerId: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
}

export async function insertLink(
  tx: Tx,
  { id, customerId, createdBy, createdAt, expiresAt }: Omit<LinkRow, 'revokedAt'>,
) {
  await tx`
    insert into preference_links (id, customer_id, created_by, created_at, expires_at)
    values (${id}, ${customerId}, ${createdBy}, ${createdAt}, ${expiresAt})`;
}

export async function findLink(db: Database, id: string): Promise<LinkRow | undefined> {
  const [row] = await db<LinkRow[]>`
    select id, customer_id as "customerId", created_by as "createdBy", created_at as "createdAt",
           expires_at as "expiresAt", revoked_at as "revokedAt"
    from preference_links where id = ${id}`;
  return row;
}

/** Those that are still open. Answers to whom it led. */
export async function revokeLink(tx: Tx, id: string, now: Date): Promise<string | undefined> {
  const [row] = await tx<{ customerId: string }[]>`
    update preference_links set revoked_at = ${now} where id = ${id} and revoked_at is null
    returning customer_id as "customerId"`;
  return row?.customerId;
}

/** All open links of a customer, by any id that they ever had. Answers how many. */
export async function revokeLinksOf(tx: Tx, customerId: string, now: Date): Promise<number> {
  const revoked = await tx`
    update preference_links as l set revoked_at = ${now}
    from records r
    where r.customer_id = ${customerId} and l.customer_id = r.id and l.revoked_at is null and l.expires_at > ${now}`;
  return revoked.count;
}
