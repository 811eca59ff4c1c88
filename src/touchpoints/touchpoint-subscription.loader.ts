import { findCustomersOfRecords } from '../identity/customer.queries.ts';
import type { CustomerView } from '../identity/customer.type.ts';
import type { Change } from '../kernel/change-feed-page.ts';
import type { Database } from '../kernel/database.ts';
import { recordedFacts } from './recorded-change.ts';
import { findTouchpoints } from './touchpoint.queries.ts';
import type { TouchpointView } from './touchpoint.type.ts';

/** The touchpoints of a page of changes, by id. For `change.page.once`. */
export async function loadRecordedTouchpoints(
  db: Database,
  changes: readonly Change[],
): Promise<ReadonlyMap<string, TouchpointView>> {
  const keys = changes.filter(isRecording).map((change) => ({ ...recordedFacts(change), id: change.subjectId }));
  const rows = await findTouchpoints(db, keys);
  return new Map(rows.map((row) => [row.id, row]));
}

/** The customers of the touchpoints of a page, as they are now, by record. For `change.page.once`. */
export async function loadRecordedCustomers(
  db: Database,
  changes: readonly Change[],
): Promise<ReadonlyMap<string, CustomerView>> {
  const recordIds = new Set(changes.filter(isRecording).map((change) => recordedFacts(change).recordId));
  const rows = await findCustomersOfRecords(db, [...recordIds]);
  return new Map(rows.map((row) => [row.recordId, row]));
}

function isRecording({ topic }: Change): boolean {
  return topic === 'touchpoint.recorded';
}
