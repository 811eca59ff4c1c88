import type { EntryKind } from '../ledger/bucket.ts';

/** What somebody decided about points. */
export const decisionKinds = [
  'REDEMPTION',
  'REWARD',
  'RESERVATION',
  'ADJUSTMENT',
  'BONUS',
  'TRANSFER',
  'WELCOME',
  'BIRTHDAY',
  'REFERRAL',
  'VOUCHER',
] as const;
export type DecisionKind = (typeof decisionKinds)[number];

export const decisionStatuses = ['DONE', 'RESERVED', 'RELEASED', 'REVERSED'] as const;
export type DecisionStatus = (typeof decisionStatuses)[number];

/** A decision as it is stored. */
export interface Decision {
  readonly programId: string;
  readonly id: string;
  readonly kind: DecisionKind;
  readonly status: DecisionStatus;
  /** When it took place: of a till that was offline, before it was recorded. */
  readonly at: Date;
  readonly recordedAt: Date;
  /** Of the member that it is about: their primary record at the time. */
  readonly recordId: string;
  /** In all. Negative: a correction downwards. */
  readonly points: bigint;
  readonly wallet: string | null;
  /** Reward, voucher, the other side of a transfer, the friend who was referred. */
  readonly subjectId: string | null;
  /** Of a reservation. */
  readonly expiresAt: Date | null;
  readonly actor: string;
  readonly reason: string | null;
  readonly fingerprint: string;
}

/** As it is at an instant: a reservation whose time is up is released, whether or not the clock has seen to it. */
export function asOf(decision: Decision, now: Date): Decision {
  const { status, expiresAt } = decision;
  return status === 'RESERVED' && expiresAt !== null && expiresAt <= now
    ? { ...decision, status: 'RELEASED' }
    : decision;
}

/** How the ledger calls what a decision moves. */
export const entryKindOf: Readonly<Record<DecisionKind, EntryKind>> = {
  REDEMPTION: 'REDEEMED',
  REWARD: 'REDEEMED',
  RESERVATION: 'RESERVED',
  ADJUSTMENT: 'ADJUSTED',
  BONUS: 'BONUS',
  TRANSFER: 'TRANSFERRED',
  WELCOME: 'BONUS',
  BIRTHDAY: 'BONUS',
  REFERRAL: 'BONUS',
  VOUCHER: 'BONUS',
};

/** As the audit log calls it. */
export const auditActionOf: Readonly<Record<DecisionKind, string>> = {
  REDEMPTION: 'loyalty.points_redeemed',
  REWARD: 'loyalty.reward_redeemed',
  RESERVATION: 'loyalty.points_reserved',
  ADJUSTMENT: 'loyalty.points_adjusted',
  BONUS: 'loyalty.bonus_granted',
  TRANSFER: 'loyalty.points_transferred',
  WELCOME: 'loyalty.bonus_granted',
  BIRTHDAY: 'loyalty.bonus_granted',
  REFERRAL: 'loyalty.bonus_granted',
  VOUCHER: 'loyalty.bonus_granted',
};
