import { createHash } from 'node:crypto';
import { matchesEvent } from '../../../src/conditions/event-match.ts';
import type { MemberTerms } from '../../../src/loyalty/earning/member-fold.ts';
import type { EarningFact } from '../../../src/loyalty/earning/purchase.ts';
import type { Cap, EarningRule, Program, TierScheme } from '../../../src/loyalty/program.ts';
import { addDays, addMonths, lastDayOf, type NaiveCalendar } from './days.ts';
import { NaiveOrder, NaiveOrders } from './orders.ts';
import {
  compare,
  minus,
  one,
  over,
  plus,
  type Ratio,
  ratio,
  roundNaively,
  shareNaively,
  times,
  whole,
  zero,
} from './ratio.ts';
import { type NaiveTerms, naiveTermsAt } from './terms.ts';
import { type Counted, minorOf, type NaiveTierQuestion, naiveTierAt } from './tiers.ts';

export interface World {
  readonly program: Program;
  readonly calendar: NaiveCalendar;
  readonly member: MemberTerms;
  readonly facts: readonly EarningFact[];
}

/** What one rule gave for one line. Returns never touch it: what is left is asked of the order. */
interface NaiveGrant {
  readonly fact: EarningFact;
  readonly order: NaiveOrder;
  readonly version: number;
  readonly rule: EarningRule;
  readonly line: number;
  readonly points: bigint;
}

export interface NaiveLot {
  readonly recordId: string;
  readonly sourceId: string;
  readonly wallet: string;
  readonly availableAt: number;
  readonly expiresAt: number | null;
  readonly version: number;
  granted: bigint;
  /** By rule and line; those with nothing left are not there. */
  readonly grants: Record<string, bigint>;
}

interface Part {
  readonly rule: EarningRule;
  readonly points: bigint[];
}

/** Plays a customer's history forward, in order, and remembers everything. */
export class NaiveMember {
  readonly #world: World;
  readonly #orders = new NaiveOrders();
  readonly #grants: NaiveGrant[] = [];
  /** Orders that earned something or could have: those count for tiers. */
  readonly #members: NaiveOrder[] = [];

  constructor(world: World) {
    this.#world = world;
    const inOrder = [...world.facts].sort(
      (a, b) => Number(a.occurredAt) - Number(b.occurredAt) || (a.id < b.id ? -1 : 1),
    );
    for (const fact of inOrder) this.#play(fact);
  }

