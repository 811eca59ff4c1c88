import type { Database, Tx } from '../../kernel/database.ts';
import { fingerprintUuid } from '../../kernel/ids.ts';
import { groupBy } from '../../kernel/lists.ts';
import { findNewRecordIds } from '../../privacy/erasure/erased-ids.queries.ts';
import type { Closing, Erasure, Subject } from '../../privacy/personal-data.ts';
import { findConsumptions, findLots } from '../ledger/ledger.queries.ts';
import type { Ledger } from '../ledger/ledger.service.ts';
import { type AccountKey, accountName } from '../ledger/lot.ts';
import { type DebtOf, debtPolicies } from '../members/debt-policy.ts';
import type { LoyaltyMoved } from '../members/loyalty-clock.service.ts';
import { pointChanges } from '../members/point-changes.ts';
import type { ProgramBook } from '../programs/program-book.service.ts';
import {
  findConsumptionsOf,
  insertConsumptions,
  insertDecisions,
  type NewDecision,
  turnConsumptions,
} from '../redeeming/decisions.queries.ts';
import {
  findAccountsOfRecords,
  findOwnersOfDecisions,
  findOwnersOfRecords,
  findReservations,
  releaseAll,
} from './closing.queries.ts';
import { type Forfeit, forfeit } from './forfeit.ts';

export interface ClosingParts {
  readonly book: ProgramBook;
  readonly ledger: Ledger;
  /** What follows from other points of those who spent together with the erased. */
  readonly reactions: readonly LoyaltyMoved[];
}

/**
 * Brings the accounts of somebody who is erased to nothing, by entries of the ledger like any others: reservations are
 * released, what can be spent and what waits is taken back, and what is owed is borne by the programme.
 */
export class AccountClosing implements Closing {
  readonly #parts: ClosingParts;

  constructor(parts: ClosingParts) {
    this.#parts = parts;
  }

  readonly companions = async (db: Database, { recordIds }: Subject): Promise<readonly string[]> => {
    const reserved = await findReservations(db, recordIds);
    return reserved.length === 0 ? [] : findOwnersOfDecisions(db, reserved);
  };

  readonly close = async (tx: Tx, erasure: Erasure): Promise<void> => {
    const { recordIds } = erasure.subject;
    const debtOf = debtPolicies(await this.#parts.book.hold(tx), erasure.at);
    const accounts = await findAccountsOfRecords(tx, recordIds);
    await this.#release(tx, erasure, { accounts, debtOf });
    if (accounts.length > 0) await this.#forfeit(tx, erasure, { accounts, debtOf });
  };

  /** Of lots and decisions at one instant their ids decide which comes first, and these are others now. */
  readonly settle = async (tx: Tx, erasure: Erasure): Promise<void> => {
    const accounts = await findAccountsOfRecords(tx, await findNewRecordIds(tx, erasure));
    const debtOf = debtPolicies(await this.#parts.book.hold(tx), erasure.at);
    const causeOf = () => ({ kind: 'RECOUNTED', causeId: null }) as const;
    await this.#parts.ledger.settle(tx, accounts, { at: erasure.at, debtOf, causeOf });
  };

  /** Also brings the accounts to the present, as time may have moved points that the ledger has not followed yet. */
  async #release(tx: Tx, erasure: Erasure, { accounts, debtOf }: Accounts): Promise<void> {
    const reservations = await findReservations(tx, erasure.subject.recordIds);
    const held = await findConsumptionsOf(tx, reservations);
    await releaseAll(tx, reservations);
    await turnConsumptions(tx, reservations, null);
    const decisionOf = new Map(held.map((one) => [accountName(one), one.decisionId]));
    const touched = new Map([...accounts, ...held].map((account) => [accountName(account), account]));
    const entered = await this.#parts.ledger.settle(tx, [...touched.values()], {
      at: erasure.at,
      debtOf,
      causeOf: (lot) => ({ kind: 'RELEASED', causeId: decisionOf.get(accountName(lot)) ?? null }),
    });
    const others = held.filter(({ recordId }) => !erasure.subject.recordIds.includes(recordId));
    if (others.length === 0) return;
    const owners = await findOwnersOfRecords(
      tx,
      others.map(({ recordId }) => recordId),
    );
    const ownerOf = new Map(owners.map(({ recordId, customerId }) => [recordId, customerId]));
    const lines = pointChanges(entered, ({ recordId }) => ownerOf.get(recordId) ?? null);
    erasure.changes.push(...lines.filter(({ customerId }) => customerId !== null));
    const moved = { at: erasure.at, customerIds: [...new Set(ownerOf.values())].sort() };
    for (const react of this.#parts.reactions) erasure.changes.push(...(await react(tx, moved)));
  }

  async #forfeit(tx: Tx, erasure: Erasure, { accounts, debtOf }: Accounts): Promise<void> {
    const [lots, consumptions] = [await findLots(tx, accounts), await findConsumptions(tx, accounts)];
    const [lotsOf, takenOf] = [groupBy(lots, accountName), groupBy(consumptions, accountName)];
    const forfeits = accounts.flatMap((account): Forfeit[] => {
      const name = accountName(account);
      const book = { account, lots: lotsOf.get(name) ?? [], consumptions: takenOf.get(name) ?? [] };
      const one = forfeit({ ...book, debt: debtOf(account) }, { at: erasure.at, decisionId: erasure.ids.uuid() });
      return one ? [one] : [];
    });
    if (forfeits.length === 0) return;
    await insertDecisions(
      tx,
      forfeits.map((one) => decisionOf(one, erasure)),
    );
    const taken = forfeits.filter(({ taken }) => taken > 0n);
    await insertConsumptions(
      tx,
      taken.map(({ account, decisionId, taken: points }) => {
        return { ...account, decisionId, at: erasure.at, points, bucket: 'ADJUSTED' as const };
      }),
    );
    const causes = new Map(forfeits.map(({ account, decisionId }) => [accountName(account), decisionId]));
    await this.#parts.ledger.settle(
      tx,
      forfeits.map(({ account, lots: changed }) => ({ ...account, lots: changed })),
      {
        at: erasure.at,
        debtOf,
        causeOf: (lot) => ({ kind: 'ADJUSTED', causeId: causes.get(accountName(lot)) ?? null }),
      },
    );
  }
}

interface Accounts {
  readonly accounts: readonly AccountKey[];
  readonly debtOf: DebtOf;
}

function decisionOf({ account, decisionId, points }: Forfeit, { at, actor }: Erasure): NewDecision {
  return {
    programId: account.programId,
    id: decisionId,
    kind: 'ADJUSTMENT',
    status: 'DONE',
    at,
    recordedAt: at,
    recordId: account.recordId,
    points,
    wallet: account.wallet,
    subjectId: null,
    expiresAt: null,
    actor,
    reason: null,
    detail: null,
    fingerprint: fingerprintUuid(`erasure\n${decisionId}`),
  };
}
