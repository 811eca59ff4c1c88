import type { Tx } from '../../kernel/database.ts';
import type { Ids } from '../../kernel/ids.ts';
import { groupBy } from '../../kernel/lists.ts';
import { allocate, nextMove, restingPlace } from './allocation.ts';
import type { Holding } from './bucket.ts';
import {
  type AccountState,
  addToAccounts,
  findConsumptions,
  findLots,
  insertLots,
  insertPostings,
  raiseAccounts,
  type StoredConsumption,
  upsertLots,
} from './ledger.queries.ts';
import { LedgerChanges, type Settling } from './ledger-changes.ts';
import {
  type AccountKey,
  accountName,
  debtLot,
  type Lot,
  type LotTerms,
  nothingHeld,
  settled,
  settledDebt,
  unissued,
} from './lot.ts';

/** An account of which something was decided, or whose lots are worth something else now. */
export interface TouchedAccount extends AccountKey {
  /** Lots that are new, or worth something else than what is stored. */
  readonly lots?: readonly LotTerms[];
  /** All that is stored of its lots, where the caller has read it under the same lock. */
  readonly stored?: readonly Lot[];
}

/**
 * The only one that writes the ledger. Customers are locked by the caller: an account changes under the lock of its
 * record's customer. Runs a constant number of statements.
 */
export class Ledger {
  readonly #ids: Ids;

  constructor(ids: Ids) {
    this.#ids = ids;
  }

  /** Brings accounts to where they should be, by what is stored of their lots and consumptions, and by the lots given. */
  async settle(tx: Tx, accounts: readonly TouchedAccount[], settling: Settling): Promise<LedgerChanges> {
    const changes = await this.prepare(tx, { appended: [], settled: accounts, stored: [] }, settling);
    await this.write(tx, changes, settling.at);
    return changes;
  }

  /**
   * What is to be written to bring accounts to where they should be. To those of `appended` come lots that nobody has stored
   * yet: where nothing has been taken since they became available, and nothing is owed, they are added without a look at
   * what else there is. The others are settled.
   */
  async prepare(tx: Tx, { appended, settled, stored }: Touched, settling: Settling): Promise<LedgerChanges> {
    const changes = new LedgerChanges(this.#ids, settling);
    const states = new Map(stored.map((state) => [accountName(state), state]));
    const unsettled = [...settled];
    for (const account of appended) {
      const state = states.get(accountName(account));
      if (!state) changes.opened.push(account);
      if (isUntouchedSince(state, account.lots ?? []))
        issueAll(account, { changes, at: settling.at, isRaise: !!state });
      else unsettled.push(account);
    }
    if (unsettled.length > 0) await this.#settleAll(tx, unsettled, { settling, changes });
    return changes;
  }

  /** Sends all that was prepared at once. */
  async write(tx: Tx, changes: LedgerChanges, now: Date): Promise<void> {
    const { lots, issued, postings } = changes;
    const accounts = changes.accounts();
    const raised = accounts.filter(({ isRaise }) => isRaise);
    const others = accounts.filter(({ isRaise }) => !isRaise);
    await Promise.all([
      lots.length > 0 && upsertLots(tx, lots),
      issued.length > 0 && insertLots(tx, issued),
      postings.length > 0 && insertPostings(tx, postings),
      raised.length > 0 && raiseAccounts(tx, raised),
      others.length > 0 && addToAccounts(tx, others, now),
    ]);
  }

  async #settleAll(
    tx: Tx,
    accounts: readonly TouchedAccount[],
    { settling, changes }: { settling: Settling; changes: LedgerChanges },
  ): Promise<void> {
    const unread = accounts.filter(({ stored }) => stored === undefined);
    const [lots, consumptions] = await Promise.all([
      unread.length > 0 ? findLots(tx, unread) : [],
      findConsumptions(tx, accounts),
    ]);
    const lotsOf = groupBy(lots, accountName);
    const takenOf = groupBy(consumptions, accountName);
    for (const account of accounts) {
      const name = accountName(account);
      const book = { account, lots: account.stored ?? lotsOf.get(name) ?? [], consumptions: takenOf.get(name) ?? [] };
      settleAccount(book, { settling, changes });
    }
  }
}

/** What is to be entered. */
export interface Touched {
  /** Their lots are new. */
  readonly appended: readonly TouchedAccount[];
  readonly settled: readonly TouchedAccount[];
  /** What is stored of the accounts in `appended`, and perhaps of others. */
  readonly stored: readonly AccountState[];
}

function issueAll(
  { lots = [] }: TouchedAccount,
  { changes, at, isRaise }: { changes: LedgerChanges; at: Date; isRaise: boolean },
): void {
  for (const lot of lots) {
    const place = restingPlace(lot, at);
    changes.issue(issuedInFull(lot, place, at), place, isRaise);
  }
}

function isUntouchedSince(state: AccountState | undefined, lots: readonly LotTerms[]): boolean {
  if (!state) return true;
  const { owed, lastConsumedAt } = state;
  return owed === 0n && (lastConsumedAt === null || lots.every(({ availableAt }) => availableAt > lastConsumedAt));
}

function issuedInFull(lot: LotTerms, place: Holding, now: Date): Lot {
  const { granted } = lot;
  const dueAt = granted > 0n ? nextMove(lot, now) : null;
  return { ...lot, issued: granted, holdings: { ...nothingHeld, [place]: granted }, dueAt };
}

interface AccountBook {
  readonly account: TouchedAccount;
  readonly lots: readonly Lot[];
  readonly consumptions: readonly StoredConsumption[];
}

function settleAccount(
  { account, lots, consumptions }: AccountBook,
  { settling, changes }: { settling: Settling; changes: LedgerChanges },
): void {
  const { at } = settling;
  const debt = settling.debtOf(account);
  const stored = new Map(lots.map((lot) => [lot.id, lot]));
  const given = new Map((account.lots ?? []).map((lot) => [lot.id, lot]));
  const before = [
    ...lots.filter(({ source }) => source !== 'DEBT'),
    ...[...given.values()].filter(({ id }) => !stored.has(id)).map(unissued),
  ];
  // What a lot is worth now, and when: the id stands for the times, so those are the same.
  const wanted = before.map((lot) => ({ ...lot, ...given.get(lot.id) }));
  const { holdings, uncovered } = allocate({ lots: wanted, consumptions, debt }, at);
  for (const [index, lot] of wanted.entries())
    changes.move(before[index]!, settled(lot, holdings.get(lot.id) ?? {}, at));
  const owing = lots.find(({ source }) => source === 'DEBT');
  if (owing || Object.keys(uncovered).length > 0) {
    const from = owing ?? debtLot(account, at);
    changes.move(from, settledDebt(from, uncovered, debt));
  }
  changes.consumed(account, latest(consumptions));
}

function latest(consumptions: readonly StoredConsumption[]): Date | null {
  return consumptions.reduce<Date | null>((last, { at }) => (last && last > at ? last : at), null);
}