  #play(fact: EarningFact): void {
    if (fact.type === 'order.returned') this.#orders.takeBack(fact);
    else this.#earn(fact);
  }

  #earn(fact: EarningFact): void {
    const order = fact.type === 'order.completed' ? this.#orders.place(fact) : new NaiveOrder(fact);
    const terms = naiveTermsAt(this.#world.program, fact.occurredAt);
    if (!terms || !this.#isMember(terms, fact.occurredAt)) return;
    const parts = this.#partsOf(order, terms);
    if (fact.type === 'order.completed') this.#members.push(order);
    for (const { rule, points } of parts) {
      points.forEach((amount, line) => {
        this.#grants.push({ fact, order, version: terms.version, rule, line, points: amount });
      });
    }
  }

  #isMember({ phase, definition }: NaiveTerms, at: Date): boolean {
    if (!['PILOT', 'LAUNCH', 'LIVE'].includes(phase)) return false;
    if (this.#isHeldOut(definition)) return false;
    const spans = this.#world.member.memberships;
    const current = spans.filter(({ from, to }) => from <= at && (to === null || at < to));
    if (phase === 'PILOT') return current.some(({ explicit }) => explicit);
    if (current.length > 0) return true;
    return definition.enrolment === 'AUTOMATIC' && !spans.some(({ to }) => to !== null && to <= at);
  }

  #isHeldOut({ holdoutPercent }: NaiveTerms['definition']): boolean {
    const { program, member } = this.#world;
    if (holdoutPercent == null) return false;
    const digest = createHash('sha256').update(`loyalty holdout ${program.id}:${member.customerId}`).digest();
    return (digest.readUIntBE(0, 6) % 10_000) / 100 < Number(holdoutPercent);
  }

  #partsOf(order: NaiveOrder, terms: NaiveTerms): Part[] {
    const before = this.#tierWith(terms, order.fact.occurredAt);
    const rules = terms.definition.rules.filter((rule) => this.#applies(rule, order.fact, before));
    const plain: Part[] = [];
    for (const rule of rules) {
      if ('multiplier' in rule.earns) continue;
      plain.push(this.#limited(order, terms, { rule, due: dueOf(rule, order, terms) }));
    }
    const multiplied = rules.flatMap((rule) => {
      if (!('multiplier' in rule.earns)) return [];
      const { factor, of } = rule.earns.multiplier;
      const bases = plain.filter((part) => part.rule.wallet === rule.wallet && (of?.includes(part.rule.key) ?? true));
      const above = minus(terms.settingOf(factor), one);
      const more = compare(above, zero) > 0 ? above : zero;
      const due = order.lines.map((line, index) =>
        names(rule, line)
          ? bases.reduce((all, { points }) => plus(all, times(whole(points[index]!), more)), zero)
          : zero,
      );
      return [this.#limited(order, terms, { rule, due })];
    });
    return [...plain, ...multiplied];
  }

  #applies(rule: EarningRule, fact: EarningFact, tier: string | null): boolean {
    const { earns } = rule;
    if (!matchesEvent(rule.match, fact)) return false;
    if (rule.validFrom !== null && fact.occurredAt < new Date(rule.validFrom)) return false;
    if (rule.validTo !== null && fact.occurredAt >= new Date(rule.validTo)) return false;
    if (rule.tiers !== null && (tier === null || !rule.tiers.includes(tier))) return false;
    if ('spend' in earns && earns.spend.currency !== fact.currency) return false;
    return rule.eligibility === null || this.#verdict(fact, rule)?.eligible === true;
  }

  #verdict(fact: EarningFact, rule: EarningRule) {
    return this.#world.member.verdicts.get(fact.id)?.[rule.key];
  }

  /** Rounds what is due, then holds it down to what caps and the budget leave. */
  #limited(order: NaiveOrder, terms: NaiveTerms, { rule, due }: { rule: EarningRule; due: readonly Ratio[] }): Part {
    const rounded = roundParts(rule, due);
    const total = rounded.reduce((all, points) => all + points, 0n);
    let allowed = total;
    for (const cap of rule.caps) {
      const left = roundNaively(terms.settingOf(cap.points), 'DOWN') - this.#used(rule, cap, order.fact);
      if (left < allowed) allowed = left < 0n ? 0n : left;
    }
    if (rule.budget !== null) {
      const decided = BigInt(this.#verdict(order.fact, rule)?.budget ?? 0);
      if (decided < allowed) allowed = decided;
    }
    return { rule, points: allowed === total ? rounded : shareNaively(allowed, rounded.map(whole)) };
  }

  #used({ key }: EarningRule, { per }: Cap, fact: EarningFact): bigint {
    const same = (other: EarningFact) => this.#period(per, other) === this.#period(per, fact);
    const isCapped = (rule: EarningRule) => rule.key === key && rule.caps.some((cap) => cap.per === per);
    return this.#grants
      .filter(({ rule, fact: other }) => isCapped(rule) && same(other))
      .reduce((all, { order, line, points }) => all + left(order, line, points), 0n);
  }

  #period(per: Cap['per'], { id, occurredAt }: EarningFact): string {
    const day = this.#world.calendar.dayOf(occurredAt);
    return { TOUCHPOINT: id, DAY: day, MONTH: day.slice(0, 7), YEAR: day.slice(0, 4), EVER: '' }[per];
  }

  /** Everything that counts by the given terms, as much as is left of it by now. */
  #counted(scheme: TierScheme): Counted[] {
    const { basis } = scheme;
    const dayOf = ({ occurredAt }: EarningFact) => this.#world.calendar.dayOf(occurredAt);
    if ('points' in basis) {
      return this.#grants
        .filter(({ rule }) => rule.qualifies && rule.wallet === basis.points.wallet)
        .map((grant) => ({ day: dayOf(grant.fact), amount: left(grant.order, grant.line, grant.points) }));
    }
    return this.#members.flatMap((order) => {
      if ('orders' in basis) return order.isGone ? [] : [{ day: dayOf(order.fact), amount: 1n }];
      if (order.fact.currency !== basis.spend.currency) return [];
      return order.lines.map(({ paid }, line) => ({ day: dayOf(order.fact), amount: left(order, line, paid) }));
    });
  }

  question(at: Date): NaiveTierQuestion | undefined {
    const terms = naiveTermsAt(this.#world.program, at);
    return terms && this.#questionOf(terms);
  }

  #questionOf(terms: NaiveTerms): NaiveTierQuestion {
    const { tierScheme } = terms.definition;
    const { calendar, member } = this.#world;
    return { terms, calendar, overrides: member.overrides, counted: tierScheme ? this.#counted(tierScheme) : [] };
  }

  #tierWith(terms: NaiveTerms, at: Date): string | null {
    return naiveTierAt(this.#questionOf(terms), at);
  }

  /** By wallet and times. */
  lots(): NaiveLot[] {
    const lots = new Map<string, NaiveLot>();
    for (const { fact, order, version, rule, line, points } of this.#grants) {
      const now = left(order, line, points);
      if (now === 0n) continue;
      const availableAt = this.#availableAt(rule, fact);
      const expiresAt = this.#expiresAt(rule, fact);
      const key = [fact.id, rule.wallet, availableAt, expiresAt].join(' ');
      const lot = lots.get(key) ?? {
        ...{ recordId: fact.recordId, sourceId: fact.id, wallet: rule.wallet, availableAt, expiresAt, version },
        ...{ granted: 0n, grants: {} },
      };
      lot.granted += now;
      lot.grants[`${rule.key} ${order.lines[line]!.at}`] = now;
      lots.set(key, lot);
    }
    return [...lots.values()];
  }

  #availableAt({ pendingDays }: EarningRule, { occurredAt }: EarningFact): number {
    if (pendingDays === 0) return occurredAt.getTime();
    const { calendar } = this.#world;
    return calendar.startOf(addDays(calendar.dayOf(occurredAt), pendingDays));
  }

  #expiresAt({ expiry }: EarningRule, { occurredAt }: EarningFact): number | null {
    if (expiry === null) return null;
    const { calendar } = this.#world;
    const earned = calendar.dayOf(occurredAt);
    const months = { DAY: 0, MONTH: 1, YEAR: 12 }[expiry.unit] * expiry.count;
    const last = expiry.unit === 'DAY' ? addDays(earned, expiry.count) : addMonths(earned, months);
    return calendar.startOf(addDays(lastDayOf(last, expiry.endOf), 1));
  }
}

