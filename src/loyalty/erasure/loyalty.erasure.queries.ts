import type { Fragment } from 'postgres';
import type { Database, Tx } from '../../kernel/database.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { idList } from '../../kernel/sql-array.ts';
import { holdsNothing, isDeleted, newId, ofCustomer } from '../../privacy/erasure/erased-ids.queries.ts';
import type { Erasure, PersonalTable } from '../../privacy/personal-data.ts';

/**
 * The ledger stays as it is, under other names. Whatever still had to be decided about the points has been: see
 * `close-accounts.service.ts`. Postings, lots and consumptions come before the decisions that tell which of them are shared.
 */
export const ledgerTables: readonly PersonalTable[] = [
  {
    table: 'loyalty_postings',
    holds: 'PSEUDONYMS',
    why: 'The ledger: points by record.',
    effect: 'ANONYMISED',
    afterwards: 'Every entry stays, under other ids. What was left has been forfeited by entries of its own.',
    erase: erasePostings,
  },
  {
    table: 'loyalty_lots',
    holds: 'PSEUDONYMS',
    why: 'Points that were granted together, by record.',
    effect: 'ANONYMISED',
    afterwards: 'They stay, under other ids.',
    async erase(tx, erasure) {
      const { count } = await tx`
        update loyalty_lots
        set record_id = ${newId(tx, erasure, tx`record_id`)}, id = ${newId(tx, erasure, tx`id`)},
            source_id = ${newUnlessShared(tx, erasure, tx`source_id`)}
        where ${isOfSubject(tx, erasure)}`;
      return count;
    },
  },
  {
    table: 'loyalty_consumptions',
    holds: 'PSEUDONYMS',
    why: 'Points that were taken out of accounts, by record.',
    effect: 'ANONYMISED',
    afterwards: 'They stay, under other ids.',
    async erase(tx, erasure) {
      const { count } = await tx`
        update loyalty_consumptions
        set record_id = ${newId(tx, erasure, tx`record_id`)},
            decision_id = ${newUnlessShared(tx, erasure, tx`decision_id`)}
        where ${isOfSubject(tx, erasure)}`;
      return count;
    },
  },
  {
    table: 'loyalty_accounts',
    holds: 'PSEUDONYMS',
    why: 'Sums of points by record.',
    effect: 'ANONYMISED',
    afterwards: 'They stay, under other ids. Nothing is left to spend.',
    async erase(tx, erasure) {
      const { count } = await tx`
        update loyalty_accounts set record_id = ${newId(tx, erasure, tx`record_id`)} where ${isOfSubject(tx, erasure)}`;
      return count;
    },
  },
  {
    table: 'loyalty_verdicts',
    holds: 'PSEUDONYMS',
    why: 'What was decided once about a touchpoint, by record.',
    effect: 'ANONYMISED',
    afterwards: 'They stay for budgets, under other ids.',
    async erase(tx, erasure) {
      const { count } = await tx`
        update loyalty_verdicts
        set record_id = ${newId(tx, erasure, tx`record_id`)}, touchpoint_id = ${newId(tx, erasure, tx`touchpoint_id`)}
        where ${isOfSubject(tx, erasure)}`;
      return count;
    },
  },
  {
    table: 'loyalty_decisions',
    holds: 'PERSONAL',
    why: 'What people and tills decided about points, with reasons in free text.',
    effect: 'ANONYMISED',
    afterwards: 'Kind, time and points stay, under other ids; reasons and details are gone.',
    erase: eraseDecisions,
  },
  isDeleted({ table: 'loyalty_members', holds: 'PSEUDONYMS', why: 'Tiers, and how far they are.', ...ofCustomer }),
  {
    table: 'loyalty_tier_log',
    holds: 'PSEUDONYMS',
    why: 'Changes of tiers.',
    effect: 'ANONYMISED',
    afterwards: 'It stays for what is counted by it, under another id; the last tier has ended.',
    erase: eraseTierLog,
  },
  holdsNothing('loyalty_budgets', 'What rules have granted in all.'),
  holdsNothing('loyalty_book', 'A counter of changes of programmes.'),
  holdsNothing('loyalty_programs', 'Programmes and their rules.'),
  holdsNothing('loyalty_program_versions', 'Programmes and their rules.'),
  holdsNothing('loyalty_phases', 'Programmes and their rules.'),
  holdsNothing('loyalty_lever_values', 'Programmes and their rules.'),
];

