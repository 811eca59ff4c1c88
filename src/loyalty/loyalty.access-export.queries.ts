import type { Database } from '../kernel/database.ts';
import { idList } from '../kernel/sql-array.ts';
import type { ExportedTable } from '../privacy/personal-data.ts';
import { exportRows, ofCustomer, ofRecords, ownOrNull } from '../privacy/subject-access/exported-rows.queries.ts';

const named = (db: Database) => db`
  jsonb_build_object('program', (select p.name from loyalty_programs p where p.id = t.program_id))`;

/** Memberships and points: every entry of the ledger with what it was for. */
export const loyaltyExports: readonly ExportedTable[] = [
  exportRows({
    table: 'loyalty_memberships',
    of: ofRecords,
    order: ['enrolled_at', 'id'],
    idOf: 'mem',
    omit: ['actor'],
    more: named,
  }),
  exportRows({ table: 'loyalty_members', of: ofCustomer, order: ['program_id', 'customer_id'], more: named }),
  exportRows({ table: 'loyalty_tier_log', of: ofCustomer, order: ['at', 'id'], more: named }),
  exportRows({
    table: 'loyalty_tier_overrides',
    of: ofRecords,
    order: ['valid_from', 'id'],
    omit: ['actor'],
    more: named,
  }),
  exportRows({ table: 'loyalty_accounts', of: ofRecords, order: ['program_id', 'record_id', 'wallet'], more: named }),
  exportRows({ table: 'loyalty_lots', of: ofRecords, order: ['earned_at', 'id'], idOf: 'lot' }),
  exportRows({ table: 'loyalty_postings', of: ofRecords, order: ['at', 'id'] }),
  exportRows({ table: 'loyalty_consumptions', of: ofRecords, order: ['at', 'decision_id', 'record_id', 'wallet'] }),
  exportRows({
    table: 'loyalty_decisions',
    of: ofRecords,
    order: ['at', 'id'],
    idOf: 'ldc',
    omit: ['actor', 'fingerprint'],
    // A transfer or a referral has somebody else on its other side.
    more: (db, subject) => db`case when exists (select from records r where r.id = t.subject_id)
      then jsonb_build_object('subject_id', ${ownOrNull(db, subject, db`t.subject_id`)}) else '{}' end`,
  }),
  exportRows({ table: 'loyalty_verdicts', of: ofRecords, order: ['touchpoint_id', 'program_id'] }),
  exportRows({
    table: 'loyalty_pools',
    of: (db, { recordIds }) =>
      db`t.id in (select pool_id from loyalty_pool_members where record_id = any(${idList(recordIds)}::uuid[]))`,
    order: ['created_at', 'id'],
    idOf: 'pool',
  }),
  exportRows({ table: 'loyalty_pool_members', of: ofRecords, order: ['joined_at', 'record_id'] }),
  exportRows({
    table: 'loyalty_referrals',
    of: (db, { recordIds }) =>
      db`(t.record_id = any(${idList(recordIds)}::uuid[]) or t.referrer_record_id = any(${idList(recordIds)}::uuid[]))`,
    order: ['created_at', 'id'],
    idOf: 'ref',
    omit: ['detail'],
    more: (db, subject) => db`jsonb_build_object(
      'record_id', ${ownOrNull(db, subject, db`t.record_id`)},
      'referrer_record_id', ${ownOrNull(db, subject, db`t.referrer_record_id`)})`,
  }),
  exportRows({ table: 'loyalty_vouchers', of: ofRecords, order: ['created_at', 'id'], idOf: 'vch' }),
  exportRows({
    table: 'loyalty_voucher_codes',
    of: (db, { recordIds }) =>
      db`t.code in (select code from loyalty_vouchers where record_id = any(${idList(recordIds)}::uuid[]))`,
    order: ['code'],
  }),
  exportRows({
    table: 'loyalty_voucher_uses',
    of: ofRecords,
    order: ['at', 'id'],
    idOf: 'vus',
    omit: ['actor', 'fingerprint'],
  }),
  exportRows({
    table: 'loyalty_presentations',
    of: ofRecords,
    order: ['presented_at', 'id'],
    idOf: 'prs',
    omit: ['actor', 'fingerprint'],
    more: (db) => db`jsonb_build_object('offer', (select o.name from loyalty_offers o where o.id = t.offer_id))`,
  }),
];
