import type { Compilers } from '../../conditions/condition-statement.queries.ts';
import type { NewChange } from '../../kernel/changes.queries.ts';
import type { Tx } from '../../kernel/database.ts';
import type { Ids } from '../../kernel/ids.ts';
import { groupBy } from '../../kernel/lists.ts';
import { lookUpByIndex } from '../../kernel/plans.queries.ts';
import { Calendar } from '../earning/calendar.ts';
import { Eligibility } from '../earning/eligibility.service.ts';
import { follows, type Verdicts } from '../earning/member-fold.ts';
import type { EarningFact } from '../earning/purchase.ts';
import { typesOf, typesOfAll } from '../earning/relevance.ts';
import { findEarnedLotsOf } from '../ledger/ledger.queries.ts';
import type { Ledger } from '../ledger/ledger.service.ts';
import type { Program } from '../program.ts';
import type { ProgramBook } from '../programs/program-book.service.ts';
import { decideBudgets } from './budgets.service.ts';
import { debtPolicies } from './debt-policy.ts';
import {
  addVerdicts,
  deleteMembers,
  deleteStrangers,
  enrolEarners,
  findEarningFacts,
  findMembers,
  findMemberships,
  findOverrides,
  findVerdicts,
  insertTierLog,
  type MemberRow,
  upsertMembers,
  type VerdictRow,
} from './member.queries.ts';
import { MemberChanges } from './member-changes.ts';
import type { Concerned, Occasion } from './member-occasion.ts';
import { decide, type MemberWork, openVerdicts } from './member-work.ts';

export interface FolderParts {
  readonly ids: Ids;
  readonly timeZone: string;
  readonly book: ProgramBook;
  readonly ledger: Ledger;
  readonly compilers: Compilers;
}

/**
 * Brings what customers have earned up to date with their touchpoints, in the caller's transaction. Runs a constant number
 * of statements, however many customers and touchpoints there are.
 */
export class MemberFolder {
  readonly calendar: Calendar;
  readonly #parts: FolderParts;
  readonly eligibility: Eligibility;

  constructor(parts: FolderParts) {
    this.#parts = parts;
    this.calendar = new Calendar(parts.timeZone);
    this.eligibility = new Eligibility(parts.compilers, parts.timeZone);
  }

  /** Answers what changed, for the change feed. */
  async fold(tx: Tx, occasion: Occasion): Promise<NewChange[]> {
    const [, programs] = await Promise.all([lookUpByIndex(tx), this.#parts.book.hold(tx)]);
    if (programs.length === 0) return [];
    const { at, customers, absorbed = [] } = occasion;
    const changes = new MemberChanges(this.#parts.ids, occasion);
    if (absorbed.length > 0) await deleteMembers(tx, absorbed);
    const concerned = customers.filter((one) => isConcerned(one, programs));
    if (concerned.length > 0) await this.#foldAll(tx, { at, programs, concerned, changes });
    await this.#writeMembers(tx, changes);
    return changes.feed();
  }

  async #foldAll(tx: Tx, { at, programs, concerned, changes }: Folding): Promise<void> {
    const { works, members } = await this.#plan(tx, programs, concerned);
    await this.#judge(tx, at, works);
    const settings = { calendar: this.calendar, now: at };
    const folded = await decideBudgets(tx, works, settings);
    const verdicts = works.flatMap(newVerdicts);
    if (verdicts.length > 0) await addVerdicts(tx, verdicts);
    const keyOf = (one: { customerId: string; programId: string }) => `${one.customerId} ${one.programId}`;
    const stored = new Map(members.map((member) => [keyOf(member), member]));
    for (const one of folded) {
      changes.add(one, stored.get(`${one.work.customerId} ${one.work.program.id}`));
    }
    await this.#enter(tx, { at, programs, changes });
  }

  /** What has to be folded: for most customers only what is new. */
  async #plan(tx: Tx, programs: readonly Program[], concerned: readonly Concerned[]) {
    const ids = concerned.map(({ customerId }) => customerId);
    const [members, memberships, overrides] = await Promise.all([
      findMembers(tx, ids),
      findMemberships(tx, ids),
      findOverrides(tx, ids),
    ]);
    const of = <T extends { customerId: string; programId: string }>(
      rows: readonly T[],
      { customerId, program }: Pair,
    ) => rows.filter((row) => row.customerId === customerId && row.programId === program.id);
    const pairs = concerned.flatMap((one) =>
      programs.map((program): Pair & { one: Concerned } => ({ one, customerId: one.customerId, program })),
    );
    const byCustomer = {
      members: groupBy(members, ({ customerId }) => customerId),
      memberships: groupBy(memberships, ({ customerId }) => customerId),
      overrides: groupBy(overrides, ({ customerId }) => customerId),
    };
    const plans = pairs.map((pair): Plan => {
      const [stored] = of(byCustomer.members.get(pair.customerId) ?? [], pair);
      const facts = pair.one.facts.filter(({ type }) => typesOf(pair.program)?.has(type) ?? true);
      const terms = {
        customerId: pair.customerId,
        memberships: of(byCustomer.memberships.get(pair.customerId) ?? [], pair).map(({ enrolledAt, leftAt, how }) => {
          return { from: enrolledAt, to: leftAt, explicit: how !== 'AUTOMATIC' };
        }),
        overrides: of(byCustomer.overrides.get(pair.customerId) ?? [], pair),
      };
      return { ...pair, facts, terms, from: stored?.state, stored, anew: isAnew(pair, stored, facts) };
    });
    const wanted = plans.filter(({ anew, facts, one }) => anew || facts.length > 0 || one.since === 'TIME');
    return { members, works: await this.#toWorks(tx, programs, wanted) };
  }

  async #toWorks(tx: Tx, programs: readonly Program[], plans: readonly Plan[]): Promise<MemberWork[]> {
    const anew = [...new Set(plans.filter((plan) => plan.anew).map(({ customerId }) => customerId))];
    if (anew.length === 0) return plans.map(toWork);
    const [facts, verdicts, lots] = await Promise.all([
      findEarningFacts(tx, anew, typesOfAll(programs)),
      findVerdicts(tx, anew),
      findEarnedLotsOf(tx, anew),
    ]);
    const factsOf = groupBy(facts, ({ customerId }) => customerId);
    const lotsOf = groupBy(lots, ({ customerId }) => customerId);
    const verdictsOf = groupBy(verdicts, ({ programId }) => programId);
    return plans.map((plan): MemberWork => {
      if (!plan.anew) return toWork(plan);
      const known = (verdictsOf.get(plan.program.id) ?? []).map((row) => [row.touchpointId, row.verdicts] as const);
      return {
        ...toWork(plan),
        from: undefined,
        facts: (factsOf.get(plan.customerId) ?? []).filter(({ type }) => typesOf(plan.program)?.has(type) ?? true),
        verdicts: new Map<string, Verdicts>(known),
        stored: (lotsOf.get(plan.customerId) ?? [])
          .map(({ lot }) => lot)
          .filter(({ programId }) => programId === plan.program.id),
      };
    });
  }

  /** Who is eligible is decided when a touchpoint arrives, and stays. */
  async #judge(tx: Tx, now: Date, works: readonly MemberWork[]): Promise<void> {
    const open = works.flatMap(openVerdicts);
    for (const [program, ofProgram] of groupBy(open, ({ work }) => work.program)) {
      const customerIds = [...new Set(ofProgram.map(({ work }) => work.customerId))].sort();
      const eligible = await this.eligibility.ask(tx, { program, customerIds, now });
      for (const { work, fact, rule } of ofProgram) {
        decide(work, fact.id, { [rule.key]: { eligible: eligible.has(work.customerId, rule) } });
      }
    }
  }