export function isOfSubject(db: Database, { subject }: Pick<Erasure, 'subject'>): Fragment {
  return db`record_id = any(${idList(subject.recordIds)}::uuid[])`;
}

/** Decisions about somebody else's points too: a transfer, or points that were spent together. They keep their ids. */
function sharedDecisions(db: Database, { subject, salt }: Erasure): Fragment {
  const own = db`any(${idList(subject.recordIds)}::uuid[] || array(
    select ${newId(db, { salt }, db`old.id`)} from unnest(${idList(subject.recordIds)}::uuid[]) as old (id)))`;
  return db`(
    select c.decision_id from loyalty_consumptions c
    where c.record_id = ${own} and exists (
      select from loyalty_consumptions o where o.decision_id = c.decision_id and not o.record_id = ${own})
    union
    select c.decision_id from loyalty_consumptions c join loyalty_decisions d on d.program_id = c.program_id and d.id = c.decision_id
    where c.record_id = ${own} and (d.kind = 'TRANSFER' or not d.record_id = ${own})
    union
    select l.source_id from loyalty_lots l join loyalty_decisions d on d.program_id = l.program_id and d.id = l.source_id
    where l.record_id = ${own} and l.source = 'DECISION' and not d.record_id = ${own}
    union
    select d.id from loyalty_decisions d where d.record_id = ${own} and d.kind = 'TRANSFER')`;
}

/** A touchpoint's or a decision's. */
export function newUnlessShared(db: Database, erasure: Erasure, column: Fragment): Fragment {
  return db`case when ${column} in ${sharedDecisions(db, erasure)} then ${column} else ${newId(db, erasure, column)} end`;
}

async function erasePostings(tx: Tx, erasure: Erasure): Promise<number> {
  await tx`select set_config('rundum.erasing', 'on', true)`;
  const { count } = await tx`
    update loyalty_postings
    set record_id = ${newId(tx, erasure, tx`record_id`)}, lot_id = ${newId(tx, erasure, tx`lot_id`)},
        cause_id = ${newUnlessShared(tx, erasure, tx`cause_id`)}
    where ${isOfSubject(tx, erasure)}`;
  await tx`select set_config('rundum.erasing', 'off', true)`;
  return count;
}

async function eraseDecisions(tx: Tx, erasure: Erasure): Promise<number> {
  const ids = idList(erasure.subject.recordIds);
  const about = await tx<{ id: string }[]>`select id from loyalty_decisions where ${isOfSubject(tx, erasure)}`;
  for (const { id } of about) erasure.audited.own.add(toPublicId('ldc', id));
  // The other side of a transfer, a friend who was referred.
  const named = await tx<{ id: string }[]>`
    update loyalty_decisions set subject_id = ${newId(tx, erasure, tx`subject_id`)}, reason = null, detail = null
    where subject_id = any(${ids}::uuid[]) and not ${isOfSubject(tx, erasure)}
    returning id`;
  for (const { id } of named) erasure.audited.own.add(toPublicId('ldc', id));
  const { count } = await tx`
    update loyalty_decisions
    set id = ${newUnlessShared(tx, erasure, tx`id`)}, record_id = ${newId(tx, erasure, tx`record_id`)}, reason = null,
        detail = null, fingerprint = ${newId(tx, erasure, tx`fingerprint`)},
        subject_id = case when subject_id = any(${ids}::uuid[]) then ${newId(tx, erasure, tx`subject_id`)} else subject_id end
    where ${isOfSubject(tx, erasure)}`;
  return count + named.length;
}

async function eraseTierLog(tx: Tx, { subject, salt, at, ids }: Erasure): Promise<number> {
  const last = await tx<{ customerId: string; programId: string; tier: string }[]>`
    select customer_id as "customerId", program_id as "programId", to_tier as tier
    from (
      select distinct on (customer_id, program_id) * from loyalty_tier_log
      where customer_id = any(${idList(subject.customerIds)}::uuid[]) order by customer_id, program_id, at desc, id desc
    ) as last where to_tier is not null`;
  for (const { customerId, programId, tier } of last) {
    await tx`
      insert into loyalty_tier_log (customer_id, id, program_id, at, from_tier, to_tier, cause)
      values (${customerId}, ${ids.uuid()}, ${programId}, ${at}, ${tier}, null, 'MEMBERSHIP')`;
  }
  const { count } = await tx`
    update loyalty_tier_log
    set customer_id = ${newId(tx, { salt }, tx`customer_id`, 'tiers')}, cause_id = null
    where customer_id = any(${idList(subject.customerIds)}::uuid[])`;
  return count;
}
