import type { LifecycleCause, LifecycleStage } from './stage.ts';

/** All that the next stage depends on, at one instant. */
export interface Standing {
  /** Null: before the first touch. */
  readonly stage: LifecycleStage | null;
  readonly identified: boolean;
  /** Orders of which something was kept so far. */
  readonly orders: number;
  /** What this instant brought: one event, or none when only time has passed. */
  readonly trigger: LifecycleCause | null;
  /** A prospect has been silent for too long. */
  readonly silent: boolean;
  /** Why they are lost, if they are. */
  readonly lost: LifecycleCause | null;
  readonly longOverdue: boolean;
  /** Why they are at risk, if they are. */
  readonly atRisk: LifecycleCause | null;
  /** An order or a contract since they are in this stage. */
  readonly returnedSince: boolean;
  /** Orders when they came into this stage. */
  readonly ordersAtEntry: number;
  /** What makes them loyal; null: nothing does. */
  readonly loyalBy: 'SCORES' | 'TIER' | null;
  /** Somebody whom they were recommended to knows, or they said so. */
  readonly advocates: boolean;
}

export interface Move {
  readonly to: LifecycleStage;
  readonly cause: LifecycleCause;
}

/** Orders after the one that brought somebody back, until they are as others. */
const ordersToStay = { REACTIVATED: 1, WON_BACK: 2 };

/** Where a customer goes at this instant; null: nowhere. Asked again after each move, until it says so. */
export function nextStage(standing: Standing): Move | null {
  const { stage, identified, orders } = standing;
  if (stage === null) return { to: identified ? 'PROSPECT' : 'ANONYMOUS', cause: 'FIRST_TOUCH' };
  if (!identified) return null;
  if (orders === 0) return withoutOrders(standing, stage);
  if (stage === 'ANONYMOUS') return { to: healthy(standing), cause: 'IDENTIFIED' };
  if (stage === 'PROSPECT' || stage === 'ARCHIVED') return { to: 'NEW', cause: 'ORDER' };
  return downwards(standing, stage) ?? upwards(standing, stage);
}

function withoutOrders({ trigger, silent }: Standing, stage: LifecycleStage): Move | null {
  switch (stage) {
    case 'ANONYMOUS':
      return { to: 'PROSPECT', cause: 'IDENTIFIED' };
    case 'PROSPECT':
      return silent ? { to: 'ARCHIVED', cause: 'SILENT' } : null;
    case 'ARCHIVED':
      return trigger === 'TOUCH' && !silent ? { to: 'PROSPECT', cause: 'TOUCH' } : null;
    default:
      return { to: 'PROSPECT', cause: 'RETURN' };
  }
}

/** The worst of what holds, unless they are there already. */
function downwards({ lost, longOverdue, atRisk }: Standing, stage: LifecycleStage): Move | null {
  if (stage === 'LOST') return null;
  if (lost) return { to: 'LOST', cause: lost };
  if (stage === 'DORMANT') return null;
  if (longOverdue) return { to: 'DORMANT', cause: 'LONG_OVERDUE' };
  if (stage === 'AT_RISK') return null;
  return atRisk ? { to: 'AT_RISK', cause: atRisk } : null;
}

function upwards(standing: Standing, stage: LifecycleStage): Move | null {
  const { trigger, orders, ordersAtEntry } = standing;
  const isBack = trigger === 'ORDER' || trigger === 'CONTRACT';
  switch (stage) {
    case 'LOST':
      return isBack && !standing.lost ? { to: 'WON_BACK', cause: trigger } : null;
    case 'DORMANT':
      return isBack && !standing.longOverdue ? { to: 'REACTIVATED', cause: trigger } : null;
    case 'AT_RISK':
      return standing.returnedSince && !standing.atRisk ? { to: healthy(standing), cause: reliefBy(trigger) } : null;
    case 'REACTIVATED':
    case 'WON_BACK':
      return trigger === 'ORDER' && orders >= Math.max(ordersAtEntry, 1) + ordersToStay[stage]
        ? { to: healthy(standing), cause: 'ORDER' }
        : null;
    default:
      return sideways(standing, stage);
  }
}

function reliefBy(trigger: LifecycleCause | null): LifecycleCause {
  return trigger === 'ORDER' || trigger === 'CONTRACT' || trigger === 'CASE_CLOSED' ? trigger : 'RISK_FELL';
}

/** Among those with whom all is well. */
function sideways(standing: Standing, stage: LifecycleStage): Move | null {
  const to = healthy(standing);
  if (to === stage) return null;
  if (to === 'NEW') return { to, cause: 'RETURN' };
  if (stage === 'NEW') return { to, cause: 'ORDER' };
  if (stage === 'ACTIVE') return { to, cause: standing.loyalBy ?? 'SCORES' };
  if (to === 'ACTIVE') return { to, cause: 'SCORES' };
  return { to, cause: to === 'ADVOCATE' ? 'ADVOCACY' : 'ADVOCACY_ENDED' };
}

function healthy({ orders, loyalBy, advocates }: Standing): 'NEW' | 'ACTIVE' | 'LOYAL' | 'ADVOCATE' {
  if (orders < 2) return 'NEW';
  if (!loyalBy) return 'ACTIVE';
  return advocates ? 'ADVOCATE' : 'LOYAL';
}
