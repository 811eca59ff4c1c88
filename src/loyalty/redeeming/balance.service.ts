import { hasScope, requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database.ts';
import { groupBy } from '../../kernel/lists.ts';
import { allocate } from '../ledger/allocation.ts';
import { findConsumptions, findLots } from '../ledger/ledger.queries.ts';
import { type AccountKey, accountName } from '../ledger/lot.ts';
import { type AccountBalance, findBalances } from './balance.queries.ts';
import { findAccountsOf, findLapsedConsumptions } from './decisions.queries.ts';
import { findOwnersOfRecords } from './parties.queries.ts';

/** What somebody has of a wallet, over all of their accounts. */
export interface WalletBalance {
  readonly wallet: string;
  /** Negative: owed. */
  readonly available: bigint;
  readonly pending: bigint;
  readonly reserved: bigint;
}

/** As {@link findBalances}; what reservations hold whose time is up is there again. */
export async function readBalances(
  db: Database,
  accounts: readonly AccountKey[],
  now: Date,
): Promise<AccountBalance[]> {
  if (accounts.length === 0) return [];
  const [balances, lapsed] = await Promise.all([
    findBalances(db, accounts, now),
    findLapsedConsumptions(db, accounts, now),
  ]);
  if (lapsed.length === 0) return balances;
  const corrected = await withoutLapsed(db, { balances, lapsed, now });
  return balances.map((balance) => corrected.get(accountName(balance)) ?? balance);
}

/** Of the customer that the record belongs to now. For callers who may see or move points. */
export async function balancesOfOwner(
  ctx: Context,
  { recordId, programId }: { recordId: string; programId: string },
): Promise<WalletBalance[]> {
  if (!hasScope(ctx, 'loyalty:operate')) requireScope(ctx, 'loyalty:read');
  const [owner] = await findOwnersOfRecords(ctx.pool, [recordId]);
  return owner
    ? balancesOfCustomers(ctx.pool, { programId, customerIds: [owner.customerId], now: ctx.clock.now() })
    : [];
}

export async function balancesOfCustomers(
  db: Database,
  { programId, customerIds, now }: { programId: string; customerIds: readonly string[]; now: Date },
): Promise<WalletBalance[]> {
  const accounts = await findAccountsOf(db, { programId, wallet: null, customerIds });
  const balances = await readBalances(db, accounts, now);
  return [...groupBy(balances, ({ wallet }) => wallet)]
    .map(([wallet, of]) => ({ wallet, ...sumOf(of) }))
    .sort((a, b) => (a.wallet < b.wallet ? -1 : 1));
}

function sumOf(balances: readonly AccountBalance[]): Omit<WalletBalance, 'wallet'> {
  const sum = { available: 0n, pending: 0n, reserved: 0n };
  for (const { available, pending, reserved } of balances) {
    sum.available += available;
    sum.pending += pending;
    sum.reserved += reserved;
  }
  return sum;
}

interface Lapse {
  readonly balances: readonly AccountBalance[];
  readonly lapsed: readonly (AccountKey & { readonly decisionId: string })[];
  readonly now: Date;
}

/** Where points would be, had those reservations been released. Whether anything is owed makes no difference here. */
async function withoutLapsed(db: Database, { balances, lapsed, now }: Lapse): Promise<Map<string, AccountBalance>> {
  const names = new Set(lapsed.map(accountName));
  const accounts = balances.filter((balance) => names.has(accountName(balance)));
  const [lots, consumptions] = await Promise.all([findLots(db, accounts), findConsumptions(db, accounts)]);
  const gone = new Set(lapsed.map((one) => `${one.decisionId} ${accountName(one)}`));
  const lotsOf = groupBy(lots, accountName);
  const takenOf = groupBy(
    consumptions.filter((one) => !gone.has(`${one.decisionId} ${accountName(one)}`)),
    accountName,
  );
  const corrected = accounts.map((account): [string, AccountBalance] => {
    const name = accountName(account);
    const own = lotsOf.get(name) ?? [];
    const real = own.filter(({ source }) => source !== 'DEBT');
    const written = own.find(({ source }) => source === 'DEBT');
    const debt = written && written.holdings.AVAILABLE < 0n ? 'OWED' : 'WRITTEN_OFF';
    const { holdings, uncovered } = allocate({ lots: real, consumptions: takenOf.get(name) ?? [], debt }, now);
    const held = [...holdings.values()];
    const inBucket = (bucket: 'AVAILABLE' | 'PENDING' | 'RESERVED') =>
      held.reduce((sum, holding) => sum + (holding[bucket] ?? 0n), 0n);
    const owed = debt === 'OWED' ? Object.values(uncovered).reduce((sum, points) => sum + points, 0n) : 0n;
    const reserved = inBucket('RESERVED') + (uncovered.RESERVED ?? 0n);
    const { recordId, programId, wallet } = account;
    const sums = { available: inBucket('AVAILABLE') - owed, pending: inBucket('PENDING'), reserved };
    return [name, { recordId, programId, wallet, ...sums }];
  });
  return new Map(corrected);
}
