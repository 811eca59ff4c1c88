import type { LifecycleCause, LifecycleStage } from './stage.ts';

type Ways = Partial<Record<LifecycleStage, readonly LifecycleCause[]>>;

const downwards: Ways = {
  AT_RISK: ['CASE', 'OVERDUE', 'RISK'],
  DORMANT: ['LONG_OVERDUE'],
  LOST: ['PROBABILITY_ALIVE', 'LONG_SILENT', 'CONTRACT_ENDED', 'EXIT'],
  PROSPECT: ['RETURN'],
};

/**
 * Every transition that there is, by where it leads from and to, and what may cause it. Others are refused. DORMANT, LOST and
 * AT_RISK are left by what the customer does, never because a number has fallen below its threshold again: nobody flaps.
 */
export const transitionTable: Readonly<Record<LifecycleStage, Ways>> = {
  ANONYMOUS: {
    PROSPECT: ['IDENTIFIED'],
    NEW: ['IDENTIFIED'],
    ACTIVE: ['IDENTIFIED'],
    LOYAL: ['IDENTIFIED'],
    ADVOCATE: ['IDENTIFIED'],
  },
  PROSPECT: { NEW: ['ORDER'], ARCHIVED: ['SILENT'] },
  ARCHIVED: { PROSPECT: ['TOUCH'], NEW: ['ORDER'] },
  NEW: { ...downwards, ACTIVE: ['ORDER'], LOYAL: ['ORDER'], ADVOCATE: ['ORDER'] },
  ACTIVE: { ...downwards, NEW: ['RETURN'], LOYAL: ['SCORES', 'TIER'], ADVOCATE: ['SCORES', 'TIER'] },
  LOYAL: { ...downwards, NEW: ['RETURN'], ACTIVE: ['SCORES'], ADVOCATE: ['ADVOCACY'] },
  ADVOCATE: { ...downwards, NEW: ['RETURN'], ACTIVE: ['SCORES'], LOYAL: ['ADVOCACY_ENDED'] },
  AT_RISK: {
    DORMANT: ['LONG_OVERDUE'],
    LOST: downwards.LOST!,
    PROSPECT: ['RETURN'],
    NEW: ['CONTRACT', 'CASE_CLOSED', 'RISK_FELL'],
    ACTIVE: ['ORDER', 'CONTRACT', 'CASE_CLOSED', 'RISK_FELL'],
    LOYAL: ['ORDER', 'CONTRACT', 'CASE_CLOSED', 'RISK_FELL'],
    ADVOCATE: ['ORDER', 'CONTRACT', 'CASE_CLOSED', 'RISK_FELL'],
  },
  DORMANT: { REACTIVATED: ['ORDER', 'CONTRACT'], LOST: downwards.LOST!, PROSPECT: ['RETURN'] },
  LOST: { WON_BACK: ['ORDER', 'CONTRACT'], PROSPECT: ['RETURN'] },
  REACTIVATED: { ...downwards, ACTIVE: ['ORDER'], LOYAL: ['ORDER'], ADVOCATE: ['ORDER'] },
  WON_BACK: { ...downwards, ACTIVE: ['ORDER'], LOYAL: ['ORDER'], ADVOCATE: ['ORDER'] },
};

/** A life cycle begins in ANONYMOUS or PROSPECT. */
export function isTransition(from: LifecycleStage | null, to: LifecycleStage, cause: LifecycleCause): boolean {
  if (from === null) return cause === 'FIRST_TOUCH' && (to === 'ANONYMOUS' || to === 'PROSPECT');
  return transitionTable[from][to]?.includes(cause) ?? false;
}