function left(order: NaiveOrder, line: number, amount: bigint): bigint {
  return roundNaively(times(whole(amount), order.keptOf(line)), 'HALF_UP');
}

function names({ lines }: EarningRule, { sku, category }: { sku: string | null; category: string | null }): boolean {
  if (lines === null) return true;
  return (sku !== null && lines.skus.includes(sku)) || (category !== null && lines.categories.includes(category));
}

/** What a plain rule is about to grant for each line, before rounding. */
function dueOf(rule: EarningRule, { lines }: NaiveOrder, terms: NaiveTerms): Ratio[] {
  const { earns } = rule;
  if ('event' in earns) {
    // Of the touchpoint as a whole: each line stands for its share of what was paid, else of the pieces.
    const total = terms.settingOf(earns.event.points);
    const paid = lines.map((line) => whole(line.paid));
    const weights = isAnything(paid) ? paid : lines.map(({ quantity }) => quantity);
    if (!isAnything(weights)) return lines.map((_, index) => (index === 0 ? total : zero));
    const sum = weights.reduce(plus, zero);
    return weights.map((weight) => over(times(total, weight), sum));
  }
  return lines.map((line) => {
    if (!names(rule, line)) return zero;
    if ('item' in earns) return line.at === null ? zero : times(line.quantity, terms.settingOf(earns.item.points));
    if (!('spend' in earns)) return zero;
    const { points, per, currency } = earns.spend;
    return over(times(whole(line.paid), terms.settingOf(points)), times(ratio(per), whole(minorOf(currency))));
  });
}

function roundParts({ roundedPer, rounding }: EarningRule, due: readonly Ratio[]): bigint[] {
  if (roundedPer === 'LINE') return due.map((part) => roundNaively(part, rounding));
  const total = due.reduce(plus, zero);
  const points = roundNaively(total, rounding);
  if (compare(total, zero) === 0) return due.map((_, index) => (index === 0 ? points : 0n));
  return shareNaively(points, due);
}

function isAnything(parts: readonly Ratio[]): boolean {
  return parts.some(({ n }) => n !== 0n);
}
