import type { Database, Tx } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';
import type { AccountKey } from '../ledger/lot.ts';

/** Reservations that these records made, or that hold points of theirs. */
export async function findReservations(db: Database, recordIds: readonly string[]): Promise<string[]> {
  const ids = idList(recordIds);
  const rows = await db<{ id: string }[]>`
    select d.id from loyalty_decisions d where d.record_id = any(${ids}::uuid[]) and d.status = 'RESERVED'
    union
    select d.id
    from loyalty_consumptions c
    join loyalty_decisions d on d.program_id = c.program_id and d.id = c.decision_id
    where c.record_id = any(${ids}::uuid[]) and c.bucket = 'RESERVED' and d.status = 'RESERVED'
    order by id`;
  return rows.map(({ id }) => id);
}

/** Whose points these decisions hold, and who made them. */
export async function findOwnersOfDecisions(db: Database, decisionIds: readonly string[]): Promise<string[]> {
  const ids = idList(decisionIds);
  const rows = await db<{ id: string }[]>`
    select distinct r.customer_id as id
    from (
      select record_id from loyalty_consumptions where decision_id = any(${ids}::uuid[])
      union
      select d.record_id from loyalty_programs p join loyalty_decisions d on d.program_id = p.id
      where d.id = any(${ids}::uuid[])
    ) as concerned join records r on r.id = concerned.record_id
    where r.customer_id is not null
    order by 1`;
  return rows.map(({ id }) => id);
}

export async function releaseAll(tx: Tx, decisionIds: readonly string[]): Promise<void> {
  await tx`
    update loyalty_decisions d set status = 'RELEASED' from loyalty_programs p
    where d.program_id = p.id and d.id = any(${idList(decisionIds)}::uuid[]) and d.status = 'RESERVED'`;
}

export async function findAccountsOfRecords(db: Database, recordIds: readonly string[]): Promise<AccountKey[]> {
  return db`
    select record_id as "recordId", program_id as "programId", wallet from loyalty_accounts
    where record_id = any(${idList(recordIds)}::uuid[])
    order by record_id, program_id, wallet`;
}

export async function findOwnersOfRecords(
  db: Database,
  recordIds: readonly string[],
): Promise<{ readonly recordId: string; readonly customerId: string }[]> {
  return db`
    select id as "recordId", customer_id as "customerId" from records
    where id = any(${idList(recordIds)}::uuid[]) and customer_id is not null`;
}
