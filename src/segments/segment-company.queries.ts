import type { Database, Tx } from '../kernel/database.ts';

/**
 * Everybody who shares a household or account with these customers, themselves included; locks the households and
 * accounts first, so that two who change at once see each other.
 */
export async function lockCompany(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const [households, accounts] = await Promise.all([
    groupsOf(tx, tx`household_members`, tx`household_id`, ids),
    groupsOf(tx, tx`account_members`, tx`account_id`, ids),
  ]);
  if (households.length + accounts.length === 0) return [...ids];
  if (households.length > 0)
    await tx`select id from households where id = any(${households}::uuid[]) order by id for no key update`;
  if (accounts.length > 0)
    await tx`select id from accounts where id = any(${accounts}::uuid[]) order by id for no key update`;
  const rows = await tx<{ id: string }[]>`
    select r.customer_id as id
    from household_members m join records r on r.id = m.record_id
    where m.household_id = any(${households}::uuid[]) and r.customer_id is not null
    union
    select r.customer_id
    from account_members m join records r on r.id = m.record_id
    where m.account_id = any(${accounts}::uuid[]) and r.customer_id is not null`;
  return [...new Set([...ids, ...rows.map(({ id }) => id)])].sort();
}

async function groupsOf(
  tx: Tx,
  table: ReturnType<typeof fragment>,
  group: ReturnType<typeof fragment>,
  ids: readonly string[],
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select distinct m.${group} as id from records r join ${table} m on m.record_id = r.id
    where r.customer_id = any(${ids as string[]}::uuid[])`;
  return rows.map(({ id }) => id).sort();
}

function fragment(db: Database) {
  return db``;
}
