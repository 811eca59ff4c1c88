import type { Database, Tx } from '../../kernel/database.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { idList } from '../../kernel/sql-array.ts';
import type { Erasure, Found, PersonalTable, PersonSearch } from '../personal-data.ts';
import { holdsNothing, isDeleted, newId, ofCustomer, ofRecords } from './erased-ids.queries.ts';

/** Who is who. Decisions come before what leads to them, and records last. */
export const identityTables: readonly PersonalTable[] = [
  {
    table: 'decisions',
    holds: 'PERSONAL',
    why: 'What stewards and the matcher decided about records, with their reasons in free text.',
    effect: 'DELETED',
    afterwards: 'Deleted; one that says something of other people too keeps that, without its reason.',
    erase: eraseDecisions,
  },
  isDeleted({
    table: 'decision_records',
    holds: 'PSEUDONYMS',
    why: 'The records that decisions are about.',
    ...ofRecords,
  }),
  isDeleted({
    table: 'refused_links',
    holds: 'PSEUDONYMS',
    why: 'Evidence that joined nobody, by the ids of records and identifiers.',
    ...ofRecords,
  }),
  {
    table: 'regroupings',
    holds: 'PSEUDONYMS',
    why: 'Merges and splits, by the ids of customers and records.',
    effect: 'DELETED',
    afterwards: 'Deleted; one between other people that a record of the erased took part in goes on without it.',
    erase: eraseRegroupings,
    find: findRegroupings,
  },
  {
    table: 'claims',
    holds: 'PERSONAL',
    why: 'Which records carry which identifiers, as they were given.',
    effect: 'DELETED',
    afterwards: "Deleted, others' claims on identifiers that were theirs alone and had been taken away included.",
    erase: eraseClaims,
  },
  {
    table: 'identifiers',
    holds: 'PERSONAL',
    why: 'E-mail addresses, telephone numbers, cards and all other identifiers.',
    effect: 'DELETED',
    afterwards: 'Deleted where nobody else carries them; what others carry too stays theirs.',
    async erase(tx, { subject }) {
      const { count } = await tx`delete from identifiers where id = any(${idList(subject.identifierIds)}::uuid[])`;
      return count;
    },
  },
  isDeleted({ table: 'record_traits', holds: 'PERSONAL', why: 'Traits as each source gave them.', ...ofRecords }),
  isDeleted({
    table: 'customers',
    holds: 'PERSONAL',
    why: 'Golden traits, and sums over the records.',
    ...ofCustomer,
    column: 'id',
  }),
  {
    table: 'records',
    holds: 'PERSONAL',
    why: 'The keys by which sources know people, and sums over their touchpoints.',
    effect: 'ANONYMISED',
    afterwards: 'They stay as nobody’s, under other ids and without their keys, for what is counted by them.',
    erase: eraseRecords,
  },
  holdsNothing('identity_rules', 'Rules, and values that administrators say identify nobody.'),
  holdsNothing('trait_definitions', 'Names and meanings of traits, without values.'),
  holdsNothing('trait_definition_versions', 'Names and meanings of traits, without values.'),
  holdsNothing('trait_refolds', 'Progress of work on all customers.'),
];

/** Answers all that were changed. Without at least two records of others a decision says nothing any more. */
async function eraseDecisions(tx: Tx, { subject, audited, salt }: Erasure): Promise<number> {
  const { recordIds, identifierIds } = subject;
  const rows = await tx<{ id: string; others: number }[]>`
    select d.id, (
      select count(*)::int from decision_records o
      where o.decision_id = d.id and o.record_id <> all(${idList(recordIds)}::uuid[])) as others
    from (
      select decision_id as id from decision_records where record_id = any(${idList(recordIds)}::uuid[])
      union
      select removed_by from claims where identifier_id = any(${idList(identifierIds)}::uuid[]) and removed_by is not null
    ) as about join decisions d on d.id = about.id`;
  for (const { id } of rows) audited.own.add(toPublicId('dec', id));
  const empty = rows.filter(({ others }) => others < 2).map(({ id }) => id);
  const kept = rows.filter(({ others }) => others >= 2).map(({ id }) => id);
  await Promise.all([
    tx`delete from decision_records where decision_id = any(${idList(empty)}::uuid[])`,
    tx`delete from decisions where id = any(${idList(empty)}::uuid[])`,
    tx`
      update decisions
      set reason = '', revoke_reason = null, fingerprint = ${newId(tx, { salt }, tx`fingerprint`)}
      where id = any(${idList(kept)}::uuid[])`,
  ]);
  return rows.length;
}

async function findRegroupings(db: Database, { subject, after }: PersonSearch): Promise<Found> {
  const rows = await db<{ id: string | null; upTo: string | null }[]>`
    with behind as (select * from regroupings where id > ${after ?? lowest})
    select touched.id, last.id as "upTo"
    from (select id from regroupings order by id desc limit 1) as last
    left join (
      select id from behind
      where record_ids && ${idList(subject.recordIds)}::uuid[] or other_record_ids && ${idList(subject.recordIds)}::uuid[]
    ) as touched on true`;
  return { keys: rows.flatMap(({ id }) => id ?? []), upTo: rows[0]?.upTo ?? after ?? lowest };
}

export const lowest = '00000000-0000-0000-0000-000000000000';

async function eraseRegroupings(tx: Tx, { subject, found }: Erasure): Promise<number> {
  const ids = idList(subject.customerIds);
  const deleted = await tx`
    delete from regroupings where customer_id = any(${ids}::uuid[]) or other_id = any(${ids}::uuid[])`;
  const kept = await tx`
    update regroupings
    set record_ids = array(select id from unnest(record_ids) as r (id) where id <> all(${ids}::uuid[])),
        other_record_ids = array(select id from unnest(other_record_ids) as r (id) where id <> all(${ids}::uuid[]))
    where id = any(${idList(found.get('regroupings') ?? [])}::uuid[])`;
  return deleted.count + kept.count;
}

async function eraseClaims(tx: Tx, { subject }: Erasure): Promise<number> {
  const { count } = await tx`
    delete from claims
    where record_id = any(${idList(subject.recordIds)}::uuid[])
       or identifier_id = any(${idList(subject.identifierIds)}::uuid[])`;
  return count;
}

async function eraseRecords(tx: Tx, { subject, salt, at }: Erasure): Promise<number> {
  const { count } = await tx`
    update records
    set id = ${newId(tx, { salt }, tx`id`)}, key = ${newId(tx, { salt }, tx`id`)}::text, customer_id = null, owned = false,
        component_id = null, identified = false, erased_at = ${at}
    where id = any(${idList(subject.recordIds)}::uuid[])`;
  return count;
}
