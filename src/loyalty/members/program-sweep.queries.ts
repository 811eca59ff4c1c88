import type { Database, Tx } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';
import { staleState } from '../earning/member-fold.ts';

/** How far members have been brought up to date with what a programme says. */
export interface Sweep {
  readonly programId: string;
  /** Null: nobody ever was. */
  readonly sweptAt: Date | null;
  readonly sweptTo: string | null;
}

export async function findSweeps(db: Database): Promise<Sweep[]> {
  return db`
    select id as "programId", swept_at as "sweptAt", swept_to as "sweptTo"
    from loyalty_programs where published_version is not null order by id`;
}

/** One node at a time; nothing where another one is at it. */
export async function lockSweep(tx: Tx, programId: string): Promise<Sweep | undefined> {
  const [row] = await tx<Sweep[]>`
    select id as "programId", swept_at as "sweptAt", swept_to as "sweptTo"
    from loyalty_programs where id = ${programId} for no key update skip locked`;
  return row;
}

/** The next members of a programme; of a first sweep, everybody who may have done something that counts. */
export async function listToSweep(
  db: Database,
  { programId, sweptTo, first, limit }: { programId: string; sweptTo: string | null; first: boolean; limit: number },
): Promise<string[]> {
  const after = sweptTo ?? '00000000-0000-0000-0000-000000000000';
  const rows = first
    ? await db<{ id: string }[]>`select id from customers where id > ${after} order by id limit ${limit}`
    : await db<{ id: string }[]>`
        select customer_id as id from loyalty_members
        where program_id = ${programId} and customer_id > ${after} order by customer_id limit ${limit}`;
  return rows.map(({ id }) => id);
}

/**
 * Their time has come: the clock looks at them next. Of a first sweep, from the beginning; whoever is about to be erased or absorbed is
 * waited for, and is nobody then.
 */
export async function markDue(
  tx: Tx,
  customerIds: readonly string[],
  { programId, now, first }: { programId: string; now: Date; first: boolean },
): Promise<void> {
  if (!first) {
    await tx`
      update loyalty_members set due_at = least(due_at, ${now})
      where program_id = ${programId} and customer_id = any(${idList(customerIds)}::uuid[])`;
    return;
  }
  await tx`
    insert into loyalty_members (customer_id, program_id, state, due_at)
    select id, ${programId}, ${JSON.stringify(staleState)}::text::jsonb, ${now}
    from customers where id = any(${idList(customerIds)}::uuid[]) order by id for key share
    on conflict (customer_id, program_id) do update set state = excluded.state, due_at = excluded.due_at`;
}

/** `sweptAt`: nobody is left. */
export async function saveSweep(
  tx: Tx,
  { programId, sweptAt, sweptTo }: { programId: string; sweptAt: Date | null; sweptTo: string | null },
): Promise<void> {
  await tx`
    update loyalty_programs set swept_at = coalesce(${sweptAt}::timestamptz, swept_at), swept_to = ${sweptTo}
    where id = ${programId}`;
}
