import type { Condition, Leaf, Leaves } from '../conditions/condition.ts';
import { type Duration, durationMs } from '../conditions/duration.ts';
import type { PeriodUnit, Window } from '../conditions/window.ts';

/** How far back the touchpoints go that a condition looks at: none, those of a few months, or all. */
export type Reach = 'NONE' | 'SHORT' | 'LONG';

/** As long as a quarter and some days: a handful of partitions. */
const shortDays = 100;

export function reachOf(condition: Condition): Reach {
  const days = daysOf(condition);
  if (days === 0) return 'NONE';
  return days <= shortDays ? 'SHORT' : 'LONG';
}

function daysOf(condition: Condition): number {
  if ('all' in condition) return Math.max(...condition.all.map(daysOf));
  if ('any' in condition) return Math.max(...condition.any.map(daysOf));
  if ('not' in condition) return daysOf(condition.not);
  if ('members' in condition) return daysOf(condition.members.condition);
  return daysOfLeaf(condition);
}

const all = Number.POSITIVE_INFINITY;

function daysOfLeaf(leaf: Exclude<Leaf, { members: unknown }>): number {
  if ('first' in leaf || 'stopped' in leaf || 'traitHeld' in leaf) return all;
  if ('restarted' in leaf) return inDays(leaf.restarted.pause) + inDays(leaf.restarted.within);
  if ('regular' in leaf) return leaf.regular.periods * unitDays[leaf.regular.unit];
  const [spec] = Object.values(leaf) as Leaves[keyof Leaves][];
  return typeof spec === 'object' && 'window' in spec ? daysOfWindow(spec.window) : 0;
}

const unitDays: Readonly<Record<PeriodUnit, number>> = { DAY: 1, WEEK: 7, MONTH: 31, QUARTER: 92, YEAR: 366 };

function daysOfWindow(window: Window): number {
  if ('last' in window) return inDays(window.last);
  if ('between' in window) return inDays(window.between.from);
  if ('lastCalendar' in window) return window.lastCalendar.count * unitDays[window.lastCalendar.unit];
  if ('period' in window) return (window.period.ago + 1) * unitDays[window.period.unit];
  return all;
}

function inDays(duration: Duration): number {
  return durationMs(duration) / 86_400_000;
}
