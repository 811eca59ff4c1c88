import type { Database } from '../../kernel/database.ts';
import { column, idColumn } from '../../kernel/sql-array.ts';
import type { AccountKey } from '../ledger/lot.ts';

/** Where the points of an account are at an instant. */
export interface AccountBalance extends AccountKey {
  /** Negative: owed. */
  readonly available: bigint;
  readonly pending: bigint;
  readonly reserved: bigint;
}

/**
 * Balances as they are at the instant, whether or not the clock has moved points that became available or expired. Of
 * reservations whose time is up see {@link readBalances}, who puts them right.
 */
export async function findBalances(
  db: Database,
  accounts: readonly AccountKey[],
  now: Date,
): Promise<AccountBalance[]> {
  return db`
    select k.record_id as "recordId", k.program_id as "programId", k.wallet,
           coalesce(sum(case when l.expires_at <= ${now} then 0
                             when l.available_at <= ${now} then l.available + l.pending
                             else l.available end), 0)::bigint as available,
           coalesce(sum(case when l.available_at > ${now} then l.pending else 0 end), 0)::bigint as pending,
           coalesce(sum(l.reserved), 0)::bigint as reserved
    from unnest(
      ${idColumn(accounts, ({ recordId }) => recordId)}::uuid[],
      ${idColumn(accounts, ({ programId }) => programId)}::uuid[],
      ${column(accounts, ({ wallet }) => wallet)}::text[]) as k (record_id, program_id, wallet)
    left join loyalty_lots l on l.record_id = k.record_id and l.program_id = k.program_id and l.wallet = k.wallet
    group by k.record_id, k.program_id, k.wallet
    order by k.record_id, k.program_id, k.wallet`;
}
