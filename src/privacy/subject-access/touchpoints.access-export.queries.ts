import type { Database } from '../../kernel/database.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { TouchpointDraft } from '../../touchpoints/touchpoint.ts';
import type { ReadIds } from '../erasure/quarantine.erasure.queries.ts';
import type { ExportedTable } from '../personal-data.ts';
import { exportRows, ofRecords, readPages, withSource } from './exported-rows.queries.ts';
import { toPublicRow } from './public-row.ts';

/** Everything that they did, as senders told it. */
export const touchpointExports: readonly ExportedTable[] = [
  exportRows({
    table: 'touchpoints',
    of: ofRecords,
    order: ['occurred_at', 'id'],
    idOf: 'tp',
    more: (db) => db`
      coalesce((select jsonb_build_object('source_key', r.key) from records r where r.id = t.record_id), '{}')`,
  }),
  exportRows({
    table: 'receipts',
    of: ofRecords,
    order: ['occurred_at', 'id'],
    idOf: 'tp',
    omit: ['fingerprint'],
  }),
  exportRows({ table: 'record_revenue', of: ofRecords, order: ['record_id', 'currency'], more: withSource }),
];

/** Messages that wait, whole, because they could not be processed. Their bodies have to be read: see the erasure. */
export function quarantineExport(readIds: ReadIds): ExportedTable {
  return {
    table: 'quarantine',
    async *export(db, { recordIds, identifierIds }) {
      const records = new Set(recordIds);
      const identifiers = new Set(identifierIds);
      for await (const page of listQuarantine(db)) {
        const own = page.filter(({ body, receivedAt }) => {
          const ids = readIds(body, receivedAt);
          return ids && (records.has(ids.recordId) || ids.identifierIds.some((id) => identifiers.has(id)));
        });
        if (own.length > 0) yield own.map(({ row }) => toPublicRow(row, 'qi'));
      }
    },
  };
}

interface Waiting {
  readonly row: JsonObject;
  readonly body: TouchpointDraft;
  readonly receivedAt: Date;
}

function listQuarantine(db: Database): AsyncIterable<readonly Waiting[]> {
  return readPages(
    db,
    db`
      select to_jsonb(t) as row, t.body, t.received_at as "receivedAt" from quarantine t
      order by t.quarantined_at, t.id`,
  );
}
