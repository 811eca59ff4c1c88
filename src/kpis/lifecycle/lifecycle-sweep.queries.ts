import type { Database, Tx } from '../../kernel/database.ts';

/** Held by the one node that sweeps. */
const sweepLock = 0x53_77_65_70;

export interface Sweep {
  readonly revision: number;
  /** Every customer up to this id has been looked at for the revision. */
  readonly cursor: string | null;
  readonly isOver: boolean;
}

export async function findSweep(db: Database): Promise<Sweep> {
  const [row] = await db<Sweep[]>`
    select revision, cursor, finished_at is not null as "isOver" from kpi_sweeps where name = 'timeline'`;
  return row!;
}

export async function tryLockSweep(tx: Tx): Promise<boolean> {
  const [row] = await tx<{ locked: boolean }[]>`select pg_try_advisory_xact_lock(${sweepLock}) as locked`;
  return row!.locked;
}

/** The next customers who have a stage, or should: those who are known, or were. */
export async function listToSweep(tx: Tx, after: string | null, limit: number): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select c.id from customers c
    where (${after}::uuid is null or c.id > ${after}::uuid)
      and (c.identified or exists (select from customer_lifecycles l where l.customer_id = c.id)
        or exists (select from customer_kpis k where k.customer_id = c.id))
    order by c.id limit ${limit}`;
  return rows.map(({ id }) => id);
}

/** A newer revision has been begun from the first customer: then nothing is saved. */
export async function saveSweep(
  tx: Tx,
  { revision, cursor, finishedAt }: Pick<Sweep, 'revision' | 'cursor'> & { readonly finishedAt: Date | null },
): Promise<void> {
  await tx`
    update kpi_sweeps set cursor = ${cursor}, finished_at = ${finishedAt}
    where name = 'timeline' and revision = ${revision}`;
}
