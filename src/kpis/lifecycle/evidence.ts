import type { JsonObject } from '../../kernel/json.ts';
import { logistic } from '../clv/special-functions.ts';
import type { Instant, Person } from './person.ts';
import type { LifecycleCause } from './stage.ts';

/** Causes that levers have a part in. */
const byLevers: ReadonlySet<LifecycleCause> = new Set<LifecycleCause>([
  ...(['SILENT', 'OVERDUE', 'LONG_OVERDUE', 'LONG_SILENT', 'PROBABILITY_ALIVE'] as const),
  ...(['RISK', 'RISK_FELL', 'SCORES', 'TIER', 'ADVOCACY_ENDED'] as const),
]);

/** The numbers that a transition follows from; and `levers`, where those of a group of customers counted. */
export function evidenceOf(cause: LifecycleCause, person: Person, instant: Instant): JsonObject {
  const numbers = numbersOf(cause, person, instant);
  const { group } = person.settings;
  return group === undefined || !byLevers.has(cause) ? numbers : { ...numbers, levers: group };
}

function numbersOf(cause: LifecycleCause, person: Person, { at, day }: Instant): JsonObject {
  const { orders, signals, loyalty, model, silence, settings } = person;
  switch (cause) {
    case 'IDENTIFIED':
    case 'ORDER':
    case 'RETURN':
      return { orders: orders.orders };
    case 'SILENT':
      return { limitDays: settings.settings.lifecycle.prospectDays };
    case 'OVERDUE':
    case 'LONG_OVERDUE': {
      const limit = cause === 'OVERDUE' ? silence!.overdueDays : silence!.dormantDays;
      return { silentDays: day - silence!.lastDay, limitDays: rounded(limit), ownGaps: silence!.ownGaps };
    }
    case 'LONG_SILENT':
      return { silentDays: day - silence!.lastDay, limitDays: settings.settings.lifecycle.lostDays };
    case 'PROBABILITY_ALIVE':
      return { probabilityAlive: rounded(logistic(-person.base(day)!)), modelVersion: model!.version };
    case 'RISK':
    case 'RISK_FELL': {
      const risk = person.risk({ at, day });
      return { risk: risk === null ? null : rounded(risk), modelVersion: model?.version ?? null };
    }
    case 'CASE':
    case 'CASE_CLOSED':
      return { caseId: signals.severeCase };
    case 'SCORES':
      return { recency: loyalty.scores?.recency ?? null, frequency: loyalty.scores?.frequency ?? null };
    case 'TIER':
      return { rank: loyalty.rank };
    default:
      return {};
  }
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
