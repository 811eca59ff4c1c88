import { type Calendar, plusDays } from '../earning/calendar.ts';

export const referralStatuses = ['OPEN', 'QUALIFIED', 'REWARDED', 'REFUSED'] as const;
export type ReferralStatus = (typeof referralStatuses)[number];

/** Why a referral earns nothing. */
export const referralRefusals = ['SELF', 'LOOP', 'REFERRED_BEFORE', 'RETURNED', 'NO_BONUS'] as const;
export type ReferralRefusal = (typeof referralRefusals)[number];

/** What the friend has bought by now, net of returns. */
export interface Purchases {
  readonly firstOrderAt: Date | null;
  /** In some currency more than nothing is left. */
  readonly isLeft: boolean;
}

export interface ReferralQuestion {
  readonly createdAt: Date;
  /** By now both are one customer. */
  readonly isSelf: boolean;
  readonly purchases: Purchases;
  /** Days of the organisation's calendar for which a purchase must not be returned. */
  readonly delayDays: number;
  readonly calendar: Calendar;
}

export type ReferralVerdict =
  | { readonly status: 'OPEN' | 'QUALIFIED'; readonly dueAt: Date }
  | { readonly status: 'REFUSED'; readonly why: ReferralRefusal }
  | { readonly status: 'REWARDED' };

const shortestWait = 10 * 60_000;

/** Where a referral stands: the same, however often and whenever it is asked. */
export function judgeReferral(question: ReferralQuestion, now: Date): ReferralVerdict {
  const { isSelf, purchases, delayDays, calendar, createdAt } = question;
  if (isSelf) return { status: 'REFUSED', why: 'SELF' };
  if (purchases.firstOrderAt === null) return { status: 'OPEN', dueAt: nextLook(createdAt, now) };
  if (!purchases.isLeft) return { status: 'REFUSED', why: 'RETURNED' };
  const dueAt =
    delayDays === 0
      ? purchases.firstOrderAt
      : calendar.startOf(plusDays(calendar.dayOf(purchases.firstOrderAt), delayDays));
  return dueAt <= now ? { status: 'REWARDED' } : { status: 'QUALIFIED', dueAt };
}

/** Ever more rarely: of a friend who has not bought for a year, a month does not matter. */
function nextLook(createdAt: Date, now: Date): Date {
  const age = now.getTime() - createdAt.getTime();
  return new Date(now.getTime() + Math.max(shortestWait, Math.floor(age / 10)));
}
