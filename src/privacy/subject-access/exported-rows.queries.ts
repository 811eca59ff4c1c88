import type { Fragment } from 'postgres';
import type { Database } from '../../kernel/database.ts';
import type { IdPrefix } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { idList } from '../../kernel/sql-array.ts';
import { literal, unprepared } from '../../kernel/unprepared.ts';
import type { ExportedTable, Subject } from '../personal-data.ts';
import { toPublicRow } from './public-row.ts';

const rowsAtOnce = 500;

export interface ExportedRows {
  readonly table: string;
  /** Which rows of `t` are about the subject. */
  readonly of: (db: Database, subject: Subject) => Fragment;
  /** Columns by which they are ordered. */
  readonly order: readonly [string, ...string[]];
  /** What the column `id` is the id of. */
  readonly idOf?: IdPrefix;
  /** Columns that say nothing of the person, or something of others. */
  readonly omit?: readonly string[];
  /** A JSON object of what else is to be said of a row `t`, or instead of what it says. */
  readonly more?: (db: Database, subject: Subject) => Fragment;
}

/**
 * The rows of a statement, page by page, as fast as somebody takes them; in a transaction. By a cursor of the database's, not
 * by postgres.js's iterator: that one takes the statement's `reject` for itself, and the loss of a connection would end the
 * process.
 */
export async function* readPages<R>(db: Database, statement: Fragment): AsyncGenerator<readonly R[], void, void> {
  await db`declare exported no scroll cursor for ${statement}`;
  for (;;) {
    // Unprepared: what is remembered of a statement are the columns of whatever the cursor was of the first time.
    const rows = await unprepared(db<(R & object)[]>`fetch ${literal(db, rowsAtOnce)} from exported`);
    if (rows.length > 0) yield rows as unknown as readonly R[];
    if (rows.length < rowsAtOnce) break;
  }
  await db`close exported`;
}

/** The rows of a table as they are stored, with public ids. */
export function exportRows({ table, of, order, idOf, omit = [], more }: ExportedRows): ExportedTable {
  return {
    table,
    async *export(db, subject) {
      const rows = db`
        select (to_jsonb(t) - ${omit as string[]}::text[]) ${more ? db`|| ${more(db, subject)}` : db``} as row
        from ${db(table)} t where ${of(db, subject)} order by ${columnsOf(db, order)}`;
      for await (const page of readPages<{ row: JsonObject }>(db, rows)) {
        yield page.map(({ row }) => toPublicRow(row, idOf ?? null));
      }
    },
  };
}

/** One by one: the library takes a list of names behind an `in` for a list of values. */
function columnsOf(db: Database, [first, ...rest]: ExportedRows['order']): Fragment {
  return rest.reduce((list, column) => db`${list}, ${db(column)}`, db`${db(first)}`);
}

/** A table of which there is nothing to say that another one does not say: `where`. */
export function saidElsewhere(table: string): ExportedTable {
  return {
    table,
    async *export() {},
  };
}

type Chosen = (db: Database, subject: Subject) => Fragment;

/** By the id of a source record. */
export const ofRecords: Chosen = (db, { recordIds }) => db`t.record_id = any(${idList(recordIds)}::uuid[])`;

/** By any id that the customer ever had. */
export const ofCustomer: Chosen = (db, { customerIds }) => db`t.customer_id = any(${idList(customerIds)}::uuid[])`;

/** Which source says so: the provenance of a row of a record. */
export const withSource: Chosen = (db) => db`
  coalesce((select jsonb_build_object('source', r.source, 'source_key', r.key) from records r where r.id = t.record_id), '{}')`;

/** Ids in a column that are the subject's own; others' are left out. */
export function ownOnly(db: Database, { recordIds }: Subject, column: Fragment): Fragment {
  return db`array(select own.id from unnest(${column}) as own (id) where own.id = any(${idList(recordIds)}::uuid[]))`;
}

/** The id, where it is the subject's own; null for somebody else's. */
export function ownOrNull(db: Database, { recordIds }: Subject, column: Fragment): Fragment {
  return db`case when ${column} = any(${idList(recordIds)}::uuid[]) then ${column} end`;
}
