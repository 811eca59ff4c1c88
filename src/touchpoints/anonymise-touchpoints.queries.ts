import type { Tx } from '../kernel/database.ts';
import { column, idColumn } from '../kernel/sql-array.ts';
import type { TouchpointRow } from './removal.events.ts';

/** A property that figures and rules look at. */
export interface KeptProperty {
  /** Of this type of touchpoints only; null: of all. */
  readonly type: string | null;
  readonly name: string;
}

/**
 * Takes out of touchpoints what senders said freely: traits, context, their own message ids, how they spelled identifiers and
 * which these were, and all properties but those named. What figures are made of stays: time, type, channel, source,
 * campaign, value and lines. The row's own id as its message id tells that this was done.
 */
export async function anonymiseRows(
  tx: Tx,
  rows: readonly TouchpointRow[],
  kept: readonly KeptProperty[],
): Promise<number> {
  const changed = await tx`
    update touchpoints t
    set traits = null, context = null, identifier_ids = null, given = null, message_id = t.id::text,
        properties = (
          select jsonb_object_agg(said.key, said.value) from jsonb_each(t.properties) as said
          where exists (
            select from unnest(
              ${column(kept, ({ type }) => type)}::text[], ${column(kept, ({ name }) => name)}::text[]) as k (type, name)
            where k.name = said.key and (k.type is null or k.type = t.type)))
    from unnest(
      ${idColumn(rows, ({ recordId }) => recordId)}::uuid[],
      ${column(rows, ({ occurredAt }) => occurredAt)}::timestamptz[],
      ${idColumn(rows, ({ id }) => id)}::uuid[]) as r (record_id, occurred_at, id)
    where t.record_id = r.record_id and t.occurred_at = r.occurred_at and t.id = r.id and t.message_id <> t.id::text`;
  return changed.count;
}
