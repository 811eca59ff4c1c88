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
import { findLotsOf } from '../ledger/ledger.queries.ts';
import type { Ledger } from '../ledger/ledger.service.ts';
import type { LedgerChanges } from '../ledger/ledger-changes.ts';
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
  findTies,
  findVerdicts,
  insertTierLog,
  type MemberRow,
  type MembershipRow,
  type OverrideRow,
  type Ties,
  updateMembers,
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
    const { customers, absorbed = [] } = occasion;
    const expected = this.#parts.book.latest;
    const [, programs, , early] = await Promise.all([
      lookUpByIndex(tx),
      this.#parts.book.hold(tx),
      absorbed.length > 0 && deleteMembers(tx, absorbed),
      findKnown(tx, concernedBy(expected, customers)),
    ]);
    if (programs.length === 0) return [];
    const concerned = concernedBy(programs, customers);
    // What programmes say may have changed since this process last looked.
    const known = programs === expected ? early : await findKnown(tx, concerned);
    return concerned.length > 0 ? this.#foldAll(tx, { occasion, programs, concerned, known }) : [];
  }

  async #foldAll(tx: Tx, folding: Folding): Promise<NewChange[]> {
    const { occasion, programs } = folding;
    const { at } = occasion;
    const works = await this.#plan(tx, folding);
    await this.#judge(tx, at, works);
    const folded = await decideBudgets(tx, works, { calendar: this.calendar, now: at });
    const changes = new MemberChanges(this.#parts.ids, occasion);
    for (const one of folded) changes.add(one);
    const settling = { at, causeOf: changes.causeOf, debtOf: debtPolicies(programs, at) };
    const { appended, settled } = changes;
    const { accounts: stored } = folding.known;
    const entered = await this.#parts.ledger.prepare(tx, { appended, settled, stored }, settling);
    changes.entered(entered);
    const written = this.#write(tx, { changes, entered, works, folding });
    if (occasion.alongside) occasion.alongside(written);
    else await written;
    return changes.feed();
  }

  /** What has to be folded: for most customers only what is new. */
  async #plan(tx: Tx, { programs, concerned, known }: Folding): Promise<MemberWork[]> {
    const byCustomer = {
      members: groupBy(known.members, ({ customerId }) => customerId),
      memberships: groupBy(known.memberships, ({ customerId }) => customerId),
      overrides: groupBy(known.overrides, ({ customerId }) => customerId),
    };
    const plans: Plan[] = [];
    for (const one of concerned) {
      for (const program of programs) {
        const plan = planOf(one, program, byCustomer);
        if (plan.anew || plan.work.facts.length > 0 || one.since === 'TIME') plans.push(plan);
      }
    }
    return this.#withPast(tx, programs, plans);
  }

  /** Of those that are folded anew, everything that is stored. */
  async #withPast(tx: Tx, programs: readonly Program[], plans: readonly Plan[]): Promise<MemberWork[]> {
    const anew = [...new Set(plans.filter((plan) => plan.anew).map(({ work }) => work.customerId))];
    if (anew.length === 0) return plans.map(({ work }) => work);
    const [facts, verdicts, lots] = await Promise.all([
      findEarningFacts(tx, anew, typesOfAll(programs)),
      findVerdicts(tx, anew),
      findLotsOf(tx, anew),
    ]);
    const factsOf = groupBy(facts, ({ customerId }) => customerId);
    const lotsOf = groupBy(lots, ({ customerId }) => customerId);
    const verdictsOf = groupBy(verdicts, ({ programId }) => programId);
    return plans.map(({ work, anew: isNew }): MemberWork => {
      if (!isNew) return work;
      const { customerId, program } = work;
      const known = (verdictsOf.get(program.id) ?? []).map((row) => [row.touchpointId, row.verdicts] as const);
      return {
        ...work,
        from: undefined,
        facts: seenBy(program, factsOf.get(customerId) ?? []),
        verdicts: new Map<string, Verdicts>(known),
        stored: (lotsOf.get(customerId) ?? [])
          .map(({ lot }) => lot)
          .filter(({ programId }) => programId === program.id),
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

  /** Everything that changed, sent at once. */
  async #write(tx: Tx, { changes, entered, works, folding }: Writing): Promise<void> {
    const { at } = folding.occasion;
    const verdicts = works.flatMap(newVerdicts);
    const earners = changes.earners(folding.programs, at);
    await Promise.all([
      verdicts.length > 0 && addVerdicts(tx, verdicts),
      this.#parts.ledger.write(tx, entered, at),
      earners.length > 0 && enrolEarners(tx, earners, 'loyalty'),
      changes.known.length > 0 && updateMembers(tx, changes.known),
      changes.members.length > 0 && upsertMembers(tx, changes.members),
      changes.tiers.length > 0 && insertTierLog(tx, changes.tiers),
      changes.strangers.length > 0 && deleteStrangers(tx, changes.strangers),
    ]);
  }
}

/** What is stored of customers who are concerned. */
interface Known extends Ties {
  readonly members: readonly MemberRow[];
}

interface Folding {
  readonly occasion: Occasion;
  readonly programs: readonly Program[];
  readonly concerned: readonly Concerned[];
  readonly known: Known;
}

interface Writing {
  readonly changes: MemberChanges;
  readonly entered: LedgerChanges;
  readonly works: readonly MemberWork[];
  readonly folding: Folding;
}

interface Plan {
  readonly work: MemberWork;
  readonly anew: boolean;
}

interface KnownByCustomer {
  readonly members: ReadonlyMap<string, readonly MemberRow[]>;
  readonly memberships: ReadonlyMap<string, readonly MembershipRow[]>;
  readonly overrides: ReadonlyMap<string, readonly OverrideRow[]>;
}

async function findKnown(tx: Tx, concerned: readonly Concerned[]): Promise<Known> {
  if (concerned.length === 0) return { members: [], memberships: [], overrides: [], accounts: [] };
  const ids = concerned.map(({ customerId }) => customerId);
  const [members, ties] = await Promise.all([findMembers(tx, ids), findTies(tx, ids)]);
  return { members, ...ties };
}

function planOf(one: Concerned, program: Program, known: KnownByCustomer): Plan {
  const { customerId } = one;
  const isIts = (row: { readonly programId: string }) => row.programId === program.id;
  const kept = known.members.get(customerId)?.find(isIts);
  const facts = seenBy(program, one.facts);
  const memberships = (known.memberships.get(customerId) ?? none).filter(isIts);
  const terms = {
    customerId,
    memberships: memberships.map(({ enrolledAt, leftAt, how }) => {
      return { from: enrolledAt, to: leftAt, explicit: how !== 'AUTOMATIC' };
    }),
    overrides: (known.overrides.get(customerId) ?? none).filter(isIts),
  };
  const work: MemberWork = {
    customerId,
    program,
    facts,
    from: kept?.state,
    terms,
    verdicts: new Map(),
    decided: new Set(),
    kept: kept ?? null,
    stored: none,
  };
  return { work, anew: isAnew(one, program, { stored: kept, facts }) };
}

const none: readonly never[] = [];

/** What a programme could ever look at. */
function seenBy(program: Program, facts: readonly EarningFact[]): readonly EarningFact[] {
  const types = typesOf(program);
  if (types === null || facts.every(({ type }) => types.has(type))) return facts;
  return facts.filter(({ type }) => types.has(type));
}

/** Whether the whole history is needed. Where nothing is stored of a customer who was there before, something may be to find. */
function isAnew(
  one: Concerned,
  program: Program,
  { stored, facts }: { stored: MemberRow | undefined; facts: readonly EarningFact[] },
): boolean {
  if (one.since === 'ANEW') return true;
  if (one.since === 'TIME') return !stored || !follows(program, stored.state, []);
  if (facts.length === 0) return false;
  if (!stored) return one.since !== 'FIRST' || facts.some(({ type }) => type === 'order.returned');
  return !follows(program, stored.state, facts);
}

function concernedBy(programs: readonly Program[], customers: readonly Concerned[]): Concerned[] {
  return programs.length === 0 ? [] : customers.filter((one) => isConcerned(one, programs));
}

/** Whether a programme could ever look at what happened. */
function isConcerned({ since, facts }: Concerned, programs: readonly Program[]): boolean {
  return since === 'ANEW' || since === 'TIME' || facts.some(({ type }) => isSeen(programs, type));
}

function newVerdicts({ facts, verdicts, decided, program }: MemberWork): VerdictRow[] {
  if (decided.size === 0) return [];
  return facts
    .filter(({ id }) => decided.has(id))
    .map(({ id, recordId }) => ({ recordId, touchpointId: id, programId: program.id, verdicts: verdicts.get(id)! }));
}

function isSeen(programs: readonly Program[], type: string): boolean {
  return programs.some((program) => typesOf(program)?.has(type) ?? true);
}
