import { badInput } from '../../kernel/errors.ts';

/** How a membership came about: somebody said so, or the rule for households did. */
export const membershipOrigins = ['HAND', 'RULE'] as const;
export type MembershipOrigin = (typeof membershipOrigins)[number];

/** Half-open: `from` belongs to it, `to` does not. A null end is open. */
export interface Period {
  readonly from: Date;
  readonly to: Date | null;
}

/** The two kinds of groups, each with tables and ids of its own. */
export type GroupKind = 'household' | 'account';

/** Throws `BAD_USER_INPUT` for a role that is no word in capitals. Which words there are is for the organisation. */
export function checkRole(role: string, field = 'input.role'): string {
  if (/^[A-Z][A-Z0-9_]{0,39}$/.test(role)) return role;
  throw badInput(
    `Expected a role such as HEAD or DECISION_MAKER (capitals, digits and _, up to 40), got ${quoted(role)}.`,
    field,
  );
}

/** The period that was given, from now on where no beginning was. Throws `BAD_USER_INPUT` for one that ends first. */
export function checkPeriod(from: Date | null | undefined, to: Date | null | undefined, now: Date): Period {
  const period = { from: from ?? now, to: to ?? null };
  if (period.to !== null && period.to <= period.from) {
    throw badInput('Expected `validTo` after `validFrom`: the end does not belong to the period.', 'input.validTo');
  }
  return period;
}

export function isWithin({ from, to }: Period, instant: Date): boolean {
  return from <= instant && (to === null || to > instant);
}

/** Text that is to be kept: trimmed, not blank, not endless. */
export function checkText(text: string, field: string, most = 200): string {
  const trimmed = text.trim();
  if (trimmed !== '' && trimmed.length <= most) return trimmed;
  throw badInput(`Expected text of 1 to ${most} characters, got ${trimmed.length}.`, field);
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
