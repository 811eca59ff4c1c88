import type { Database, Tx } from '../../kernel/database.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { idList } from '../../kernel/sql-array.ts';
import { holdsNothing, isDeleted, newId, ofRecords } from '../../privacy/erasure/erased-ids.queries.ts';
import type { Erasure, Found, PersonalTable, PersonSearch } from '../../privacy/personal-data.ts';
import { isOfSubject, newUnlessShared } from './loyalty.erasure.queries.ts';

/** Memberships, vouchers and offers. Pools come before their members, codes before their vouchers. */
export const membershipTables: readonly PersonalTable[] = [
  {
    table: 'loyalty_memberships',
    holds: 'PSEUDONYMS',
    why: 'Which records carry memberships.',
    effect: 'ANONYMISED',
    afterwards: 'They have ended, and stay for what is counted by them, under other ids.',
    erase: eraseMemberships,
  },
  isDeleted({
    table: 'loyalty_tier_overrides',
    holds: 'PERSONAL',
    why: 'Tiers that somebody gave for a time, with reasons in free text.',
    ...ofRecords,
  }),
  {
    table: 'loyalty_pools',
    holds: 'PERSONAL',
    why: 'Names of groups that spend together.',
    effect: 'DELETED',
    afterwards: 'Deleted where the erased was the last member, and where nobody is: whose it was, nothing tells.',
    erase: erasePools,
    find: findEmptyPools,
  },
  isDeleted({ table: 'loyalty_pool_members', holds: 'PSEUDONYMS', why: 'Who spends together.', ...ofRecords }),
  {
    table: 'loyalty_referrals',
    holds: 'PSEUDONYMS',
    why: 'Who brought whom.',
    effect: 'ANONYMISED',
    afterwards: 'They stay for the other side, under another id; those that were open earn nothing any more.',
    erase: eraseReferrals,
  },
  {
    table: 'loyalty_voucher_codes',
    holds: 'PSEUDONYMS',
    why: 'Codes of vouchers.',
    effect: 'DELETED',
    afterwards: 'Deleted.',
    async erase(tx, erasure) {
      const { count } = await tx`
        delete from loyalty_voucher_codes
        where code in (select code from loyalty_vouchers where ${isOfSubject(tx, erasure)})`;
      return count;
    },
  },
  {
    table: 'loyalty_vouchers',
    holds: 'PSEUDONYMS',
    why: 'Vouchers: whose they are, and their codes.',
    effect: 'ANONYMISED',
    afterwards: 'What was not used is cancelled. Worth and uses stay; the code is gone.',
    erase: eraseVouchers,
  },
  {
    table: 'loyalty_voucher_uses',
    holds: 'PERSONAL',
    why: 'Who used which voucher, with references that tills gave.',
    effect: 'ANONYMISED',
    afterwards: 'The uses stay, under other ids and without references.',
    async erase(tx, erasure) {
      const rows = await tx<{ id: string }[]>`select id from loyalty_voucher_uses where ${isOfSubject(tx, erasure)}`;
      for (const { id } of rows) erasure.audited.own.add(toPublicId('vus', id));
      const { count } = await tx`
        update loyalty_voucher_uses
        set record_id = ${newId(tx, erasure, tx`record_id`)}, id = ${newId(tx, erasure, tx`id`)}, detail = null,
            fingerprint = ${newId(tx, erasure, tx`fingerprint`)}
        where ${isOfSubject(tx, erasure)}`;
      return count;
    },
  },
  {
    table: 'loyalty_presentations',
    holds: 'PERSONAL',
    why: 'What was offered to whom, with details that tills gave.',
    effect: 'ANONYMISED',
    afterwards: 'They stay for what is counted by them, under other ids and without details; open ones have ended.',
    erase: erasePresentations,
  },
  holdsNothing('loyalty_offers', 'What can be offered.'),
  holdsNothing('loyalty_offer_book', 'A counter of changes of offers.'),
  holdsNothing('loyalty_offer_budgets', 'What offers have cost in all.'),
  holdsNothing('loyalty_rewards', 'What points buy.'),
];

async function eraseMemberships(tx: Tx, erasure: Erasure): Promise<number> {
  const rows = await tx<{ id: string }[]>`select id from loyalty_memberships where ${isOfSubject(tx, erasure)}`;
  for (const { id } of rows) erasure.audited.own.add(toPublicId('mem', id));
  const { count } = await tx`
    update loyalty_memberships
    set record_id = ${newId(tx, erasure, tx`record_id`)}, id = ${newId(tx, erasure, tx`id`)}, status = 'LEFT',
        left_at = coalesce(left_at, ${erasure.at})
    where ${isOfSubject(tx, erasure)}`;
  return count;
}

