import type { Pool } from '../../src/kernel/database.ts';

/** Every table, with partitions under the name of their whole. */
async function listTables(pool: Pool): Promise<string[]> {
  const rows = await pool<{ name: string }[]>`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'm') and not c.relispartition and n.nspname = 'public' order by 1`;
  return rows.map(({ name }) => name);
}

/**
 * Tables in which a text is found: in any column of any row, in any case, also as the bytes of a `bytea`, as base64 and inside
 * JSON. Answers `table: rows`.
 */
export async function findTraces(pool: Pool, texts: readonly string[]): Promise<Record<string, number>> {
  const traces: Record<string, number> = {};
  const patterns = texts.flatMap((text) => [text, Buffer.from(text).toString('hex'), ...base64Parts(text)]);
  for (const table of await listTables(pool)) {
    const [row] = await pool<{ count: number }[]>`
      select count(*)::int as count from ${pool(table)} as t
      where exists (
        select from unnest(${patterns}::text[]) as pattern
        where position(lower(pattern) in lower(t::text)) > 0 or position(lower(pattern) in lower(to_jsonb(t)::text)) > 0)`;
    if (row!.count > 0) traces[table] = row!.count;
  }
  return traces;
}

/** What base64 makes of a text at each of three places, without what its neighbours decide too. */
function base64Parts(text: string): string[] {
  if (text.length < 6) return [];
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.from(`${' '.repeat(shift)}${text}`)
      .toString('base64')
      .replace(/=+$/, '');
    return encoded.slice(shift === 0 ? 0 : shift + 1, -2);
  });
}
