import type { Database, Tx } from '../kernel/database.ts';
import { column, idColumn } from '../kernel/sql-array.ts';
import type { RegroupingLine } from './regrouping.ts';

export async function insertRegroupings(tx: Tx, lines: readonly RegroupingLine[], now: Date): Promise<void> {
  await tx`
    insert into regroupings (id, at, kind, customer_id, other_id, record_ids, other_record_ids, cause, cause_id)
    select id, ${now}, kind, customer_id, other_id, record_ids::uuid[], other_record_ids::uuid[], cause, cause_id
    from unnest(
      ${idColumn(lines, (line) => line.id)}::uuid[],
      ${column(lines, (line) => line.kind)}::text[],
      ${idColumn(lines, (line) => line.customerId)}::uuid[],
      ${idColumn(lines, (line) => line.otherId)}::uuid[],
      ${column(lines, (line) => `{${line.recordIds.join(',')}}`)}::text[],
      ${column(lines, (line) => `{${line.otherRecordIds.join(',')}}`)}::text[],
      ${column(lines, (line) => line.cause)}::text[],
      ${column(lines, (line) => line.causeId)}::text[]
    ) as new (id, kind, customer_id, other_id, record_ids, other_record_ids, cause, cause_id)`;
}

export interface RegroupingRow extends RegroupingLine {
  readonly at: Date;
}

/** The columns of {@link RegroupingRow}, of `regroupings g`. */
export const regroupingColumns = (db: Database) => db`
  g.id, g.at, g.kind, g.customer_id as "customerId", g.other_id as "otherId", g.record_ids as "recordIds",
  g.other_record_ids as "otherRecordIds", g.cause, g.cause_id as "causeId"`;

export async function findRegrouping(db: Database, id: string): Promise<RegroupingRow | undefined> {
  const [row] = await db<RegroupingRow[]>`select ${regroupingColumns(db)} from regroupings g where g.id = ${id}`;
  return row;
}

/** What these customers went through, under this id or another of their records, the latest first. */
export async function listRegroupingsOf(
  db: Database,
  customerIds: readonly string[],
  limit: number,
): Promise<RegroupingRow[]> {
  return db<RegroupingRow[]>`
    select ${regroupingColumns(db)} from regroupings g
    where g.customer_id = any(${customerIds as string[]}::uuid[]) or g.other_id = any(${customerIds as string[]}::uuid[])
    order by g.id desc
    limit ${limit}`;
}
