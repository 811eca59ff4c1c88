import type { Calendar } from '../earning/calendar.ts';
import { type BudgetWish, isMember, MemberFold } from '../earning/member-fold.ts';
import { tierAt } from '../earning/tier-level.ts';
import { allocate, restingPlace } from '../ledger/allocation.ts';
import type { LotTerms } from '../ledger/lot.ts';
import type { Program } from '../program.ts';
import { termsAt } from '../terms.ts';
import type { Budgets } from './budgets.ts';
import type { MemberHistory } from './member-history.ts';

/** Half-open. */
export interface Period {
  readonly from: Date;
  readonly to: Date;
}

/** What a member has of a replayed period. */
export interface Outcome {
  /** Points of what happened in the period, net of returns, by wallet and rule. */
  readonly granted: ReadonlyMap<string, ReadonlyMap<string, bigint>>;
  /** Points at its end that can still be spent, or will be able to, by wallet. */
  readonly outstanding: ReadonlyMap<string, bigint>;
  /** Points that nothing covers at its end, by wallet. */
  readonly owed: ReadonlyMap<string, bigint>;
  /** At its end. Null: no member by then, or there are no tiers. */
  readonly tier: string | null;
}

export interface ReplaySettings {
  readonly program: Program;
  readonly calendar: Calendar;
  readonly period: Period;
  /** Budgets that are decided anew. */
  readonly budgets?: Budgets;
}

/** Plays what members did under one programme, with the fold that the ledger is filled by. */
export class Replay {
  readonly #settings: ReplaySettings;
  readonly #debts: ReadonlyMap<string, 'OWED' | 'WRITTEN_OFF'>;

  constructor(settings: ReplaySettings) {
    this.#settings = settings;
    const { program, period } = settings;
    const wallets = termsAt(program, period.to)?.definition.wallets ?? [];
    this.#debts = new Map(wallets.map(({ key, debt }) => [key, debt]));
  }

  /** What they did is in the order of (time, id), and over by the end of the period. */
  play(history: MemberHistory): Outcome {
    const fold = this.#fold(history);
    const lots = fold.lots();
    const { to } = this.#settings.period;
    const question = fold.tierQuestion(to);
    return {
      granted: this.#grantedBy(lots),
      ...this.#left(lots, history),
      tier: question && isMember(question.terms, history, to) ? tierAt(question, to) : null,
    };
  }

  #fold(history: MemberHistory): MemberFold {
    const { budgets } = this.#settings;
    if (!budgets) return this.#added(history, history);
    const wishes: BudgetWish[] = [];
    const undecided = { ...history, verdicts: budgets.forget(history) };
    const fold = this.#added(history, undecided, wishes);
    if (wishes.length === 0) return fold;
    return this.#added(history, { ...history, verdicts: budgets.decide(undecided.verdicts, wishes) });
  }

  #added({ facts }: MemberHistory, terms: MemberHistory, wishes?: BudgetWish[]): MemberFold {
    const { program, calendar } = this.#settings;
    const fold = new MemberFold({ program, calendar, wishes }, terms);
    for (const fact of facts) fold.add(fact);
    return fold;
  }

  #grantedBy(lots: readonly LotTerms[]): Map<string, Map<string, bigint>> {
    const granted = new Map<string, Map<string, bigint>>();
    for (const { earnedAt, wallet, grants } of lots) {
      if (earnedAt < this.#settings.period.from) continue;
      const rules = granted.get(wallet) ?? new Map<string, bigint>();
      granted.set(wallet, rules);
      for (const { rule, points } of grants) rules.set(rule!, (rules.get(rule!) ?? 0n) + points);
    }
    return granted;
  }

  /** Redeemed is what was redeemed in truth, from what there is to redeem. */
  #left(
    lots: readonly LotTerms[],
    { consumptions, lots: decided }: MemberHistory,
  ): Pick<Outcome, 'outstanding' | 'owed'> {
    const outstanding = new Map<string, bigint>();
    const owed = new Map<string, bigint>();
    if (consumptions.length === 0) {
      for (const lot of lots) this.#rest(lot, outstanding);
      for (const lot of decided) this.#rest(lot, outstanding);
      return { outstanding, owed };
    }
    const accountOf = ({ recordId, wallet }: { recordId: string; wallet: string }) => `${recordId} ${wallet}`;
    const takenOf = Map.groupBy(consumptions, accountOf);
    const lotsOf = Map.groupBy([...lots, ...decided], accountOf);
    for (const account of new Set([...lotsOf.keys(), ...takenOf.keys()])) {
      const [own, taken] = [lotsOf.get(account) ?? [], takenOf.get(account) ?? []];
      const { wallet } = own[0] ?? taken[0]!;
      const debt = this.#debts.get(wallet) ?? 'OWED';
      const { holdings, uncovered } = allocate({ lots: own, consumptions: taken, debt }, this.#settings.period.to);
      for (const held of holdings.values()) {
        add(outstanding, wallet, (held.PENDING ?? 0n) + (held.AVAILABLE ?? 0n) + (held.RESERVED ?? 0n));
      }
      if (debt === 'OWED') for (const points of Object.values(uncovered)) add(owed, wallet, points);
    }
    return { outstanding, owed };
  }

  #rest(lot: LotTerms, outstanding: Map<string, bigint>): void {
    if (restingPlace(lot, this.#settings.period.to) !== 'EXPIRED') add(outstanding, lot.wallet, lot.granted);
  }
}

function add(sums: Map<string, bigint>, key: string, points: bigint): void {
  if (points !== 0n) sums.set(key, (sums.get(key) ?? 0n) + points);
}
