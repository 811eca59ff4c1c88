import { toPublicId } from '../../kernel/ids.ts';
import { idList } from '../../kernel/sql-array.ts';
import type { ExportedTable } from '../personal-data.ts';
import { exportRows, ofCustomer, ofRecords } from './exported-rows.queries.ts';

/** What they said about their data, and what was answered. */
export const privacyExports: readonly ExportedTable[] = [
  exportRows({
    table: 'consent_statements',
    of: ofRecords,
    order: ['stated_at', 'id', 'record_id'],
    idOf: 'cns',
    omit: ['actor', 'fingerprint'],
    more: (db) => db`
      coalesce((select jsonb_build_object('source_key', r.key) from records r where r.id = t.record_id), '{}')`,
  }),
  exportRows({ table: 'customer_consents', of: ofCustomer, order: ['purpose', 'channel', 'customer_id'] }),
  exportRows({
    table: 'preference_statements',
    of: ofRecords,
    order: ['stated_at', 'id', 'record_id'],
    omit: ['actor', 'fingerprint'],
  }),
  exportRows({ table: 'preference_links', of: ofCustomer, order: ['id'] }),
  exportRows({
    table: 'data_subject_requests',
    of: ofCustomer,
    order: ['requested_at', 'id'],
    idOf: 'dsr',
    omit: ['actor', 'key_id', 'fingerprint'],
  }),
  exportRows({
    table: 'suppressions',
    of: (db, { recordIds, identifierIds }) => db`t.id = any(${idList([...recordIds, ...identifierIds])}::uuid[])`,
    order: ['at', 'id'],
    omit: ['lifted_by'],
  }),
];

/** What is written down of changes and of acts of colleagues. */
export const logExports: readonly ExportedTable[] = [
  exportRows({
    table: 'changes',
    of: (db, { customerIds, recordIds }) => db`(
      t.customer_id = any(${idList(customerIds)}::uuid[]) or t.subject_id = any(${idList(customerIds)}::uuid[])
      or t.detail ->> 'recordId' = any(${recordIds as string[]}::text[]))`,
    order: ['tx', 'seq'],
    omit: ['tx', 'seq'],
  }),
  exportRows({
    table: 'audit_entries',
    of: (db, { customerIds, recordIds }) => db`(
      t.subject = any(${[
        ...customerIds.map((id) => toPublicId('cus', id)),
        ...recordIds.map((id) => toPublicId('rec', id)),
      ]}::text[])
      or t.detail -> 'customers' ?| ${customerIds.map((id) => toPublicId('cus', id))}::text[])`,
    order: ['at', 'id'],
    idOf: 'aud',
    omit: ['actor', 'key_id', 'request_id'],
    // An act about several people: the words may be about another one.
    more: (db) => db`case when jsonb_array_length(
        case when jsonb_typeof(t.detail -> 'customers') = 'array' then t.detail -> 'customers' else '[]' end) > 1
      then jsonb_build_object('reason', null, 'detail', t.detail - 'customers') else '{}' end`,
  }),
];
