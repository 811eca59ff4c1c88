import { currencyExponent } from '../../kernel/money.ts';
import type { TierScheme } from '../program.ts';
import type { Terms } from '../terms.ts';
import { type Calendar, type Day, periodStart, plusDays, plusMonths } from './calendar.ts';
import { scaled, unit } from './fraction.ts';

/** What counted for the tier, by the day on which it was earned or bought: net of returns. */
export type Qualifying = ReadonlyMap<Day, bigint>;

/** A tier that somebody gave; half-open. Of several that hold at once, the one that was given last counts: the greatest id. */
export interface TierOverride {
  readonly id: string;
  readonly tier: string;
  readonly from: Date;
  readonly to: Date;
}

export interface TierQuestion {
  readonly terms: Terms;
  readonly qualifying: Qualifying;
  readonly overrides: readonly TierOverride[];
  readonly calendar: Calendar;
}

/** The key of the tier at an instant; null where the programme has none. */
export function tierAt(question: TierQuestion, at: Date): string | null {
  const scheme = question.terms.definition.tierScheme;
  if (scheme === null) return null;
  const given = overrideAt(question.overrides, at);
  if (given && scheme.tiers.some(({ key }) => key === given.tier)) return given.tier;
  return scheme.tiers[levelOn(scheme, question, question.calendar.dayOf(at))]!.key;
}

/** When the tier is another one if nothing happens; null: it stays. The instant lies behind `at`. */
export function nextTierChange(question: TierQuestion, at: Date): Date | null {
  const scheme = question.terms.definition.tierScheme;
  if (scheme === null) return null;
  const now = tierAt(question, at);
  const days = turningDays(scheme, question, question.calendar.dayOf(at));
  const edges = question.overrides.flatMap(({ from, to }) => [from, to]);
  const instants = [...days.map((day) => question.calendar.startOf(day)), ...edges]
    .filter((instant) => instant > at)
    .sort((a, b) => a.getTime() - b.getTime());
  return instants.find((instant) => tierAt(question, instant) !== now) ?? null;
}

/** What counts at an instant, and by when the next tier has to be reached with it. */
export interface TierProgress {
  /** Points, or orders; of spend, minor units. */
  readonly counted: bigint;
  readonly next: { readonly key: string; readonly missing: bigint } | null;
  /** The last day of the period, or the last one on which all that is counted still counts. */
  readonly until: Day | null;
}

export function progressAt(question: TierQuestion, at: Date): TierProgress | null {
  const { terms, qualifying, calendar } = question;
  const scheme = terms.definition.tierScheme;
  if (scheme === null) return null;
  const day = calendar.dayOf(at);
  const counted = sumOn(scheme, qualifying, day);
  const level = scheme.tiers.findIndex(({ key }) => key === tierAt(question, at));
  const next = scheme.tiers[level + 1];
  if (!next) return { counted, next: null, until: null };
  const missing = thresholdOf(terms, next.threshold, scheme) - counted;
  return {
    counted,
    next: { key: next.key, missing: missing > 0n ? missing : 0n },
    until: untilOf(scheme, qualifying, day),
  };
}

function untilOf({ window }: TierScheme, qualifying: Qualifying, day: Day): Day | null {
  if ('calendar' in window) {
    const { months } = window.calendar;
    return plusDays(plusMonths(periodStart(day, months), months), -1);
  }
  const { months } = window.rolling;
  const counting = [...qualifying.keys()].filter((earned) => earned <= day && plusMonths(earned, months) > day).sort();
  return counting[0] === undefined ? null : plusDays(plusMonths(counting[0], months), -1);
}

function overrideAt(overrides: readonly TierOverride[], at: Date): TierOverride | undefined {
  if (overrides.length === 0) return undefined;
  const holding = overrides.filter(({ from, to }) => from <= at && at < to);
  return holding.reduce<TierOverride | undefined>(
    (latest, one) => (latest && latest.id > one.id ? latest : one),
    undefined,
  );
}

/** The best level of the days of grace, the day itself included. */
function levelOn(scheme: TierScheme, question: TierQuestion, day: Day): number {
  if (scheme.graceDays === 0) return baseLevel(scheme, question, day);
  const since = plusDays(day, -scheme.graceDays);
  const days = [since, ...lossDays(scheme, question, { since, day }), day];
  return Math.max(...days.map((one) => baseLevel(scheme, question, one)));
}

/** In a span without gains, the best day is the one before something is lost. */
function lossDays(scheme: TierScheme, { qualifying }: TierQuestion, { since, day }: { since: Day; day: Day }): Day[] {
  const { window } = scheme;
  if ('calendar' in window) {
    const starts = periodStarts({ since, until: day }, window.calendar.months);
    return starts.filter((lost) => lost > since).map((lost) => plusDays(lost, -1));
  }
  const days: Day[] = [];
  for (const earned of qualifying.keys()) {
    const lost = plusMonths(earned, window.rolling.months);
    if (lost > since && lost <= day) days.push(plusDays(lost, -1));
  }
  return days;
}