  /** Enters what changed into the ledger: lots of work that went on from a state are new, all others may be known. */
  async #enter(tx: Tx, { at, programs, changes }: Omit<Folding, 'concerned'>): Promise<void> {
    const settling = { at, causeOf: changes.causeOf, debtOf: debtPolicies(programs, at) };
    const { ledger } = this.#parts;
    const written = [
      await ledger.append(tx, changes.appended, settling),
      await ledger.settle(tx, changes.settled, settling),
    ];
    for (const one of written) changes.entered(one);
    const earners = changes.earners(programs, at);
    if (earners.length > 0) await enrolEarners(tx, earners, 'loyalty');
  }

  async #writeMembers(tx: Tx, changes: MemberChanges): Promise<void> {
    await Promise.all([
      changes.members.length > 0 && upsertMembers(tx, changes.members),
      changes.tiers.length > 0 && insertTierLog(tx, changes.tiers),
      changes.strangers.length > 0 && deleteStrangers(tx, changes.strangers),
    ]);
  }
}

interface Folding {
  readonly at: Date;
  readonly programs: readonly Program[];
  readonly concerned: readonly Concerned[];
  readonly changes: MemberChanges;
}

interface Pair {
  readonly customerId: string;
  readonly program: Program;
}

interface Plan extends Pair {
  readonly facts: readonly EarningFact[];
  readonly terms: MemberWork['terms'];
  readonly from: MemberWork['from'];
  readonly anew: boolean;
  readonly stored: MemberRow | undefined;
  readonly one: Concerned;
}

function toWork({ customerId, program, facts, terms, from, stored: kept }: Plan): MemberWork {
  return { customerId, program, facts, terms, from, kept, verdicts: new Map(), decided: new Set(), stored: [] };
}

/** Whether the whole history is needed. Where nothing is stored of a customer who was there before, something may be to find. */
function isAnew(
  { one, program }: Pair & { one: Concerned },
  stored: MemberRow | undefined,
  facts: readonly EarningFact[],
) {
  if (one.since === 'ANEW') return true;
  if (one.since === 'TIME') return !stored || !follows(program, stored.state, []);
  if (facts.length === 0) return false;
  if (!stored) return one.since !== 'FIRST' || facts.some(({ type }) => type === 'order.returned');
  return !follows(program, stored.state, facts);
}

/** Whether a programme could ever look at what happened. */
function isConcerned({ since, facts }: Concerned, programs: readonly Program[]): boolean {
  return since === 'ANEW' || since === 'TIME' || facts.some(({ type }) => isSeen(programs, type));
}

function newVerdicts({ facts, verdicts, decided, program }: MemberWork): VerdictRow[] {
  return facts
    .filter(({ id }) => decided.has(id))
    .map(({ id, recordId }) => ({ recordId, touchpointId: id, programId: program.id, verdicts: verdicts.get(id)! }));
}

function isSeen(programs: readonly Program[], type: string): boolean {
  return programs.some((program) => typesOf(program)?.has(type) ?? true);
}
