import type { LotTerms } from '../ledger/lot.ts';
import type { EarningRule, Program, TierScheme } from '../program.ts';
import { isEarning, type Terms, termsAt } from '../terms.ts';
import { type Calendar, type Day, periodStart, plusMonths } from './calendar.ts';
import { type Adding, type Basis, Earned } from './earned.ts';
import { scaled, unit } from './fraction.ts';
import { isHeldOut } from './holdout.ts';
import { basketOf, type EarningFact, orderIdOf, type Purchase } from './purchase.ts';
import { ReturnBook } from './return-book.ts';
import { grantsFor } from './rule-grants.ts';
import { type TierOverride, type TierQuestion, tierAt } from './tier-level.ts';

/** When a customer was a member: half-open. */
export interface MembershipSpan {
  readonly from: Date;
  readonly to: Date | null;
  /** Somebody enrolled them, or a list did: what a pilot asks for. */
  readonly explicit: boolean;
}

/** What was decided when a touchpoint arrived and stays. By the key of the rule. */
export type Verdicts = Readonly<Record<string, { readonly eligible?: boolean; readonly budget?: number }>>;

/** What the fold needs to know of a customer beside touchpoints. */
export interface MemberTerms {
  /** Decides who is held out. Null: nobody in particular, who never is. */
  readonly customerId: string | null;
  readonly memberships: readonly MembershipSpan[];
  readonly overrides: readonly TierOverride[];
  /** Of touchpoints, by id. */
  readonly verdicts: ReadonlyMap<string, Verdicts>;
}

/** How far the touchpoints of a customer have been folded, as JSON. */
export interface MemberState {
  /** Time in milliseconds and id of the last one. */
  readonly last: readonly [number, string] | null;
  /** What counts for the tier, by basis and day; whole numbers as text. Every basis that any version has. */
  readonly days: Readonly<Record<string, Readonly<Record<Day, string>>>>;
  /** How many months back the days reach. A version whose tiers look further back makes the fold begin anew. */
  readonly months: number;
  /** What the caps have used up: rule, period and its first day → points as text. */
  readonly caps: Readonly<Record<string, string>>;
  /** Orders that returns have named and that have not arrived. */
  readonly awaited: readonly string[];
  /** It is not known what it should be: everything is to be folded. */
  readonly stale?: true;
}

export const emptyState: MemberState = { last: null, days: {}, months: 0, caps: {}, awaited: [] };
export const staleState: MemberState = { ...emptyState, stale: true };

/** What one rule would have granted, had it no budget: for rules that have one. */
export interface BudgetWish {
  readonly fact: EarningFact;
  readonly rule: EarningRule;
  readonly points: bigint;
}

export interface FoldSettings {
  readonly program: Program;
  readonly calendar: Calendar;
  /** Puts down what rules with a budget want, where nothing has been decided yet: they get nothing until it is. */
  readonly wishes?: BudgetWish[];
}

/** Whether touchpoints follow on a state, so that the fold can go on from there. */
export function follows(program: Program, state: MemberState, facts: readonly EarningFact[]): boolean {
  if (state.stale) return false;
  const { awaited } = state;
  if (state.last !== null && !knowsEnough(program, state)) return false;
  return facts.every(
    (fact) =>
      fact.type !== 'order.returned' &&
      !(awaited.length > 0 && awaited.includes(orderIdOf(fact) ?? '')) &&
      (state.last === null || isAfter(fact, state.last)),
  );
}

/** Of what counts for the tiers of any version. */
function knowsEnough(program: Program, { days, months }: MemberState): boolean {
  const wanted = wantedOf(program);
  return months >= wanted.months && wanted.bases.every(({ name }) => name in days);
}

function isAfter({ occurredAt, id }: EarningFact, [time, last]: readonly [number, string]): boolean {
  return occurredAt.getTime() === time ? id > last : occurredAt.getTime() > time;
}

/**
 * What a customer's touchpoints earn: a pure function of the touchpoints, in the order of (time, id), and of what the
 * programme said when each of them occurred. It can be continued, as long as nothing arrives that is older or a return.
 */
export class MemberFold {
  readonly #settings: FoldSettings;
  readonly #member: MemberTerms;
  readonly #bases: readonly NamedBasis[];
  readonly #days: ReadonlyMap<string, Map<Day, bigint>>;
  readonly #caps: Map<string, bigint>;
  readonly #returns = new ReturnBook();
  readonly #earned: Earned[] = [];
  readonly #byPurchase = new Map<Purchase, Earned>();
  #last: MemberState['last'];
  #awaited: readonly string[];

  constructor(settings: FoldSettings, member: MemberTerms, state: MemberState = emptyState) {
    this.#settings = settings;
    this.#member = member;
    this.#bases = wantedOf(settings.program).bases;
    this.#days = new Map(this.#bases.map(({ name }) => [name, readAmounts(state.days[name])]));
    this.#caps = readAmounts(state.caps);
    this.#last = state.last;
    this.#awaited = state.awaited;
  }

