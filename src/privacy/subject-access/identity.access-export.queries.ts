import { idList } from '../../kernel/sql-array.ts';
import type { ExportedTable } from '../personal-data.ts';
import { exportRows, ofRecords, ownOnly, ownOrNull, saidElsewhere, withSource } from './exported-rows.queries.ts';

/** Who they are, where each value came from, and what was decided about them. */
export const identityExports: readonly ExportedTable[] = [
  exportRows({
    table: 'customers',
    of: (db, { customerIds }) => db`t.id = any(${idList(customerIds)}::uuid[])`,
    order: ['id'],
    idOf: 'cus',
  }),
  exportRows({
    table: 'records',
    of: (db, { recordIds }) => db`t.id = any(${idList(recordIds)}::uuid[])`,
    order: ['first_at', 'id'],
    idOf: 'rec',
    omit: ['types_seen', 'component_id'],
  }),
  exportRows({
    table: 'identifiers',
    of: (db, { identifierIds, sharedIdentifierIds }) =>
      db`t.id = any(${idList([...identifierIds, ...sharedIdentifierIds])}::uuid[])`,
    order: ['kind', 'id'],
    // How many others carry it is nothing of theirs.
    omit: ['records', 'cut_at'],
    more: (db, { sharedIdentifierIds }) =>
      db`jsonb_build_object('shared', t.id = any(${idList(sharedIdentifierIds)}::uuid[]))`,
  }),
  exportRows({ table: 'claims', of: ofRecords, order: ['record_id', 'identifier_id'], more: withSource }),
  exportRows({ table: 'record_traits', of: ofRecords, order: ['name', 'set_at', 'record_id'], more: withSource }),
  exportRows({
    table: 'decisions',
    of: (db, { recordIds }) => db`t.id in (
      select decision_id from decision_records where record_id = any(${idList(recordIds)}::uuid[])
      union
      select removed_by from claims where record_id = any(${idList(recordIds)}::uuid[]))`,
    order: ['decided_at', 'id'],
    idOf: 'dec',
    omit: ['fingerprint', 'actor', 'revoked_by', 'regrouping_id'],
    // Where it is about somebody else too, the words may be about them.
    more: (db, { recordIds }) => db`
      case when exists (
        select from decision_records o where o.decision_id = t.id and o.record_id <> all(${idList(recordIds)}::uuid[]))
      then '{"reason": null, "revoke_reason": null, "about_others_too": true}'::jsonb else '{"about_others_too": false}' end`,
  }),
  exportRows({ table: 'decision_records', of: ofRecords, order: ['decision_id', 'record_id'] }),
  exportRows({
    table: 'refused_links',
    of: ofRecords,
    order: ['refused_at', 'record_id', 'evidence_id', 'kind'],
    more: (db, subject) => db`jsonb_build_object('other_record_id', ${ownOrNull(db, subject, db`t.other_record_id`)})`,
  }),
  exportRows({
    table: 'regroupings',
    of: (db, { customerIds, recordIds }) => db`(
      t.customer_id = any(${idList(customerIds)}::uuid[]) or t.other_id = any(${idList(customerIds)}::uuid[])
      or t.record_ids && ${idList(recordIds)}::uuid[] or t.other_record_ids && ${idList(recordIds)}::uuid[])`,
    order: ['at', 'id'],
    idOf: 'mrg',
    more: (db, subject) => db`jsonb_build_object(
      'customer_id', ${ownOrNull(db, subject, db`t.customer_id`)}, 'other_id', ${ownOrNull(db, subject, db`t.other_id`)},
      'record_ids', ${ownOnly(db, subject, db`t.record_ids`)},
      'other_record_ids', ${ownOnly(db, subject, db`t.other_record_ids`)})`,
  }),
];

/** What is compared to find out who is one person. */
export const matchingExports: readonly ExportedTable[] = [
  exportRows({ table: 'match_records', of: ofRecords, order: ['record_id'] }),
  exportRows({
    table: 'match_blocks',
    of: (db, { recordIds }) => db`(t.key, t.record_id) in (
      select unnest(m.keys), m.record_id from match_records m where m.record_id = any(${idList(recordIds)}::uuid[]))`,
    order: ['key', 'record_id'],
  }),
  exportRows({
    table: 'match_candidates',
    of: (db, { recordIds }) =>
      db`(t.record_a = any(${idList(recordIds)}::uuid[]) or t.record_b = any(${idList(recordIds)}::uuid[]))`,
    order: ['found_at', 'id'],
    idOf: 'mc',
    more: (db, subject) => db`jsonb_build_object(
      'record_a', ${ownOrNull(db, subject, db`t.record_a`)}, 'record_b', ${ownOrNull(db, subject, db`t.record_b`)})`,
  }),
  // How often values are among all records together: theirs are in `record_traits` and `identifiers`.
  saidElsewhere('match_models'),
];

/** Households and companies: their own places in them, and what these are called. */
export const relationExports: readonly ExportedTable[] = [
  exportRows({
    table: 'households',
    of: (db, { recordIds }) =>
      db`t.id in (select household_id from household_members where record_id = any(${idList(recordIds)}::uuid[]))`,
    order: ['created_at', 'id'],
    idOf: 'hh',
  }),
  exportRows({ table: 'household_members', of: ofRecords, order: ['household_id', 'record_id', 'id'] }),
  exportRows({ table: 'household_exclusions', of: ofRecords, order: ['household_id', 'record_id'] }),
  exportRows({
    table: 'household_keys',
    of: (db, { customerIds }) => db`t.customer_id = any(${idList(customerIds)}::uuid[])`,
    order: ['customer_id'],
  }),
  exportRows({
    table: 'account_members',
    of: ofRecords,
    order: ['account_id', 'record_id', 'id'],
    more: (db) => db`jsonb_build_object('account', (select a.name from accounts a where a.id = t.account_id))`,
  }),
  exportRows({
    table: 'company_changes',
    of: (db, { customerIds }) => db`t.customer_id = any(${idList(customerIds)}::uuid[])`,
    order: ['customer_id'],
  }),
  exportRows({
    table: 'relation_statements',
    of: (db, { recordIds }) => db`t.id in (
      select unnest(array[statement_id, end_statement_id]) from household_members
      where record_id = any(${idList(recordIds)}::uuid[])
      union
      select unnest(array[statement_id, end_statement_id]) from account_members
      where record_id = any(${idList(recordIds)}::uuid[])
      union
      select statement_id from household_exclusions where record_id = any(${idList(recordIds)}::uuid[])
      union
      -- About a household as a whole: not about who else is in it.
      select s.id from relation_statements s
      where s.subject_id in (select household_id from household_members where record_id = any(${idList(recordIds)}::uuid[]))
        and not exists (
          select from household_members o
          where o.household_id = s.subject_id and s.id in (o.statement_id, o.end_statement_id)
            and o.record_id <> all(${idList(recordIds)}::uuid[])))`,
    order: ['at', 'id'],
    omit: ['fingerprint', 'actor', 'actor_id'],
  }),
];
