import type { Fragment, PendingValuesQuery } from 'postgres';
import type { Database, Pool, Tx } from '../../kernel/database.ts';
import { unprepared } from '../../kernel/unprepared.ts';
import type { EntityColumn, EntityList } from './entity-list.ts';
import { streamRows } from './row-stream.queries.ts';

export interface EntitySelection {
  readonly list: EntityList;
  readonly columns: readonly EntityColumn[];
  /** Half-open, of the list's time. */
  readonly from: Date | null;
  readonly to: Date | null;
  /** The value of each column is one of these. */
  readonly filters: readonly { readonly column: string; readonly values: readonly string[] }[];
  /** What the caller's key may see, of rows `v` of the view; left out: everything. */
  readonly inside?: (db: Database) => Fragment;
}

/** Every value as PostgreSQL writes it, as what is written needs no more. */
export type TextRow = readonly (string | null)[];

const pageSize = 5_000;

/** An hour: whoever reads slower holds a snapshot that keeps PostgreSQL from tidying up. */
const longest = 3_600;

/** The rows of a list, in its order, as of one instant. */
export function streamEntities(
  pool: Pool,
  selection: EntitySelection,
  signal?: AbortSignal,
): AsyncGenerator<readonly TextRow[]> {
  return streamRows<TextRow>(pool, {
    query: (tx) => selectEntities(tx, selection) as never,
    size: pageSize,
    seconds: longest,
    signal,
  });
}

function selectEntities(
  tx: Tx,
  { list, columns, from, to, filters, inside }: EntitySelection,
): PendingValuesQuery<string[][]> {
  const where: Fragment[] = [tx`true`];
  if (from) where.push(tx`v.${tx(list.time!)} >= ${from}`);
  if (to) where.push(tx`v.${tx(list.time!)} < ${to}`);
  for (const { column, values } of filters) where.push(tx`v.${tx(column)}::text = any(${values as string[]}::text[])`);
  if (inside) where.push(inside(tx));
  const query = tx<string[][]>`
    select ${joined(
      tx,
      columns.map((column) => textOf(tx, column)),
      tx`, `,
    )}
    from ${tx('bi')}.${tx(list.view)} v ${personalOf(tx, list, columns)}
    where ${joined(tx, where, tx` and `)}
    order by ${joined(
      tx,
      list.order.map((column) => tx`v.${tx(column)}`),
      tx`, `,
    )}`;
  return unprepared(query).values() as never;
}

const textOf = (tx: Tx, { name, personal }: EntityColumn) =>
  personal ? tx`personal.${tx(name)}::text` : tx`v.${tx(name)}::text`;

/** What the views leave out, where somebody asks for it. */
function personalOf(tx: Tx, { name }: EntityList, columns: readonly EntityColumn[]): Fragment {
  if (!columns.some(({ personal }) => personal)) return tx``;
  if (name === 'customers') return tx`join customers personal on personal.id = v.customer_id`;
  return tx`
    join touchpoints personal on personal.record_id = v.record_id and personal.occurred_at = v.occurred_at
      and personal.id = v.touchpoint_id`;
}

function joined(tx: Tx, parts: readonly Fragment[], separator: Fragment): Fragment {
  return parts.reduce((left, right) => tx`${left}${separator}${right}`);
}