  /** In the order of (time, id). */
  add(fact: EarningFact): void {
    const terms = termsAt(this.#settings.program, fact.occurredAt);
    this.#last = [fact.occurredAt.getTime(), fact.id];
    if (fact.type === 'order.returned') {
      for (const purchase of this.#returns.close(fact)) this.#recount(purchase);
      return;
    }
    // Orders that earned nothing come back, too: otherwise their returns would be taken for those of others.
    const purchase = fact.type === 'order.completed' ? this.#returns.open(fact) : null;
    if (!terms || !earns(terms, this.#member, fact.occurredAt)) return;
    if (purchase) this.#addPurchase(purchase, terms);
    else this.#addGrants({ fact, lines: basketOf(fact), terms, purchase: null });
  }

  /** What the lots of the touchpoints that were added are worth. */
  lots(): LotTerms[] {
    return this.#earned.flatMap((earned) => earned.lots());
  }

  state(): MemberState {
    const awaited = [...this.#awaited, ...this.#returns.awaited];
    const { months } = wantedOf(this.#settings.program);
    const oldest = this.#last && plusMonths(this.#lastDay(this.#last), -months);
    const days: Record<string, Record<Day, string>> = {};
    // Nothing older can count for a tier any more.
    for (const [name, amounts] of this.#days)
      days[name] = writeAmounts(amounts, (day) => oldest === null || day >= oldest);
    return { last: this.#last, days, months, caps: writeAmounts(this.#caps, (name) => this.#isOpen(name)), awaited };
  }

  /** What the tier is a question of; undefined before the programme says anything. */
  tierQuestion(at: Date): TierQuestion | undefined {
    const terms = termsAt(this.#settings.program, at);
    return terms && this.#question(terms);
  }

  #addPurchase(purchase: Purchase, terms: Terms): void {
    const earned = this.#addGrants({ fact: purchase.fact, lines: purchase.lines, terms, purchase });
    this.#byPurchase.set(purchase, earned);
  }

  #addGrants(adding: Adding): Earned {
    const { fact, lines, terms } = adding;
    const grants = grantsFor({
      fact,
      basket: lines,
      terms,
      tier: once(() => tierAt(this.#question(terms), fact.occurredAt)),
      isEligible: (rule) => this.#verdictOf(fact, rule)?.eligible === true,
      limit: (rule, points) => this.#limit(fact, rule, { points, terms }),
    });
    const earned = new Earned(adding, grants, this.#settings.calendar);
    this.#earned.push(earned);
    this.#count(earned);
    return earned;
  }

  /** Something of it came back. */
  #recount(purchase: Purchase): void {
    const earned = this.#byPurchase.get(purchase);
    if (earned) this.#count(earned);
  }

  /** Makes it count as much as it does now: for the tier, and for caps, as if what came back had never been bought. */
  #count(earned: Earned): void {
    const day = this.#settings.calendar.dayOf(earned.fact.occurredAt);
    for (const { name, basis } of this.#bases) {
      addTo(this.#days.get(name)!, day, earned.turnedTo(name, earned.qualifies(basis)));
    }
    for (const grant of earned.grants) {
      for (const { per } of grant.rule.caps) {
        if (per === 'TOUCHPOINT') continue;
        const name = this.#capName(grant.rule, per, earned.fact);
        addTo(this.#caps, name, earned.turnedTo(name, earned.netOf(grant)));
      }
    }
  }

  #question(terms: Terms): TierQuestion {
    const basis = terms.definition.tierScheme?.basis;
    const qualifying = (basis && this.#days.get(nameOf(basis))) ?? nothing;
    return { terms, qualifying, overrides: this.#member.overrides, calendar: this.#settings.calendar };
  }

  /** Whether a cap can still be used up further: its period isn't over. */
  #isOpen(name: string): boolean {
    if (this.#last === null) return true;
    const [, per, from = ''] = name.split(' ');
    const day = this.#lastDay(this.#last);
    return per === 'EVER' || from >= (per === 'DAY' ? day : periodStart(day, per === 'MONTH' ? 1 : 12));
  }

  #lastDay([time]: NonNullable<MemberState['last']>): Day {
    return this.#settings.calendar.dayOf(new Date(time));
  }

  #verdictOf(fact: EarningFact, rule: EarningRule): Verdicts[string] | undefined {
    return this.#member.verdicts.get(fact.id)?.[rule.key];
  }

  #limit(fact: EarningFact, rule: EarningRule, { points, terms }: { points: bigint; terms: Terms }): bigint {
    let allowed = points;
    for (const cap of rule.caps) {
      const used = this.#caps.get(this.#capName(rule, cap.per, fact)) ?? 0n;
      const left = scaled(terms.setting(cap.points)) / unit - used;
      allowed = smaller(allowed, left > 0n ? left : 0n);
    }
    return rule.budget === null ? allowed : smaller(allowed, this.#budgeted(fact, rule, allowed));
  }

  #budgeted(fact: EarningFact, rule: EarningRule, points: bigint): bigint {
    const decided = this.#verdictOf(fact, rule)?.budget;
    if (decided !== undefined) return BigInt(decided);
    if (points > 0n) this.#settings.wishes?.push({ fact, rule, points });
    return 0n;
  }

  #capName({ key }: EarningRule, per: EarningRule['caps'][number]['per'], fact: EarningFact): string {
    const day = this.#settings.calendar.dayOf(fact.occurredAt);
    if (per === 'EVER') return `${key} EVER`;
    if (per === 'TOUCHPOINT') return `${key} ${fact.id}`;
    const from = per === 'DAY' ? day : periodStart(day, per === 'MONTH' ? 1 : 12);
    return `${key} ${per} ${from}`;
  }
}

/** Several rules ask the same. */
function once<T>(ask: () => T): () => T {
  let known: { readonly answer: T } | undefined;
  return () => {
    known ??= { answer: ask() };
    return known.answer;
  };
}

/** Something that tiers of some version are counted by, and the name under which a state has it. */
interface NamedBasis {
  readonly name: string;
  readonly basis: Basis;
}

const nothing: ReadonlyMap<Day, bigint> = new Map();

const names = new WeakMap<Basis, string>();

function nameOf(basis: Basis): string {
  const known = names.get(basis);
  if (known !== undefined) return known;
  const name = JSON.stringify(basis);
  names.set(basis, name);
  return name;
}

/** What the tiers of all versions ask of the past. */
interface Wanted {
  readonly bases: readonly NamedBasis[];
  /** How far back any of them looks, grace included. */
  readonly months: number;
}

const wantedBy = new WeakMap<Program, Wanted>();

function wantedOf(program: Program): Wanted {
  const known = wantedBy.get(program);
  if (known) return known;
  const schemes = program.versions.flatMap(({ definition: { tierScheme } }) => tierScheme ?? []);
  const bases = schemes.map(({ basis }) => ({ name: nameOf(basis), basis }));
  const wanted = {
    bases: [...new Map(bases.map((basis) => [basis.name, basis])).values()],
    months: Math.max(0, ...schemes.map(monthsOf)),
  };
  wantedBy.set(program, wanted);
  return wanted;
}

function monthsOf({ window, graceDays }: TierScheme): number {
  const back = 'rolling' in window ? window.rolling.months : window.calendar.months * 3;
  return back + Math.ceil(graceDays / 28) + 1;
}

/** Whether what happened at an instant earns anything. */
function earns(terms: Terms, member: Membership, at: Date): boolean {
  return isEarning(terms.phase) && isMember(terms, member, at);
}

export type Membership = Pick<MemberTerms, 'customerId' | 'memberships'>;

/** Whether somebody takes part in the programme at an instant: belongs to it, and isn't held out. */
export function isMember(terms: Terms, { customerId, memberships }: Membership, at: Date): boolean {
  return isCovered(terms, memberships, at) && !isHeldOut(terms, customerId);
}

function isCovered({ phase, definition }: Terms, memberships: readonly MembershipSpan[], at: Date): boolean {
  if (phase === 'PREPARATION' || phase === 'CLOSED') return false;
  if (memberships.length === 0) return phase !== 'PILOT' && definition.enrolment !== 'EXPLICIT';
  const covering = memberships.filter(({ from, to }) => from <= at && (to === null || at < to));
  if (phase === 'PILOT') return covering.some(({ explicit }) => explicit);
  if (definition.enrolment === 'EXPLICIT') return covering.length > 0;
  // Whoever has left stays out, until they come back.
  return covering.length > 0 || !memberships.some(({ to }) => to !== null && to <= at);
}

/** Nothing is not kept. */
function addTo(amounts: Map<string, bigint>, name: string, more: bigint): void {
  if (more === 0n) return;
  const sum = (amounts.get(name) ?? 0n) + more;
  if (sum === 0n) amounts.delete(name);
  else amounts.set(name, sum);
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function readAmounts(amounts: Readonly<Record<string, string>> = {}): Map<string, bigint> {
  const read = new Map<string, bigint>();
  for (const name in amounts) read.set(name, BigInt(amounts[name]!));
  return read;
}

function writeAmounts(amounts: ReadonlyMap<string, bigint>, isKept: (name: string) => boolean): Record<string, string> {
  const written: Record<string, string> = {};
  for (const [name, amount] of amounts) if (isKept(name)) written[name] = String(amount);
  return written;
}
