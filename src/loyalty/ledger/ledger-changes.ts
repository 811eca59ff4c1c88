import type { Ids } from '../../kernel/ids.ts';
import type { EntryKind, Holding, Holdings } from './bucket.ts';
import type { AccountChange, IssuedLot, Posting } from './ledger.queries.ts';
import { type AccountKey, accountName, isChanged, type Lot, type Movement, movements, nothingHeld } from './lot.ts';

/** Why something is entered. */
export interface Cause {
  readonly kind: EntryKind;
  /** A touchpoint or a decision; null: time, or other evidence of who is who. */
  readonly causeId: string | null;
}

export interface Settling {
  readonly at: Date;
  /** Of what is not said otherwise by itself: lots that are new were earned by their source, and time moves the others. */
  causeOf(lot: Lot): Cause;
  /** Whether what is taken and not covered is owed. */
  debtOf(account: AccountKey): 'OWED' | 'WRITTEN_OFF';
}

/** What an account's sums changed by. */
interface Sum extends AccountKey {
  issued: bigint;
  readonly holdings: Record<keyof Holdings, bigint>;
  owed: bigint;
  lastConsumedAt: Date | null;
  readonly kinds: Set<EntryKind>;
  isRaise: boolean;
}

/** What is to be entered into the ledger, and what it makes of lots and accounts. */
export class LedgerChanges {
  /** Lots that were there. */
  readonly lots: Lot[] = [];
  /** Lots that are new, with all of their points in one place. */
  readonly issued: IssuedLot[] = [];
  readonly postings: Posting[] = [];
  /** Of accounts that were to get new lots: those that there were not before. */
  readonly opened: AccountKey[] = [];
  readonly #sums = new Map<string, Sum>();
  readonly #entries = new Map<string, string>();
  readonly #ids: Ids;
  readonly #settling: Settling;

  constructor(ids: Ids, settling: Settling) {
    this.#ids = ids;
    this.#settling = settling;
  }

  /** A lot that is new, with all of its points in one place. */
  issue(lot: Lot, place: Holding, isRaise: boolean): void {
    const { recordId, programId, wallet, granted } = lot;
    this.issued.push({ lot, place });
    const { kind, causeId } = lot.source === 'TOUCHPOINT' ? earnedBy(lot) : this.#settling.causeOf(lot);
    const id = this.#ids.uuid();
    const entryId = this.#entryOf(`${kind} ${causeId ?? recordId}`, id);
    const { at } = this.#settling;
    this.postings.push({
      recordId,
      programId,
      wallet,
      id,
      entryId,
      kind,
      causeId,
      lotId: lot.id,
      at,
      from: 'ISSUED',
      to: place,
      points: granted,
    });
    const sum = this.#sumOf(lot, isRaise);
    sum.kinds.add(kind);
    sum.issued += granted;
    sum.holdings[place] += granted;
  }

  /** A lot's points go from where they were to where they should be. */
  move(before: Lot, after: Lot): void {
    if (!isChanged(before, after) && alike(before, after)) return;
    this.lots.push(after);
    const moved = movements(before, after);
    if (moved.length === 0) return;
    const sum = this.#sumOf(after, false);
    for (const movement of moved) {
      const posting = this.#posting(after, before, movement);
      this.postings.push(posting);
      sum.kinds.add(posting.kind);
    }
    sum.issued += after.issued - before.issued;
    for (const holding of Object.keys(nothingHeld) as (keyof Holdings)[]) {
      sum.holdings[holding] += after.holdings[holding] - before.holdings[holding];
    }
    if (after.source === 'DEBT') sum.owed += before.holdings.AVAILABLE - after.holdings.AVAILABLE;
  }

  consumed(account: AccountKey, at: Date | null): void {
    if (at !== null) this.#sumOf(account, false).lastConsumedAt = at;
  }

  /** By how much accounts change. Sorted: the order in which rows are written. */
  accounts(): AccountChange[] {
    return [...this.#sums.keys()].sort().map((name) => this.#sums.get(name)!);
  }

  /** Accounts in which points moved. */
  moved(): readonly AccountKey[] {
    return [...new Map(this.postings.map((posting) => [accountName(posting), posting])).values()];
  }

  #posting(lot: Lot, before: Lot, { from, to, points }: Movement): Posting {
    const { recordId, programId, wallet } = lot;
    const { kind, causeId } = this.#causeOf(lot, before, { from, to, points });
    const id = this.#ids.uuid();
    return {
      ...{ recordId, programId, wallet, from, to, points, kind, causeId, id },
      entryId: this.#entryOf(`${kind} ${causeId ?? recordId}`, id),
      lotId: lot.id,
      at: this.#settling.at,
    };
  }

  #causeOf(lot: Lot, before: Lot, { from, to }: Movement): { kind: EntryKind; causeId: string | null } {
    if (from === 'AVAILABLE' && to === 'EXPIRED') return { kind: 'EXPIRED', causeId: null };
    if (from === 'PENDING' && to === 'AVAILABLE') return { kind: 'AVAILABLE', causeId: null };
    if (from === 'ISSUED' && before.issued === 0n && lot.source === 'TOUCHPOINT') {
      return earnedBy(lot);
    }
    return this.#settling.causeOf(lot);
  }

  /** One cause is one entry, however many lots and accounts it moves; it has the id of its first posting. */
  #entryOf(cause: string, id: string): string {
    const known = this.#entries.get(cause);
    if (known !== undefined) return known;
    this.#entries.set(cause, id);
    return id;
  }

  #sumOf(account: AccountKey, isRaise: boolean): Sum {
    const name = accountName(account);
    const known = this.#sums.get(name);
    if (known) {
      known.isRaise &&= isRaise;
      return known;
    }
    const sum: Sum = {
      recordId: account.recordId,
      programId: account.programId,
      wallet: account.wallet,
      issued: 0n,
      holdings: { ...nothingHeld },
      owed: 0n,
      lastConsumedAt: null,
      kinds: new Set(),
      isRaise,
    };
    this.#sums.set(name, sum);
    return sum;
  }
}

function earnedBy(lot: Lot): Cause {
  return { kind: 'EARNED', causeId: lot.sourceId };
}

function alike(a: Lot, b: Lot): boolean {
  return (
    a.version === b.version &&
    a.grants.length === b.grants.length &&
    a.grants.every((grant, index) => {
      const other = b.grants[index]!;
      return grant.rule === other.rule && grant.line === other.line && grant.points === other.points;
    })
  );
}
