import type { Database, Tx } from '../../kernel/database.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { idList } from '../../kernel/sql-array.ts';
import type { Presentation } from './presentation.ts';

export interface StoredPresentation extends Presentation {
  readonly channel: string | null;
  readonly store: string | null;
  readonly detail: JsonObject | null;
  readonly fingerprint: string;
  readonly recordedAt: Date;
}

/** Whose presentations are that are nobody's. */
export const nobody = '00000000-0000-0000-0000-000000000000';

const columns = (db: Database) => db`
  record_id as "recordId", id, offer_id as "offerId", version, status, presented_at as "presentedAt",
  decided_at as "decidedAt", expires_at as "expiresAt", reserved, held, spent, channel, store, detail, fingerprint,
  recorded_at as "recordedAt"`;

export async function findPresentations(db: Database, ids: readonly string[]): Promise<StoredPresentation[]> {
  return db`select ${columns(db)} from loyalty_presentations where id = any(${idList(ids)}::uuid[])`;
}

export interface OwnedPresentation extends StoredPresentation {
  readonly ownerId: string;
}

/** What customers were shown last, over all of their records. */
export async function listPresentations(
  db: Database,
  customerIds: readonly string[],
  first: number,
): Promise<OwnedPresentation[]> {
  return db`
    select owner.id as "ownerId", p.*
    from unnest(${idList(customerIds)}::uuid[]) as owner (id)
    cross join lateral (
      select ${columns(db)} from loyalty_presentations
      where record_id in (select id from records where customer_id = owner.id)
      order by presented_at desc, id desc limit ${first}
    ) as p
    order by p."presentedAt" desc, p.id desc`;
}

/** After the locks on customers and budgets. */
export async function lockPresentation(
  tx: Tx,
  { recordId, id }: { recordId: string; id: string },
): Promise<StoredPresentation | undefined> {
  const [row] = await tx<StoredPresentation[]>`
    select ${columns(tx)} from loyalty_presentations where record_id = ${recordId} and id = ${id} for no key update`;
  return row;
}

/** Requests with the same idempotency key wait for each other, whomever they are about. After the locks on customers. */
export async function lockRequest(tx: Tx, id: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${id}, 7))`;
}

export async function insertPresentation(tx: Tx, row: StoredPresentation & { readonly actor: string }): Promise<void> {
  await tx`
    insert into loyalty_presentations (record_id, id, offer_id, version, status, presented_at, expires_at, recorded_at,
                                       reserved, held, channel, store, actor, detail, fingerprint)
    values (${row.recordId}, ${row.id}, ${row.offerId}, ${row.version}, ${row.status}, ${row.presentedAt}, ${row.expiresAt},
            ${row.recordedAt}, ${row.reserved}, ${row.held}, ${row.channel}, ${row.store}, ${row.actor},
            ${row.detail as never}::jsonb, ${row.fingerprint})`;
}

export async function savePresentation(
  tx: Tx,
  row: Pick<Presentation, 'recordId' | 'id' | 'status' | 'decidedAt' | 'expiresAt' | 'held' | 'spent'>,
): Promise<void> {
  await tx`
    update loyalty_presentations
    set status = ${row.status}, decided_at = ${row.decidedAt}, expires_at = ${row.expiresAt}, held = ${row.held},
        spent = ${row.spent}
    where record_id = ${row.recordId} and id = ${row.id}`;
}

/** Offers of which presentations are open whose time is over. */
export async function findOverdueOffers(db: Database, now: Date, limit: number): Promise<string[]> {
  const rows = await db<{ offerId: string }[]>`
    select distinct offer_id as "offerId" from (
      select offer_id from loyalty_presentations
      where status in ('PRESENTED', 'ACCEPTED') and expires_at <= ${now} order by expires_at limit ${limit}
    ) as overdue`;
  return rows.map(({ offerId }) => offerId).sort();
}

export interface Lapsed {
  readonly offerId: string;
  readonly held: boolean;
  readonly reserved: bigint;
}

/**
 * Notes of open presentations that their time is over; answers what they held. Under the locks on the offers' budgets; a
 * presentation that somebody is deciding on is left to them.
 */
export async function lapse(
  tx: Tx,
  { offerIds, now, limit }: { offerIds: readonly string[]; now: Date; limit: number },
): Promise<Lapsed[]> {
  return tx`
    with overdue as (
      select record_id, id, held from loyalty_presentations
      where status in ('PRESENTED', 'ACCEPTED') and expires_at <= ${now} and offer_id = any(${idList(offerIds)}::uuid[])
      order by expires_at, record_id, id limit ${limit} for no key update skip locked
    )
    update loyalty_presentations p set status = 'EXPIRED', held = false
    from overdue o where p.record_id = o.record_id and p.id = o.id
    returning p.offer_id as "offerId", o.held, p.reserved`;
}
