import type { Database, Tx } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';
import type { TouchpointRow } from '../../touchpoints/removal.events.ts';
import { typeMatches } from '../type-patterns.queries.ts';
import type { DeletionSelection } from './partial-deletion.ts';

/** Deletes those of these messages in quarantine that a selection means: a replay would store them. */
export async function deleteQuarantined(
  tx: Tx,
  ids: readonly string[],
  { types, sources, from, to }: DeletionSelection,
): Promise<number> {
  const deleted = await tx`
    delete from quarantine where id in (
      select t.id from (
        select id, source, body ->> 'type' as type, (body ->> 'occurredAt')::timestamptz as occurred_at from quarantine
        where id = any(${idList(ids)}::uuid[])) as t
      where ${typeMatches(tx, types ?? ['*'])}
        ${sources ? tx`and t.source = any(${sources as string[]}::text[])` : tx``}
        ${from ? tx`and t.occurred_at >= ${from}` : tx``} ${to ? tx`and t.occurred_at < ${to}` : tx``})`;
  return deleted.count;
}

/** The touchpoints that a selection means, up to `limit`. */
export async function findSelected(
  db: Database,
  recordIds: readonly string[],
  { types, sources, from, to }: DeletionSelection,
  limit: number,
): Promise<TouchpointRow[]> {
  return db<TouchpointRow[]>`
    select t.record_id as "recordId", t.occurred_at as "occurredAt", t.id
    from touchpoints t
    where t.record_id = any(${idList(recordIds)}::uuid[])
      ${from ? db`and t.occurred_at >= ${from}` : db``}
      ${to ? db`and t.occurred_at < ${to}` : db``}
      ${sources ? db`and t.source = any(${sources as string[]}::text[])` : db``}
      and ${typeMatches(db, types ?? ['*'])}
    order by t.record_id, t.occurred_at, t.id
    limit ${limit}`;
}
