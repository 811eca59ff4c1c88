import type { Database, Tx } from '../../kernel/database.ts';
import type { PageRequest } from '../../kernel/paging.ts';
import { idList } from '../../kernel/sql-array.ts';
import type { Answers } from './expected-value.ts';
import type { OfferDefinition, OfferStatus } from './offer.ts';
import type { OfferView } from './offer-terms.ts';

const columns = (db: Database) => db`
  id, program_id as "programId", name, status, definition, version, created_at as "createdAt", updated_at as "updatedAt"`;

export async function findOffers(db: Database, ids: readonly string[]): Promise<OfferView[]> {
  return db`select ${columns(db)} from loyalty_offers where id = any(${idList(ids)}::uuid[])`;
}

/** Locks it: changes of one offer wait for each other. */
export async function lockOffer(tx: Tx, id: string): Promise<OfferView | undefined> {
  const [row] = await tx<OfferView[]>`select ${columns(tx)} from loyalty_offers where id = ${id} for no key update`;
  return row;
}

export async function findFingerprint(db: Database, id: string): Promise<string | undefined> {
  const [row] = await db<{ fingerprint: string }[]>`select fingerprint from loyalty_offers where id = ${id}`;
  return row?.fingerprint;
}

/** One page, with one too many to tell whether there is more. The newest first. */
export async function listOffers(
  db: Database,
  { statuses, programId, page }: { statuses: readonly OfferStatus[]; programId: string | null; page: PageRequest },
): Promise<OfferView[]> {
  const { after, before, backward, size } = page;
  return db`
    select ${columns(db)} from loyalty_offers
    where status = any(${statuses as string[]}::text[])
      ${programId === null ? db`` : db`and program_id = ${programId}`}
      ${after ? db`and (created_at, id) < (${after.at}, ${after.id}::uuid)` : db``}
      ${before ? db`and (created_at, id) > (${before.at}, ${before.id}::uuid)` : db``}
    order by ${backward ? db`created_at, id` : db`created_at desc, id desc`}
    limit ${size + 1}`;
}

export interface WrittenOffer {
  readonly id: string;
  readonly programId: string | null;
  readonly name: string;
  readonly definition: OfferDefinition;
  readonly now: Date;
}

/** False where there is one of this id: the request is a repeat. */
export async function insertOffer(
  tx: Tx,
  { id, programId, name, definition, now, fingerprint }: WrittenOffer & { fingerprint: string },
): Promise<boolean> {
  const { count } = await tx`
    insert into loyalty_offers (id, program_id, name, status, definition, version, valid_from, valid_to, created_at,
                                updated_at, fingerprint)
    values (${id}, ${programId}, ${name}, 'DRAFT', ${definition as never}::jsonb, 1, ${definition.validFrom},
            ${definition.validTo}, ${now}, ${now}, ${fingerprint})
    on conflict (id) do nothing`;
  return count > 0;
}

/** A new version of what it says. */
export async function saveOffer(tx: Tx, { id, name, definition, now }: Omit<WrittenOffer, 'programId'>): Promise<void> {
  await tx`
    update loyalty_offers
    set name = ${name}, definition = ${definition as never}::jsonb, version = version + 1,
        valid_from = ${definition.validFrom}, valid_to = ${definition.validTo}, updated_at = ${now}
    where id = ${id}`;
}

export async function saveOfferStatus(
  tx: Tx,
  { id, status, now }: { id: string; status: OfferStatus; now: Date },
): Promise<void> {
  await tx`
    update loyalty_offers set status = ${status}, version = version + 1, updated_at = ${now} where id = ${id}`;
}

/** Whoever asks for offers next reads them anew. */
export async function turnOfferPage(tx: Tx): Promise<void> {
  await tx`update loyalty_offer_book set revision = revision + 1`;
}

export async function findOfferRevision(db: Database): Promise<number> {
  const [row] = await db<{ revision: number }[]>`select revision::float8 as revision from loyalty_offer_book`;
  return row!.revision;
}

/** All that are live, whether or not they are valid at the moment. */
export async function loadOffers(db: Database): Promise<OfferView[]> {
  return db`select ${columns(db)} from loyalty_offers where status = 'LIVE' order by id`;
}

/** What came of the last presentations of each of these offers. Open ones have not been answered yet and don't count. */
export async function loadAnswers(
  db: Database,
  { offerIds, latest, now }: { offerIds: readonly string[]; latest: number; now: Date },
): Promise<(Answers & { offerId: string })[]> {
  return db`
    select o.id as "offerId", count(*)::int as presented, count(*) filter (where l.accepted)::int as accepted
    from unnest(${idList(offerIds)}::uuid[]) as o (id)
    cross join lateral (
      select p.status in ('ACCEPTED', 'REDEEMED') or p.decided_at is not null and p.status = 'EXPIRED' as accepted,
             p.status = 'PRESENTED' and p.expires_at > ${now} as open
      from loyalty_presentations p where p.offer_id = o.id order by p.presented_at desc limit ${latest}
    ) as l
    where not l.open group by o.id`;
}
