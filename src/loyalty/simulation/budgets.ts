import type { BudgetWish, Verdicts } from '../earning/member-fold.ts';
import type { MemberHistory } from './member-history.ts';

/**
 * Budgets of a replay: what a change does to them can't be read from what they gave in truth. They are given out anew, member
 * by member. What they give in all is the same in every order; who gets the last of it may be somebody else.
 */
export class Budgets {
  readonly #left: Map<string, bigint>;
  readonly #since: Date;

  /** `left`: by rule, what there is to give from `since` on. */
  constructor(left: ReadonlyMap<string, bigint>, since: Date) {
    this.#left = new Map(left);
    this.#since = since;
  }

  /** Verdicts of a member without what these budgets gave in the period. */
  forget({ facts, verdicts }: Pick<MemberHistory, 'facts' | 'verdicts'>): ReadonlyMap<string, Verdicts> {
    if (verdicts.size === 0) return verdicts;
    const kept = new Map(verdicts);
    for (const { id, occurredAt } of facts) {
      const found = verdicts.get(id);
      if (found && occurredAt >= this.#since) kept.set(id, this.#without(found));
    }
    return kept;
  }

  /** Gives to each wish what is left. */
  decide(verdicts: ReadonlyMap<string, Verdicts>, wishes: readonly BudgetWish[]): ReadonlyMap<string, Verdicts> {
    const decided = new Map(verdicts);
    for (const { fact, rule, points } of wishes) {
      if (fact.occurredAt < this.#since) continue;
      const left = this.#left.get(rule.key) ?? 0n;
      const given = points < left ? points : left;
      this.#left.set(rule.key, left - given);
      const known = decided.get(fact.id);
      decided.set(fact.id, { ...known, [rule.key]: { ...known?.[rule.key], budget: Number(given) } });
    }
    return decided;
  }

  #without(verdicts: Verdicts): Verdicts {
    return Object.fromEntries(
      Object.entries(verdicts).map(([rule, { budget, ...rest }]) => [
        rule,
        this.#left.has(rule) || budget === undefined ? rest : { ...rest, budget },
      ]),
    );
  }
}
