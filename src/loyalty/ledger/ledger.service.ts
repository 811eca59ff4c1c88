import type { Tx } from '../../kernel/database.ts';
import type { Ids } from '../../kernel/ids.ts';
import { groupBy } from '../../kernel/lists.ts';
import { allocate, nextMove, restingPlace } from './allocation.ts';
import type { Holding } from './bucket.ts';
import {
  type AccountState,
  addToAccounts,
  findAccounts,
  findConsumptions,
  findLots,
  insertLots,
  insertPostings,
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
    const changes = new LedgerChanges(this.#ids, settling);
    if (accounts.length === 0) return changes;
    await this.#settleAll(tx, accounts, { settling, changes });
    await this.#write(tx, changes, settling.at);
    return changes;
  }

  /**
   * As {@link settle}, for lots that nobody has stored yet. Where nothing has been taken since they became available, and
   * nothing is owed, they are added without a look at what else there is.
   */
  async append(tx: Tx, accounts: readonly TouchedAccount[], settling: Settling): Promise<LedgerChanges> {
    const changes = new LedgerChanges(this.#ids, settling);
    if (accounts.length === 0) return changes;
    const states = new Map((await findAccounts(tx, accounts)).map((state) => [accountName(state), state]));
    const isPlain = (account: TouchedAccount) => isUntouchedSince(states.get(accountName(account)), account.lots ?? []);
    changes.opened.push(...accounts.filter((account) => !states.has(accountName(account))));
    for (const account of accounts.filter(isPlain)) {
      for (const lot of account.lots ?? []) {
        const place = restingPlace(lot, settling.at);
        changes.issue(issuedInFull(lot, place, settling.at), place);
      }
    }
    const rest = accounts.filter((account) => !isPlain(account));
    if (rest.length > 0) await this.#settleAll(tx, rest, { settling, changes });
    await this.#write(tx, changes, settling.at);
    return changes;
  }

  async #settleAll(
    tx: Tx,
    accounts: readonly TouchedAccount[],
    { settling, changes }: { settling: Settling; changes: LedgerChanges },
  ): Promise<void> {
    const [lots, consumptions] = await Promise.all([findLots(tx, accounts), findConsumptions(tx, accounts)]);
    const lotsOf = groupBy(lots, accountName);
    const takenOf = groupBy(consumptions, accountName);
    for (const account of accounts) {
      const name = accountName(account);
      const book = { account, lots: lotsOf.get(name) ?? [], consumptions: takenOf.get(name) ?? [] };
      settleAccount(book, { settling, changes });
    }
  }

  async #write(tx: Tx, changes: LedgerChanges, now: Date): Promise<void> {
    const { lots, issued, postings } = changes;
    const accounts = changes.accounts();
    await Promise.all([
      lots.length > 0 && upsertLots(tx, lots),
      issued.length > 0 && insertLots(tx, issued),
      postings.length > 0 && insertPostings(tx, postings),
      accounts.length > 0 && addToAccounts(tx, accounts, now),
    ]);
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
