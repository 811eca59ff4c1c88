import type { Pool } from '../../src/kernel/database.ts';
import type { JsonObject } from '../../src/kernel/json.ts';
import { jsonLines } from '../../src/kernel/sql-array.ts';

/** Customers that have golden traits and nothing else, in this order. Answers their ids. */
export async function insertCustomers(db: Pool, traits: readonly JsonObject[]): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    insert into customers (id, identified, records, first_seen_at, last_seen_at, touchpoints, orders, revenue, traits,
                           updated_at)
    select gen_random_uuid(), false, 1, '2026-01-01Z', '2026-01-01Z', 1, 0, '{}', line::jsonb, '2026-01-01Z'
    from string_to_table(${jsonLines(traits, (one) => one)}::text, E'\n') with ordinality as given (line, place)
    order by place
    returning id`;
  return rows.map(({ id }) => id);
}