/** Pools that nobody is in. They may have been the person's, who left them. */
async function findEmptyPools(db: Database, { after }: PersonSearch): Promise<Found> {
  const rows =
    after === null
      ? await db<{ id: string }[]>`
          select id from loyalty_pools p where not exists (select from loyalty_pool_members m where m.pool_id = p.id)`
      : [];
  return { keys: rows.map(({ id }) => id), upTo: 'all' };
}

async function erasePools(tx: Tx, erasure: Erasure): Promise<number> {
  const rows = await tx<{ id: string }[]>`
    delete from loyalty_pools p
    where (p.id = any(${idList(erasure.found.get('loyalty_pools') ?? [])}::uuid[])
        or p.id in (select pool_id from loyalty_pool_members where ${isOfSubject(tx, erasure)}))
      and not exists (
        select from loyalty_pool_members m
        where m.pool_id = p.id and not m.record_id = any(${idList(erasure.subject.recordIds)}::uuid[]))
    returning p.id`;
  for (const { id } of rows) erasure.audited.own.add(toPublicId('pool', id));
  return rows.length;
}

async function eraseReferrals(tx: Tx, erasure: Erasure): Promise<number> {
  const ids = idList(erasure.subject.recordIds);
  const rows = await tx<{ id: string }[]>`
    select id from loyalty_referrals
    where record_id = any(${ids}::uuid[]) or referrer_record_id = any(${ids}::uuid[])`;
  for (const { id } of rows) erasure.audited.own.add(toPublicId('ref', id));
  const ended = tx`
    status = case when status in ('OPEN', 'QUALIFIED') then 'REFUSED' else status end,
    why = case when status in ('OPEN', 'QUALIFIED') then 'NO_BONUS' else why end,
    decided_at = case when status in ('OPEN', 'QUALIFIED') then ${erasure.at} else decided_at end, due_at = null, detail = null`;
  const friend = await tx`
    update loyalty_referrals set record_id = ${newId(tx, erasure, tx`record_id`)}, ${ended}
    where record_id = any(${ids}::uuid[])`;
  const referrer = await tx`
    update loyalty_referrals set referrer_record_id = ${newId(tx, erasure, tx`referrer_record_id`)}, ${ended}
    where referrer_record_id = any(${ids}::uuid[])`;
  return friend.count + referrer.count;
}

async function eraseVouchers(tx: Tx, erasure: Erasure): Promise<number> {
  const rows = await tx<{ id: string }[]>`select id from loyalty_vouchers where ${isOfSubject(tx, erasure)}`;
  for (const { id } of rows) erasure.audited.own.add(toPublicId('vch', id));
  const { count } = await tx`
    update loyalty_vouchers
    set record_id = ${newId(tx, erasure, tx`record_id`)}, code = ${newId(tx, erasure, tx`id`, 'code')}::text,
        decision_id = ${newUnlessShared(tx, erasure, tx`decision_id`)},
        status = case when status = 'ACTIVE' then 'CANCELLED' else status end
    where ${isOfSubject(tx, erasure)}`;
  return count;
}

async function erasePresentations(tx: Tx, erasure: Erasure): Promise<number> {
  const rows = await tx<{ id: string }[]>`select id from loyalty_presentations where ${isOfSubject(tx, erasure)}`;
  for (const { id } of rows) erasure.audited.own.add(toPublicId('prs', id));
  await tx`
    update loyalty_offer_budgets b
    set reserved = b.reserved - held.reserved, uses_reserved = b.uses_reserved - held.uses
    from (
      select offer_id, sum(reserved) as reserved, count(*)::int as uses
      from loyalty_presentations where held and ${isOfSubject(tx, erasure)} group by offer_id
    ) as held
    where b.offer_id = held.offer_id`;
  const { count } = await tx`
    update loyalty_presentations
    set record_id = ${newId(tx, erasure, tx`record_id`)}, id = ${newId(tx, erasure, tx`id`)}, held = false, detail = null,
        status = case when status in ('PRESENTED', 'ACCEPTED') then 'EXPIRED' else status end,
        fingerprint = ${newId(tx, erasure, tx`fingerprint`)}
    where ${isOfSubject(tx, erasure)}`;
  return count;
}
