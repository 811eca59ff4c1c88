import type { Calendar } from '../earning/calendar.ts';
import {
  type BudgetWish,
  isMember,
  MemberFold,
  type MemberState,
  type MemberTerms,
  type Verdicts,
} from '../earning/member-fold.ts';
import type { EarningFact } from '../earning/purchase.ts';
import { couldApply } from '../earning/rule-grants.ts';
import { nextTierChange, type TierQuestion, tierAt } from '../earning/tier-level.ts';
import type { TouchedAccount } from '../ledger/ledger.service.ts';
import { accountName, type Lot, type LotTerms } from '../ledger/lot.ts';
import type { EarningRule, Program } from '../program.ts';
import { nextTurn, termsAt } from '../terms.ts';

/** One customer in one programme, and what is to be folded of them. */
export interface MemberWork {
  readonly customerId: string;
  readonly program: Program;
  /** Everything from the beginning, or what follows on the state. In the order of (time, id). */
  readonly facts: readonly EarningFact[];
  readonly from: MemberState | undefined;
  readonly terms: Omit<MemberTerms, 'verdicts'>;
  /** Added to as they are found. */
  readonly verdicts: Map<string, Verdicts>;
  /** Touchpoints about which something was decided just now. */
  readonly decided: Set<string>;
  /** What is kept of them; of work that begins anew nothing is taken from it. */
  readonly kept?: { readonly tier: string | null; readonly tierSince: Date | null; readonly dueAt: Date | null } | null;
  /** All lots that there are of them in the programme; of work that goes on from a state nothing is known. */
  readonly stored: readonly Lot[];
}

export interface FoldedMember {
  readonly work: MemberWork;
  readonly state: MemberState;
  readonly lots: readonly LotTerms[];
  readonly tier: string | null;
  readonly dueAt: Date | null;
}

/** Folds one customer. `wishes`: see `FoldSettings`. */
export function foldMember(
  work: MemberWork,
  { calendar, now, wishes }: { calendar: Calendar; now: Date; wishes?: BudgetWish[] },
): FoldedMember {
  const { program, terms, verdicts, facts } = work;
  const { customerId, memberships, overrides } = terms;
  const fold = new MemberFold(
    { program, calendar, wishes },
    { customerId, memberships, overrides, verdicts },
    work.from,
  );
  for (const fact of facts) fold.add(fact);
  const { tier, dueAt } = tierOf(work, fold.tierQuestion(now), now);
  return { work, state: fold.state(), lots: fold.lots(), tier, dueAt };
}

function tierOf(
  work: MemberWork,
  question: TierQuestion | undefined,
  now: Date,
): { tier: string | null; dueAt: Date | null } {
  const { program, terms } = work;
  const turns = () => [nextTurn(program, now), ...membershipEdges(terms, now)];
  if (!question || !isMember(question.terms, terms, now)) return { tier: null, dueAt: earliest(turns()) };
  const tier = tierAt(question, now);
  if (staysDue(work, tier, now)) return { tier, dueAt: work.kept!.dueAt };
  return { tier, dueAt: earliest([...turns(), nextTierChange(question, now)]) };
}

/** More purchases only make the end of a tier come later: whoever is woken too early looks again. */
function staysDue({ kept, from, facts }: MemberWork, tier: string | null, now: Date): boolean {
  if (!kept || from === undefined || kept.tier !== tier) return false;
  return kept.dueAt !== null && kept.dueAt > now && facts.every(({ occurredAt }) => occurredAt <= now);
}

function membershipEdges({ memberships }: MemberWork['terms'], now: Date): Date[] {
  return memberships.flatMap(({ from, to }) => [from, ...(to ? [to] : [])]).filter((edge) => edge > now);
}

function earliest(instants: readonly (Date | null)[]): Date | null {
  return instants.reduce((first, one) => (one !== null && (first === null || one < first) ? one : first), null);
}

/** Whether anything is known of a customer that concerns the programme. What they once had from what is no more, is nothing. */
export function hasStanding({ work }: FoldedMember): boolean {
  const { memberships, overrides } = work.terms;
  return work.from !== undefined || [work.facts, memberships, overrides].some(({ length }) => length > 0);
}

/** A rule of which it has to be decided whether the customer may profit. */
export interface OpenVerdict {
  readonly work: MemberWork;
  readonly fact: EarningFact;
  readonly rule: EarningRule;
}

/** Rules with a condition on customers that nobody has judged for these touchpoints. */
export function openVerdicts(work: MemberWork): OpenVerdict[] {
  if (!isJudging(work.program)) return [];
  return work.facts.flatMap((fact) => {
    const rules = termsAt(work.program, fact.occurredAt)?.definition.rules ?? [];
    const known = work.verdicts.get(fact.id);
    return rules
      .filter(
        (rule) => rule.eligibility !== null && known?.[rule.key]?.eligible === undefined && couldApply(rule, fact),
      )
      .map((rule) => ({ work, fact, rule }));
  });
}

const judging = new WeakMap<Program, boolean>();

/** Whether any rule of the programme ever had a condition on customers. */
function isJudging(program: Program): boolean {
  const known = judging.get(program);
  if (known !== undefined) return known;
  const isOne = program.versions.some(({ definition }) =>
    definition.rules.some(({ eligibility }) => eligibility !== null),
  );
  judging.set(program, isOne);
  return isOne;
}

/** Puts a verdict beside those that there are. */
export function decide({ verdicts, decided }: MemberWork, factId: string, verdict: Verdicts): void {
  decided.add(factId);
  const known = verdicts.get(factId) ?? {};
  const both = Object.entries(verdict).map(([rule, found]) => [rule, { ...known[rule], ...found }] as const);
  verdicts.set(factId, { ...known, ...Object.fromEntries(both) });
}

/** The lots of a fold that are new or worth something else than what is stored, by account. */
export function changedAccounts({ work, lots }: FoldedMember): TouchedAccount[] {
  if (work.stored.length === 0) return byAccount(lots.filter(({ granted }) => granted > 0n));
  const earned = work.stored.filter(({ source }) => source === 'TOUCHPOINT');
  const stored = new Map(earned.map((lot) => [lot.id, lot]));
  const kept = new Set(lots.map(({ id }) => id));
  const changed = lots.filter((lot) => isNews(stored.get(lot.id), lot));
  const gone = earned
    .filter(({ id, granted }) => !kept.has(id) && granted > 0n)
    .map((lot) => ({ ...lot, grants: [], granted: 0n }));
  const storedOf = Map.groupBy(work.stored, accountName);
  return byAccount([...changed, ...gone]).map((account) => {
    return { ...account, stored: storedOf.get(accountName(account)) ?? [] };
  });
}

function byAccount(lots: readonly LotTerms[]): TouchedAccount[] {
  const accounts = lots.length > 1 ? [...Map.groupBy(lots, accountName).values()] : lots.map((lot) => [lot]);
  return accounts.map((own) => {
    const { recordId, programId, wallet } = own[0]!;
    return { recordId, programId, wallet, lots: own };
  });
}

function isNews(stored: Lot | undefined, lot: LotTerms): boolean {
  if (!stored) return lot.granted > 0n;
  return stored.granted !== lot.granted || stored.version !== lot.version || !sameGrants(stored.grants, lot.grants);
}

function sameGrants(a: LotTerms['grants'], b: LotTerms['grants']): boolean {
  return (
    a.length === b.length &&
    a.every(({ rule, line, points }, index) => {
      const other = b[index]!;
      return rule === other.rule && line === other.line && points === other.points;
    })
  );
}