function baseLevel(scheme: TierScheme, question: TierQuestion, day: Day): number {
  const { window } = scheme;
  const level = levelOf(scheme, question.terms, sumOn(scheme, question.qualifying, day));
  if (!('calendar' in window) || !scheme.keepsThroughNextPeriod) return level;
  const before = plusDays(periodStart(day, window.calendar.months), -1);
  return Math.max(level, levelOf(scheme, question.terms, sumOn(scheme, question.qualifying, before)));
}

/** The first days of all periods in which a span of days lies, both ends included. */
function periodStarts({ since, until }: { since: Day; until: Day }, months: number): Day[] {
  const starts: Day[] = [];
  for (let start = periodStart(since, months); start <= until; start = plusMonths(start, months)) starts.push(start);
  return starts;
}

/** What counts at the end of a day, or so far. */
function sumOn({ window }: TierScheme, qualifying: Qualifying, day: Day): bigint {
  let sum = 0n;
  if ('calendar' in window) {
    const start = periodStart(day, window.calendar.months);
    for (const [earned, amount] of qualifying) if (earned >= start && earned <= day) sum += amount;
    return sum;
  }
  for (const [earned, amount] of qualifying) {
    if (earned <= day && plusMonths(earned, window.rolling.months) > day) sum += amount;
  }
  return sum;
}

function levelOf(scheme: TierScheme, terms: Terms, sum: bigint): number {
  return Math.max(
    thresholdsOf(terms, scheme).findLastIndex((threshold) => sum >= threshold),
    0,
  );
}

const thresholds = new WeakMap<Terms, readonly bigint[]>();

/** Of the tiers of these terms, in their order. */
function thresholdsOf(terms: Terms, scheme: TierScheme): readonly bigint[] {
  const known = thresholds.get(terms);
  if (known) return known;
  const found = scheme.tiers.map(({ threshold }) => thresholdOf(terms, threshold, scheme));
  thresholds.set(terms, found);
  return found;
}

/** In what is counted: spend in minor units. A threshold between two whole numbers is the upper one. */
function thresholdOf(terms: Terms, threshold: TierScheme['tiers'][number]['threshold'], scheme: TierScheme): bigint {
  const wanted = scaled(terms.setting(threshold)) * minorUnits(scheme);
  return (wanted + unit - 1n) / unit;
}

function minorUnits({ basis }: TierScheme): bigint {
  return 'spend' in basis ? 10n ** BigInt(currencyExponent(basis.spend.currency) ?? 2) : 1n;
}

/** Days from which on the level can be another one though nothing happens, as seen from a day. */
function turningDays(scheme: TierScheme, question: TierQuestion, today: Day): Day[] {
  const { window, graceDays } = scheme;
  // Clocks of tills that are ahead: what was bought tomorrow counts from tomorrow on.
  const gains = [...question.qualifying.keys()].filter((day) => day > today);
  const losses = 'rolling' in window ? rollingLosses(scheme, question, today) : periodEnds(scheme, question, today);
  return [...gains, ...losses.map((day) => plusDays(day, graceDays))];
}

/** The days on which something ceases to count: those of the days of grace, and later ones that cost a level. */
function rollingLosses(scheme: TierScheme, { terms, qualifying }: TierQuestion, today: Day): Day[] {
  if (!('rolling' in scheme.window)) return [];
  const { months } = scheme.window.rolling;
  const since = plusDays(today, -scheme.graceDays);
  const past: Day[] = [];
  const turns = new Map<Day, bigint>();
  let sum = 0n;
  for (const [earned, amount] of qualifying) {
    const end = plusMonths(earned, months);
    if (end <= since) continue;
    if (end <= today) past.push(end);
    else {
      if (earned <= today) sum += amount;
      else turns.set(earned, (turns.get(earned) ?? 0n) + amount);
      turns.set(end, (turns.get(end) ?? 0n) - amount);
    }
  }
  const later = [...turns.keys()].sort().filter((day) => {
    const before = sum;
    sum += turns.get(day)!;
    return sum < before && levelOf(scheme, terms, sum) < levelOf(scheme, terms, before);
  });
  return [...past, ...later];
}

/** Beginnings of periods, from the days of grace on until all that is known counts no longer. */
function periodEnds({ window, graceDays }: TierScheme, { qualifying }: TierQuestion, today: Day): Day[] {
  if (!('calendar' in window)) return [];
  const { months } = window.calendar;
  let last = today;
  for (const earned of qualifying.keys()) if (earned > last) last = earned;
  return periodStarts({ since: plusDays(today, -graceDays), until: plusMonths(last, 2 * months) }, months);
}
