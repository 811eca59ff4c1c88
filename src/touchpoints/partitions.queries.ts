import type { Pool, Tx } from '../kernel/database.ts';
import { isoDay } from '../kernel/iso-day.ts';

/** `2026-03`, in UTC. */
export type Month = string;

export function monthOf(instant: Date): Month {
  return isoDay(instant).slice(0, 7);
}

/** Makes the partitions of these months, unless they are there. Safe to call from several nodes at once. */
export async function ensurePartitions(pool: Pool, months: readonly Month[]): Promise<void> {
  await pool.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtextextended('rundum touchpoint partitions', 0))`;
    const existing = new Set(await listPartitions(tx));
    for (const month of months) {
      if (!existing.has(partitionName(month))) await createPartition(tx, month);
    }
  });
}

async function listPartitions(tx: Tx): Promise<string[]> {
  const rows = await tx<{ name: string }[]>`
    select inhrelid::regclass::text as name from pg_inherits where inhparent = 'touchpoints'::regclass`;
  return rows.map((row) => row.name);
}

function partitionName(month: Month): string {
  return `touchpoints_${month.replace('-', '_')}`;
}

/**
 * Attaching takes a lock on `touchpoints` that lets others read and write it meanwhile; `create table … partition of`
 * would stop them.
 */
async function createPartition(tx: Tx, month: Month): Promise<void> {
  const from = new Date(`${month}-01T00:00:00Z`);
  const to = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1));
  const name = tx(partitionName(month));
  await tx`create table ${name} (like touchpoints including all)`;
  // Utility statements take no parameters; both bounds are made from a Date, not from input.
  await tx`
    alter table touchpoints attach partition ${name}
    for values from (${tx.unsafe(`'${from.toISOString()}'`)}) to (${tx.unsafe(`'${to.toISOString()}'`)})`;
}
