import type { Tx } from '../../kernel/database.ts';
import type { Calendar } from '../earning/calendar.ts';
import { scaled, unit } from '../earning/fraction.ts';
import type { BudgetWish } from '../earning/member-fold.ts';
import { termsAt } from '../terms.ts';
import { type Budget, lockBudgets, saveBudgets } from './member.queries.ts';
import { decide, type FoldedMember, foldMember, type MemberWork } from './member-work.ts';

interface Wished extends BudgetWish {
  readonly work: MemberWork;
}

/**
 * Folds customers, and gives rules with a budget what is left of it: who comes first is served first, and stays served. The
 * budgets are locked until the transaction ends, so they are asked last and only where something wants them.
 */
export async function decideBudgets(
  tx: Tx,
  works: readonly MemberWork[],
  settings: { readonly calendar: Calendar; readonly now: Date },
): Promise<FoldedMember[]> {
  const wished: Wished[] = [];
  const wishes: BudgetWish[] = [];
  const asking = { ...settings, wishes };
  const folded = works.map((work) => {
    const one = foldMember(work, asking);
    for (const wish of wishes.splice(0)) wished.push({ ...wish, work });
    return one;
  });
  if (wished.length === 0) return folded;
  await grant(tx, wished);
  const again = new Set(wished.map(({ work }) => work));
  return folded.map((one) => (again.has(one.work) ? foldMember(one.work, settings) : one));
}

async function grant(tx: Tx, wished: readonly Wished[]): Promise<void> {
  const names = new Map(wished.map((wish) => [nameOf(wish), budgetOf(wish)]));
  const budgets = [...names.keys()].sort().map((name) => names.get(name)!);
  const granted = new Map((await lockBudgets(tx, budgets)).map((row) => [`${row.programId} ${row.rule}`, row.granted]));
  for (const wish of wished) {
    const left = limitOf(wish) - (granted.get(nameOf(wish)) ?? 0n);
    const given = left <= 0n ? 0n : left < wish.points ? left : wish.points;
    granted.set(nameOf(wish), (granted.get(nameOf(wish)) ?? 0n) + given);
    decide(wish.work, wish.fact.id, { [wish.rule.key]: { budget: Number(given) } });
  }
  await saveBudgets(
    tx,
    budgets.map((budget) => ({ ...budget, granted: granted.get(`${budget.programId} ${budget.rule}`)! })),
  );
}

function budgetOf({ work, rule }: Wished): Budget {
  return { programId: work.program.id, rule: rule.key };
}

function nameOf(wish: Wished): string {
  const { programId, rule } = budgetOf(wish);
  return `${programId} ${rule}`;
}

function limitOf({ work, fact, rule }: Wished): bigint {
  const terms = termsAt(work.program, fact.occurredAt)!;
  return scaled(terms.setting(rule.budget!)) / unit;
}
