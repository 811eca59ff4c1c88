import type { Readable, Writable } from 'node:stream';
import type { Database, Pool, Tx } from '../database.ts';

export interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
  /** Columns of the primary key: rows are written in their order, so that equal tables give equal files. */
  readonly key: readonly string[];
}

/** Every table that holds something, partitions being part of theirs; without the list of migrations. */
export async function listTables(db: Database): Promise<TableShape[]> {
  return db<TableShape[]>`
    select c.relname as name, columns.names as columns, coalesce(keys.names, '{}') as key
    from pg_class c
    cross join lateral (
      select array_agg(a.attname::text order by a.attnum) as names from pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
    left join lateral (
      select array_agg(a.attname::text order by k.place) as names
      from pg_index i
      cross join lateral unnest(i.indkey) with ordinality as k (number, place)
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
      where i.indrelid = c.oid and i.indisprimary) as keys on true
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname <> 'migrations'
    order by c.relname`;
}

/** Texts then mean the same wherever they are read. */
export async function fixTexts(tx: Tx): Promise<void> {
  await tx`
    select set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO', true),
           set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true)`;
}

/** A table as COPY's text. The columns are those of the shape, in its order. */
export async function copyOut(tx: Tx, { name, columns, key }: TableShape): Promise<Readable> {
  const order = key.length > 0 ? tx`order by ${tx(key)}` : tx``;
  const text = await tx`copy (select ${tx(columns)} from ${tx(name)} ${order}) to stdout`.readable();
  // postgres.js 3.4.9 pauses the connection when the stream is full, and resumes it when the stream asks for more. One that
  // was full at its end never asks again, and the connection would be silent for ever.
  return text.once('end', () => text._read(0));
}

export function copyIn(tx: Tx, { name, columns }: Pick<TableShape, 'name' | 'columns'>): Promise<Writable> {
  return tx`copy ${tx(name)} (${tx(columns)}) from stdin`.writable();
}

/** What migrations put into it, before rows are copied in. */
export async function emptySeeds(tx: Tx, table: string): Promise<void> {
  await tx`delete from ${tx(table)}`;
}

export async function hasRows(db: Database, table: string): Promise<boolean> {
  const [row] = await db<{ found: boolean }[]>`select exists (select from ${db(table)}) as found`;
  return row!.found;
}

/** The names of the partitions of a table. */
export async function listPartitionNames(db: Database, table: string): Promise<string[]> {
  const rows = await db<{ name: string }[]>`
    select inhrelid::regclass::text as name from pg_inherits where inhparent = ${table}::regclass order by 1`;
  return rows.map(({ name }) => name);
}

export async function findTables(db: Database): Promise<number> {
  const [row] = await db<{ tables: number }[]>`
    select count(*)::int as tables from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')`;
  return row!.tables;
}

/** Else the first statements would be planned as for empty tables. */
export async function analyze(pool: Pool): Promise<void> {
  await pool`analyze`;
}
