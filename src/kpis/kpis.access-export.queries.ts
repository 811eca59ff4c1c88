import type { JsonObject } from '../kernel/json.ts';
import { idList } from '../kernel/sql-array.ts';
import type { ExportedTable } from '../privacy/personal-data.ts';
import {
  exportRows,
  ofCustomer,
  ofRecords,
  readPages,
  saidElsewhere,
} from '../privacy/subject-access/exported-rows.queries.ts';
import { cellRows } from './facts/facts-rebuild.queries.ts';

/** What they count as. */
export const kpiExports: readonly ExportedTable[] = [
  exportRows({ table: 'customer_kpis', of: ofCustomer, order: ['customer_id'] }),
  exportRows({ table: 'customer_scores', of: ofCustomer, order: ['customer_id'] }),
  exportRows({ table: 'customer_lifecycles', of: ofCustomer, order: ['customer_id'] }),
  exportRows({ table: 'customer_observations', of: ofCustomer, order: ['customer_id'] }),
  exportRows({ table: 'lifecycle_transitions', of: ofCustomer, order: ['customer_id', 'ordinal'] }),
  exportRows({ table: 'purchases', of: ofRecords, order: ['occurred_at', 'id'], idOf: 'tp' }),
  exportRows({ table: 'signals', of: ofRecords, order: ['occurred_at', 'id', 'kind'], idOf: 'tp' }),
  {
    // Sums over everybody by the hour: what they add to them.
    table: 'metric_cells',
    async *export(db, { recordIds }) {
      const own = db`(select * from touchpoints where record_id = any(${idList(recordIds)}::uuid[]))`;
      const rows = db`
        select to_jsonb(cells) as row from (${cellRows(db, own, db`purchases`)}) as cells
        order by hour, type, channel, source, campaign, currency`;
      for await (const page of readPages<{ row: JsonObject }>(db, rows)) yield page.map(({ row }) => row);
    },
  },
  // The same, before they are added up.
  saidElsewhere('metric_cell_changes'),
];
