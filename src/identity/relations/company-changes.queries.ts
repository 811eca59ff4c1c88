import type { NewChange } from '../../kernel/changes.queries.ts';
import type { Database, Tx } from '../../kernel/database.ts';

/** Notes whom these changes of households and accounts concern: who came or went, and everybody who is in. */
export async function noteCompany(tx: Tx, changes: readonly NewChange[]): Promise<void> {
  const moved = changes.filter(({ customerId }) => customerId !== null);
  if (moved.length === 0) return;
  const groups = [...new Set(moved.map(({ subjectId }) => subjectId))];
  const customers = [...new Set(moved.map(({ customerId }) => customerId!))];
  await tx`
    insert into company_changes (customer_id)
    select id from unnest(${customers}::uuid[]) as concerned (id)
    union
    select r.customer_id
    from household_members m join records r on r.id = m.record_id
    where m.household_id = any(${groups}::uuid[]) and r.customer_id is not null
    union
    select r.customer_id
    from account_members m join records r on r.id = m.record_id
    where m.account_id = any(${groups}::uuid[]) and r.customer_id is not null`;
}

/** Some of the customers around whom something has changed, as they are now; ids of notes that led nowhere are null. */
export async function findNoted(
  db: Database,
  limit: number,
): Promise<{ customerId: string; id: string; now: string | null }[]> {
  return db`
    select c.customer_id as "customerId", c.id, r.customer_id as now
    from company_changes c left join records r on r.id = c.customer_id
    limit ${limit}`;
}

export async function deleteNoted(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx`delete from company_changes where id = any(${ids as string[]}::uuid[])`;
}
