import type { TierOverride } from '../../../src/loyalty/earning/tier-level.ts';
import type { Tier, TierScheme } from '../../../src/loyalty/program.ts';
import { addDays, addMonths, firstDayOfPeriod, type NaiveCalendar } from './days.ts';
import { compare, ratio, times, whole } from './ratio.ts';
import type { NaiveTerms } from './terms.ts';

/** Something that counts, on the day on which it was earned or bought. */
export interface Counted {
  readonly day: string;
  readonly amount: bigint;
}

export interface NaiveTierQuestion {
  readonly terms: NaiveTerms;
  readonly counted: readonly Counted[];
  readonly overrides: readonly TierOverride[];
  readonly calendar: NaiveCalendar;
}

export function naiveTierAt({ terms, counted, overrides, calendar }: NaiveTierQuestion, at: Date): string | null {
  const scheme = terms.definition.tierScheme;
  if (scheme === null) return null;
  const given = givenAt(scheme, overrides, at);
  if (given !== null) return given;
  let best = 0;
  const today = calendar.dayOf(at);
  for (let back = 0; back <= scheme.graceDays; back += 1) {
    best = Math.max(best, rememberedLevel(scheme, terms, { counted, day: addDays(today, -back) }));
  }
  return scheme.tiers[best]!.key;
}

/** Of several that hold, the one that was given last: ids are in the order of giving. */
function givenAt({ tiers }: TierScheme, overrides: readonly TierOverride[], at: Date): string | null {
  const holding = overrides.filter(({ from, to }) => from <= at && at < to).sort((a, b) => (a.id < b.id ? -1 : 1));
  const given = holding.at(-1)?.tier;
  return tiers.find(({ key }) => key === given)?.key ?? null;
}

interface OnDay {
  readonly counted: readonly Counted[];
  readonly day: string;
}

const levels = new WeakMap<readonly Counted[], Map<string, number>>();

/** Days of grace overlap: each day's level is asked for many times. */
function rememberedLevel(scheme: TierScheme, terms: NaiveTerms, { counted, day }: OnDay): number {
  const known = levels.get(counted) ?? new Map<string, number>();
  levels.set(counted, known);
  const level = known.get(day) ?? levelOn(scheme, terms, { counted, day });
  known.set(day, level);
  return level;
}

function levelOn(scheme: TierScheme, terms: NaiveTerms, { counted, day }: OnDay): number {
  if ('rolling' in scheme.window) {
    const { months } = scheme.window.rolling;
    // As points expire: what was earned on 31 January counts for a month until the day before the last of February.
    const counting = counted.filter((one) => one.day <= day && day < addMonths(one.day, months));
    return reached(scheme, terms, sum(counting, '0000-01-01', day));
  }
  const { months } = scheme.window.calendar;
  const first = firstDayOfPeriod(day, months);
  const now = reached(scheme, terms, sum(counted, first, day));
  if (!scheme.keepsThroughNextPeriod) return now;
  const before = addDays(first, -1);
  return Math.max(now, reached(scheme, terms, sum(counted, firstDayOfPeriod(before, months), before)));
}

/** Both days included. */
function sum(counted: readonly Counted[], from: string, to: string): bigint {
  return counted.filter(({ day }) => from <= day && day <= to).reduce((all, { amount }) => all + amount, 0n);
}

function reached({ basis, tiers }: TierScheme, terms: NaiveTerms, amount: bigint): number {
  const minor = 'spend' in basis ? minorOf(basis.spend.currency) : 1n;
  const isReached = ({ threshold }: Tier) =>
    compare(whole(amount), times(terms.settingOf(threshold), whole(minor))) >= 0;
  return Math.max(0, tiers.findLastIndex(isReached));
}

/** Of the currencies that the tests use. */
export function minorOf(currency: string): bigint {
  return { CHF: 100n, EUR: 100n, JPY: 1n }[currency] ?? ratio('100').n;
}

/** Looks at every day's beginning and every edge of an override, for so many days. */
export function naiveNextChange(question: NaiveTierQuestion, at: Date, days: number): Date | null {
  const now = naiveTierAt(question, at);
  const instants = question.overrides.flatMap(({ from, to }) => [from, to]);
  const today = question.calendar.dayOf(at);
  for (let ahead = 1; ahead <= days; ahead += 1) {
    instants.push(new Date(question.calendar.startOf(addDays(today, ahead))));
  }
  const later = instants.filter((instant) => instant > at).sort((a, b) => Number(a) - Number(b));
  return later.find((instant) => naiveTierAt(question, instant) !== now) ?? null;
}
