import type { Database, Tx } from './database.ts';
import type { JsonObject } from './json.ts';

export type ChangeTopic =
  | 'touchpoint.recorded'
  | 'customer.created'
  | 'customer.changed'
  | 'customer.merged'
  | 'customer.split';

export interface NewChange {
  readonly topic: ChangeTopic;
  readonly customerId: string | null;
  readonly subjectId: string;
  readonly detail: JsonObject | null;
}

/** Appends to the change feed, in the given order, after what this transaction has appended before. */
export async function appendChanges(tx: Tx, at: Date, changes: readonly NewChange[]): Promise<void> {
  if (changes.length === 0) return;
  await tx`
    insert into changes (seq, at, topic, customer_id, subject_id, detail)
    select (select coalesce(max(seq) + 1, 0) from changes where tx = pg_current_xact_id()) + line.ordinal - 1,
           ${at}, line.topic, line.customer_id, line.subject_id, line.detail::jsonb
    from unnest(
      ${changes.map((change) => change.topic)}::text[],
      ${changes.map((change) => change.customerId)}::uuid[],
      ${changes.map((change) => change.subjectId)}::uuid[],
      ${changes.map((change) => (change.detail === null ? null : JSON.stringify(change.detail)))}::text[]
    ) with ordinality as line(topic, customer_id, subject_id, detail, ordinal)`;
}
