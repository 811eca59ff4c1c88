import type { FoundDifference } from './ledger-verifier.queries.ts';

/** What is proven of the ledger, in this order. */
export const ledgerChecks = {
  ENTRY: 'the lines of every entry sum to zero in every wallet',
  CAUSE: 'every entry has one cause',
  TRANSFER: 'what a transfer takes from one member it gives to another',
  POSTING: 'every row of the ledger is in the account of its lot',
  LOT: 'lots hold what the rows of the ledger about them add up to',
  ACCOUNT: 'accounts hold what their lots add up to',
  SOURCE: 'every lot has a touchpoint or a decision behind it, and its grants add up to it',
  BUDGET: 'budgets have given what touchpoints got from them',
  ALLOCATION: 'the points of every lot are where its account’s decisions put them',
  EARNING: 'touchpoints have earned what the programme says',
  MEMBER: 'members have the state and the tier that follow from what they did',
} as const;

export type LedgerCheck = keyof typeof ledgerChecks;

export interface LedgerDifference extends FoundDifference {
  readonly kind: LedgerCheck;
}

/** Collects differences: of each kind the first hundred, and their number. */
export class Differences {
  readonly #most: number;
  readonly #found: LedgerDifference[] = [];
  readonly #totals = new Map<LedgerCheck, number>();

  constructor(most = 100) {
    this.#most = most;
  }

  add(kind: LedgerCheck, difference: FoundDifference): void {
    this.addAll(kind, { total: 1, first: [difference] });
  }

  addAll(kind: LedgerCheck, { total, first }: { total: number; first: readonly FoundDifference[] }): void {
    const known = this.#totals.get(kind) ?? 0;
    this.#totals.set(kind, known + total);
    for (const difference of first.slice(0, Math.max(0, this.#most - known))) this.#found.push({ kind, ...difference });
  }

  get found(): readonly LedgerDifference[] {
    return this.#found;
  }

  get totals(): ReadonlyMap<LedgerCheck, number> {
    return this.#totals;
  }
}
