import type { Database, Tx } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';

export interface PoolMember {
  readonly recordId: string;
  readonly customerId: string | null;
  readonly joinedAt: Date;
}

export interface LoyaltyPoolRow {
  readonly programId: string;
  readonly id: string;
  readonly name: string | null;
  readonly createdAt: Date;
}

export async function findPools(db: Database, ids: readonly string[]): Promise<LoyaltyPoolRow[]> {
  return db`
    select program_id as "programId", id, name, created_at as "createdAt" from loyalty_pools
    where id = any(${idList(ids)}::uuid[])`;
}

export async function insertPool(tx: Tx, pool: LoyaltyPoolRow): Promise<void> {
  await tx`
    insert into loyalty_pools (program_id, id, name, created_at)
    values (${pool.programId}, ${pool.id}, ${pool.name}, ${pool.createdAt})
    on conflict (id) do nothing`;
}

export async function findPoolMembers(db: Database, poolId: string): Promise<PoolMember[]> {
  return db`
    select m.record_id as "recordId", r.customer_id as "customerId", m.joined_at as "joinedAt"
    from loyalty_pool_members m join records r on r.id = m.record_id
    where m.pool_id = ${poolId}
    order by m.joined_at, m.record_id`;
}

/** Pools of the programme in which a record of the customer is. */
export async function findPoolsOf(db: Database, programId: string, customerId: string): Promise<string[]> {
  const rows = await db<{ poolId: string }[]>`
    select distinct m.pool_id as "poolId"
    from records r join loyalty_pool_members m on m.record_id = r.id and m.program_id = ${programId}
    where r.customer_id = ${customerId} order by 1`;
  return rows.map(({ poolId }) => poolId);
}

export async function insertPoolMember(
  tx: Tx,
  { recordId, programId, poolId, now }: { recordId: string; programId: string; poolId: string; now: Date },
): Promise<void> {
  await tx`
    insert into loyalty_pool_members (record_id, program_id, pool_id, joined_at)
    values (${recordId}, ${programId}, ${poolId}, ${now})`;
}

/** By all records of these customers. */
export async function deletePoolMembers(tx: Tx, programId: string, customerIds: readonly string[]): Promise<void> {
  await tx`
    delete from loyalty_pool_members m using records r
    where r.customer_id = any(${idList(customerIds)}::uuid[]) and m.record_id = r.id and m.program_id = ${programId}`;
}
