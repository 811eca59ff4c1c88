import { logistic } from '../clv/special-functions.ts';
import type { ActiveModel } from '../models/kpi-model.ts';
import { lostAfterFirst } from '../models/second-order.ts';
import type { ChurnSettings } from '../settings/kpi-settings.ts';
import type { RiskBand } from './stage.ts';

/** What a customer's churn risk is made of, as of an instant. Days are whole days of the organisation's zone. */
export interface ChurnFacts {
  /** Purchase days after the first. */
  readonly repeats: number;
  /** From the first purchase day to the last. */
  readonly recencyDays: number;
  /** From the first purchase day to today. */
  readonly ageDays: number;
  /** From the last order to today. */
  readonly silentDays: number;
  /** After how many days without an order they are overdue: the q80 of their own gaps, or the lever. */
  readonly overdueDays: number;
  /** The latest NPS answer, 0 to 6, where it still counts; null: none, or no detractor. */
  readonly detractorScore: number | null;
  /** An open case that is severe or a complaint. */
  readonly openComplaint: boolean;
  /** When the last of their contracts ends; null: they have none, or one without end. */
  readonly contractEndsAt: Date | null;
  /** By which part they were here less often than usual, at the last scoring: 0 to 1. */
  readonly engagementFall: number;
  /** When they lose their tier if nothing happens, as of the last scoring; null: not soon. */
  readonly tierDropAt: Date | null;
}

export const churnFactors = [
  'BASE',
  'OVERDUE',
  'DETRACTOR',
  'COMPLAINT',
  'CONTRACT',
  'ENGAGEMENT',
  'TIER_DROP',
] as const;
export type ChurnFactor = (typeof churnFactors)[number];

export interface ChurnContribution {
  readonly factor: ChurnFactor;
  /** Added to the logarithm of the odds. That of BASE is where it starts. */
  readonly logOdds: number;
  /** By how much the risk would be lower without it; of BASE the risk by the model alone. */
  readonly effect: number;
}

export interface ChurnRisk {
  /** 0 to 1. */
  readonly risk: number;
  readonly band: RiskBand;
  /** BASE first; of the others, those that add something. */
  readonly contributions: readonly ChurnContribution[];
  readonly modelVersion: number;
}

type Model = Pick<ActiveModel, 'bgNbd' | 'secondOrder' | 'version'>;

/**
 * The risk that a customer never buys again. It starts with the model's, 1 − P(alive) after a repeat purchase; for one-time
 * buyers, of whom BG/NBD says that nobody has left, with S(∞)/S(t), where S is the Kaplan-Meier curve of the time to the
 * second order and S(∞) its last step: the part of those still waiting that will never be seen again. What else is known moves its
 * log odds. Null without a model, or where nobody has ever bought twice: no number instead of a guess.
 */
export function churnRisk(facts: ChurnFacts, model: Model | null, settings: ChurnSettings, at: Date): ChurnRisk | null {
  const base = baseLogOdds(facts.repeats, facts.recencyDays, facts.ageDays, model);
  if (base === null || model === null) return null;
  const logOdds = base + adjustment(facts, settings, at.getTime());
  const risk = logistic(logOdds);
  const further = adjustments(facts, settings, at.getTime())
    .filter(([, added]) => added !== 0)
    .map(([factor, added]) => ({ factor, logOdds: added, effect: risk - logistic(logOdds - added) }));
  return {
    ...{ risk, band: bandOf(risk, settings), modelVersion: model.version },
    contributions: [{ factor: 'BASE', logOdds: base, effect: logistic(base) }, ...further],
  };
}

/** The probability that they are still customers, by the model alone; null: it cannot say. */
export function probabilityAliveOf(
  { repeats, recencyDays, ageDays }: Pick<ChurnFacts, 'repeats' | 'recencyDays' | 'ageDays'>,
  model: Model | null,
): number | null {
  const base = baseLogOdds(repeats, recencyDays, ageDays, model);
  return base === null ? null : logistic(-base);
}

/** So that certainty has log odds, too. */
const nearlyCertain = 1e-6;

/** Of having left. Not an object: replays ask hundreds of times. */
export function baseLogOdds(repeats: number, recencyDays: number, ageDays: number, model: Model | null): number | null {
  if (model === null) return null;
  if (repeats > 0) {
    const { r, alpha, a, b } = model.bgNbd;
    return Math.log(a / (b + repeats - 1)) + (r + repeats) * Math.log((alpha + ageDays) / (alpha + recencyDays));
  }
  if (model.secondOrder.days.length === 0) return null;
  const lost = lostAfterFirst(model.secondOrder, ageDays);
  const inside = Math.min(Math.max(lost, nearlyCertain), 1 - nearlyCertain);
  return Math.log(inside / (1 - inside));
}

/** What is added to the model's log odds. `at`: milliseconds. */
export function adjustment(facts: ChurnFacts, settings: ChurnSettings, at: number): number {
  return (
    overduePart(facts, settings) +
    detractorPart(facts, settings) +
    complaintPart(facts, settings) +
    contractPart(facts, settings, at) +
    engagementPart(facts, settings) +
    tierDropPart(facts, settings, at)
  );
}

function adjustments(facts: ChurnFacts, settings: ChurnSettings, at: number): readonly [ChurnFactor, number][] {
  return [
    ['OVERDUE', overduePart(facts, settings)],
    ['DETRACTOR', detractorPart(facts, settings)],
    ['COMPLAINT', complaintPart(facts, settings)],
    ['CONTRACT', contractPart(facts, settings, at)],
    ['ENGAGEMENT', engagementPart(facts, settings)],
    ['TIER_DROP', tierDropPart(facts, settings, at)],
  ];
}

/** The odds are multiplied by how many times as long as usual they have been silent, to the power of the weight. */
function overduePart({ silentDays, overdueDays }: ChurnFacts, { overdueWeight }: ChurnSettings): number {
  return silentDays > overdueDays ? overdueWeight * Math.log(silentDays / Math.max(overdueDays, 1)) : 0;
}

/** All of the weight for 0, a seventh of it for 6. */
function detractorPart({ detractorScore }: ChurnFacts, { detractorWeight }: ChurnSettings): number {
  return detractorScore === null ? 0 : (detractorWeight * (7 - detractorScore)) / 7;
}

function complaintPart({ openComplaint }: ChurnFacts, { complaintWeight }: ChurnSettings): number {
  return openComplaint ? complaintWeight : 0;
}

function contractPart(
  { contractEndsAt }: ChurnFacts,
  { contractWeight, contractDays }: ChurnSettings,
  at: number,
): number {
  return isSoon(contractEndsAt, contractDays, at) ? contractWeight : 0;
}

function engagementPart({ engagementFall }: ChurnFacts, { engagementWeight }: ChurnSettings): number {
  return engagementWeight * engagementFall;
}

function tierDropPart({ tierDropAt }: ChurnFacts, { tierDropWeight, tierDropDays }: ChurnSettings, at: number): number {
  return isSoon(tierDropAt, tierDropDays, at) ? tierDropWeight : 0;
}

function isSoon(instant: Date | null, days: number, at: number): boolean {
  if (instant === null) return false;
  const left = instant.getTime() - at;
  return left > 0 && left <= days * 86_400_000;
}

export function bandOf(risk: number, { elevated, high }: Pick<ChurnSettings, 'elevated' | 'high'>): RiskBand {
  if (risk >= high) return 'HIGH';
  return risk >= elevated ? 'ELEVATED' : 'LOW';
}
