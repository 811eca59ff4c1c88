import type { Database } from '../kernel/database.ts';
import type { ExportedTable } from '../privacy/personal-data.ts';
import { exportRows, ofCustomer, ofRecords } from '../privacy/subject-access/exported-rows.queries.ts';

const named = (db: Database) => db`
  jsonb_build_object('segment', (select s.name from segments s where s.id = t.segment_id))`;

/** In which segments they are, since when, and what brought them there. */
export const segmentExports: readonly ExportedTable[] = [
  exportRows({ table: 'segment_states', of: ofCustomer, order: ['segment_id', 'customer_id'], more: named }),
  exportRows({ table: 'segment_builds', of: ofCustomer, order: ['segment_id', 'customer_id'], more: named }),
  exportRows({
    table: 'segment_list_entries',
    of: ofRecords,
    order: ['segment_id', 'record_id'],
    omit: ['actor'],
    more: named,
  }),
  exportRows({ table: 'segment_log', of: ofCustomer, order: ['at', 'id'], more: named }),
];
