import type { Tx } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';

/** Locks those of these customers whom nobody else holds, in order of id: waiting here for one would let others be late. */
export async function lockFree(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select id from customers where id = any(${idList(ids)}::uuid[]) order by id for no key update skip locked`;
  return rows.map(({ id }) => id);
}
