import type { Tx } from '../../kernel/database.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { idList } from '../../kernel/sql-array.ts';
import type { Erasure, PersonalTable } from '../personal-data.ts';
import { holdsNothing, isDeleted, ofCustomer, ofRecords } from './erased-ids.queries.ts';

export const privacyTables: readonly PersonalTable[] = [
  isDeleted({
    table: 'consent_statements',
    holds: 'PERSONAL',
    why: 'What was said about consent, with the evidence for it.',
    ...ofRecords,
  }),
  isDeleted({ table: 'customer_consents', holds: 'PSEUDONYMS', why: 'Consents as they count now.', ...ofCustomer }),
  isDeleted({
    table: 'preference_statements',
    holds: 'PERSONAL',
    why: 'What customers prefer, as it was said.',
    ...ofRecords,
  }),
  isDeleted({
    table: 'preference_links',
    holds: 'PSEUDONYMS',
    why: 'Links to the preference centre that were given out.',
    ...ofCustomer,
    afterwards: 'Deleted. They open nothing any more.',
  }),
  {
    table: 'data_subject_requests',
    holds: 'PERSONAL',
    why: 'Requests of data subjects, with reasons in free text.',
    effect: 'ANONYMISED',
    afterwards: 'Earlier requests stay as proof that they were answered, without their reasons.',
    erase: eraseRequests,
  },
  holdsNothing('data_subject_receipts', 'How many rows of which table a request was about.'),
  {
    table: 'suppressions',
    holds: 'PSEUDONYMS',
    why: 'Keyed hashes of what must not come back.',
    effect: 'KEPT',
    afterwards:
      'Keyed hashes of records and identifiers were added, so that no repeat, import or replay brings the person back.',
  },
  holdsNothing('consent_purposes', 'What consent is asked for.'),
  holdsNothing('preference_definitions', 'What customers are asked.'),
  holdsNothing('retention_policies', 'How long which touchpoints are kept.'),
];

async function eraseRequests(tx: Tx, { subject, requestId, audited }: Erasure): Promise<number> {
  const rows = await tx<{ id: string }[]>`
    update data_subject_requests set reason = ''
    where customer_id = any(${idList(subject.customerIds)}::uuid[]) and id <> ${requestId}
    returning id`;
  for (const { id } of rows) audited.own.add(toPublicId('dsr', id));
  return rows.length;
}
