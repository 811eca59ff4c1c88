import type { Database } from '../kernel/database.ts';

/** The segments of which somebody is a member. */
export async function findMembershipsOf(db: Database, customerId: string): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select s.segment_id as id from segment_states s join segments g on g.id = s.segment_id
    where s.customer_id = ${customerId} and s.member and g.status = 'ACTIVE' order by g.name, g.id`;
  return rows.map(({ id }) => id);
}
