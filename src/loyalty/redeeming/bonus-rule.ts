import { type Calendar, plusDays } from '../earning/calendar.ts';
import { expiryOf } from '../earning/earned.ts';
import { round, scaled, unit } from '../earning/fraction.ts';
import { type LotTerms, lotId } from '../ledger/lot.ts';
import type { OccasionType } from '../occasion.ts';
import type { EarningRule } from '../program.ts';
import { isEarning, type Terms } from '../terms.ts';

/** What a rule grants on an occasion. */
export interface Gift {
  readonly rule: EarningRule;
  readonly points: bigint;
  readonly version: number;
  /** What the rule may grant in all; null: no end. */
  readonly budget: bigint | null;
}

/**
 * What the programme gives on an occasion: by the first rule that matches nothing but it and has not to be asked who is
 * eligible, which only touchpoints can.
 */
export function giftAt(terms: Terms, occasion: OccasionType, at: Date): Gift | undefined {
  if (!isEarning(terms.phase)) return undefined;
  const rule = terms.definition.rules.find((one) => isFor(one, occasion) && isValid(one, at));
  if (!rule || !('event' in rule.earns)) return undefined;
  const points = wholeOf(terms.setting(rule.earns.event.points), rule.rounding);
  const budget = rule.budget === null ? null : wholeOf(terms.setting(rule.budget), 'DOWN');
  return points > 0n ? { rule, points, version: terms.version, budget } : undefined;
}

function isFor({ match, earns, eligibility }: EarningRule, occasion: OccasionType): boolean {
  return 'event' in earns && eligibility === null && match.types?.length === 1 && match.types[0] === occasion;
}

function isValid({ validFrom, validTo }: EarningRule, at: Date): boolean {
  const now = at.getTime();
  return (validFrom === null || Date.parse(validFrom) <= now) && (validTo === null || now < Date.parse(validTo));
}

function wholeOf(decimal: string, rounding: EarningRule['rounding']): bigint {
  const numerator = scaled(decimal);
  return numerator <= 0n ? 0n : round({ numerator, denominator: unit }, rounding);
}

/** Points that a decision gives. */
export interface Given {
  readonly recordId: string;
  readonly programId: string;
  readonly wallet: string;
  readonly decisionId: string;
  readonly points: bigint;
  readonly earnedAt: Date;
  readonly availableAt: Date;
  readonly expiresAt: Date | null;
  readonly version: number | null;
  /** Key of the rule that said so. */
  readonly rule?: string | null;
}

export function decisionLot({ decisionId: sourceId, points, rule = null, ...given }: Given): LotTerms {
  return {
    ...given,
    id: lotId({ ...given, sourceId }),
    source: 'DECISION',
    sourceId,
    grants: [{ rule, line: null, points }],
    granted: points,
  };
}

/** When the points of a gift can be spent, and until when. */
export function timesOf(
  { rule: { pendingDays, expiry } }: Gift,
  { at, calendar, pending = true }: { at: Date; calendar: Calendar; pending?: boolean },
): Pick<LotTerms, 'earnedAt' | 'availableAt' | 'expiresAt'> {
  const waits = pending && pendingDays > 0;
  return {
    earnedAt: at,
    availableAt: waits ? calendar.startOf(plusDays(calendar.dayOf(at), pendingDays)) : at,
    expiresAt: expiry && expiryOf(expiry, at, calendar),
  };
}
