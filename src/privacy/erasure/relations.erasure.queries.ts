import type { Tx } from '../../kernel/database.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { idList } from '../../kernel/sql-array.ts';
import type { Erasure, PersonalTable } from '../personal-data.ts';
import { holdsNothing, isDeleted, newId, ofCustomer, ofRecords } from './erased-ids.queries.ts';

/** Households and companies. Statements and households come before the memberships that lead to them. */
export const relationTables: readonly PersonalTable[] = [
  {
    table: 'relation_statements',
    holds: 'PERSONAL',
    why: 'Who put whom into a household or an account, with reasons in free text.',
    effect: 'ANONYMISED',
    afterwards: 'Their reasons are gone.',
    erase: eraseStatements,
  },
  {
    table: 'households',
    holds: 'PERSONAL',
    why: 'Names of households.',
    effect: 'DELETED',
    afterwards: 'Deleted where the erased was the last member.',
    erase: eraseHouseholds,
  },
  isDeleted({ table: 'household_members', holds: 'PSEUDONYMS', why: 'Who is in which household.', ...ofRecords }),
  isDeleted({
    table: 'household_exclusions',
    holds: 'PSEUDONYMS',
    why: 'Who is not in which household, whatever the rule says.',
    ...ofRecords,
  }),
  isDeleted({
    table: 'household_keys',
    holds: 'PSEUDONYMS',
    why: 'The household to which traits point: a keyed hash of an address.',
    ...ofCustomer,
  }),
  isDeleted({ table: 'account_members', holds: 'PSEUDONYMS', why: 'Who acts for which company.', ...ofRecords }),
  isDeleted({
    table: 'company_changes',
    holds: 'PSEUDONYMS',
    why: 'Around whom a household or a company has changed just now.',
    ...ofCustomer,
  }),
  holdsNothing('household_crowds', 'Keyed hashes of what more customers share than a household can have.'),
  holdsNothing('household_rules', 'The rule that makes households.'),
  holdsNothing('accounts', 'Companies: names and domains.'),
  holdsNothing('account_keys', 'What other systems call companies.'),
];

async function eraseStatements(tx: Tx, { subject, salt, audited }: Erasure): Promise<number> {
  const recordIds = idList(subject.recordIds);
  const rows = await tx<{ operation: string; subjectId: string | null }[]>`
    update relation_statements
    set reason = '', fingerprint = ${newId(tx, { salt }, tx`fingerprint`)}
    where id in (
      select unnest(array[statement_id, end_statement_id]) from household_members where record_id = any(${recordIds}::uuid[])
      union
      select unnest(array[statement_id, end_statement_id]) from account_members where record_id = any(${recordIds}::uuid[])
      union
      select statement_id from household_exclusions where record_id = any(${recordIds}::uuid[]))
    returning operation, subject_id as "subjectId"`;
  for (const { subjectId } of rows) {
    if (subjectId === null) continue;
    audited.shared.add(toPublicId('hh', subjectId));
    audited.shared.add(toPublicId('acc', subjectId));
  }
  return rows.length;
}

/** What was said about a household without members goes with it. */
async function eraseHouseholds(tx: Tx, { subject, audited }: Erasure): Promise<number> {
  const recordIds = idList(subject.recordIds);
  const rows = await tx<{ id: string }[]>`
    delete from households h
    where h.id in (select household_id from household_members where record_id = any(${recordIds}::uuid[]))
      and not exists (
        select from household_members m where m.household_id = h.id and m.record_id <> all(${recordIds}::uuid[]))
    returning h.id`;
  const ids = rows.map(({ id }) => id);
  for (const id of ids) audited.own.add(toPublicId('hh', id));
  await tx`update relation_statements set reason = '' where subject_id = any(${idList(ids)}::uuid[])`;
  await tx`delete from household_exclusions where household_id = any(${idList(ids)}::uuid[])`;
  return ids.length;
}
