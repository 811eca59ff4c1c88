import { logistic } from '../clv/special-functions.ts';
import type { ActiveModel } from '../models/kpi-model.ts';
import type { LifecycleSettings } from '../settings/kpi-settings.ts';
import { baseLogOdds } from './churn-risk.ts';
import type { OrdersSoFar } from './orders-so-far.ts';

/** A customer's orders, reduced to what silence is measured by. Days are numbers. */
export interface Silence {
  readonly firstDay: number;
  /** Of the last order. */
  readonly lastDay: number;
  readonly repeats: number;
  readonly recencyDays: number;
  /** Silent for more days than these. */
  readonly overdueDays: number;
  readonly dormantDays: number;
  /** Whether these are from their own gaps, or the levers. */
  readonly ownGaps: boolean;
}

export function silenceOf(orders: OrdersSoFar, levers: LifecycleSettings): Silence {
  const { days, gaps, lastDay } = orders;
  const firstDay = days[0] ?? lastDay;
  const ownGaps = gaps.length >= Math.max(levers.ownGaps, 1);
  const overdueDays = ownGaps ? orders.quantileOfGaps(0.8) : levers.overdueDays;
  const dormantDays = ownGaps ? orders.quantileOfGaps(0.95) : levers.dormantDays;
  return {
    firstDay,
    lastDay,
    repeats: Math.max(days.length - 1, 0),
    recencyDays: (days.at(-1) ?? firstDay) - firstDay,
    overdueDays,
    dormantDays,
    ownGaps,
  };
}

/** The first day on which somebody has been silent for more days than that. */
export function dayAfter(lastDay: number, days: number): number {
  return lastDay + Math.floor(days) + 1;
}

export type LostTerms = Pick<LifecycleSettings, 'lostProbability' | 'lostDays'>;

/** By the model where it can say, else by the lever. Never on the day of an order. `base`: the model's log odds on that day. */
export function isLostBy(base: number | null, day: number, { lastDay }: Silence, terms: LostTerms): boolean {
  if (day <= lastDay) return false;
  return base === null ? day - lastDay > terms.lostDays : logistic(-base) < terms.lostProbability;
}

/** The model's log odds of having left. */
export function baseOn(day: number, { repeats, recencyDays, firstDay }: Silence, model: ActiveModel | null) {
  return baseLogOdds(repeats, recencyDays, Math.max(day - firstDay, recencyDays), model);
}

export function isLostOn(day: number, silence: Silence, model: ActiveModel | null, terms: LostTerms): boolean {
  return isLostBy(baseOn(day, silence, model), day, silence, terms);
}

/**
 * The first day of those for which {@link isLostBy} holds; ∞: there is none. From the closed form of P(alive) = θ,
 * T* = (α + t_x)·((b + x − 1)/a · (1/θ − 1))^(1/(r + x)) − α, and then by the very comparison, so that no rounding parts them.
 */
export function lostDay(silence: Silence, model: ActiveModel | null, terms: LostTerms): number {
  const { firstDay, lastDay, repeats } = silence;
  if (baseOn(lastDay, silence, model) === null) return dayAfter(lastDay, terms.lostDays);
  const guess = repeats > 0 ? guessByModel(silence, model!, terms) : guessBySurvival(model!, terms);
  // A threshold of 0 is never crossed, and some are further away than any customer lives.
  if (!(guess < longestLife)) return Number.POSITIVE_INFINITY;
  let day = Math.max(firstDay + guess, lastDay + 1);
  while (day > lastDay + 1 && isLostOn(day - 1, silence, model, terms)) day -= 1;
  for (let tries = 0; !isLostOn(day, silence, model, terms); tries += 1) {
    if (tries > mostTries) return Number.POSITIVE_INFINITY;
    day += 1;
  }
  return day;
}

/** 300 years. */
const longestLife = 110_000;
const mostTries = 10;

function guessByModel({ recencyDays, repeats }: Silence, { bgNbd }: ActiveModel, { lostProbability }: LostTerms) {
  const { r, alpha, a, b } = bgNbd;
  const odds = ((b + repeats - 1) / a) * (1 / lostProbability - 1);
  return Math.floor((alpha + recencyDays) * odds ** (1 / (r + repeats)) - alpha) + 1;
}

/** The first step from which on S(∞)/S(t) is above 1 − θ. */
function guessBySurvival({ secondOrder }: ActiveModel, { lostProbability }: LostTerms): number {
  const { days, survival } = secondOrder;
  const highest = survival.at(-1)! / (1 - lostProbability);
  let [from, to] = [0, days.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (survival[middle]! < highest) to = middle;
    else from = middle + 1;
  }
  return days[from] ?? Number.POSITIVE_INFINITY;
}
