import type { Condition, Leaf, Leaves } from '../conditions/condition.ts';
import { type Duration, durationMs } from '../conditions/duration.ts';
import { asksWhether } from '../conditions/event-leaf.ts';
import type { PeriodUnit, Window } from '../conditions/window.ts';

/**
 * How far back the touchpoints go that a condition looks at: none, those of a few months, those and whether there ever was
 * one, or all.
 */
export type Reach = 'NONE' | 'SHORT' | 'EVER' | 'LONG';

/** As long as a quarter and some days: a handful of partitions. */
const shortDays = 100;

export function reachOf(condition: Condition): Reach {
  const leaves = leavesOf(condition);
  const days = Math.max(...leaves.map(daysOfLeaf));
  if (days > shortDays) return 'LONG';
  if (leaves.some((leaf) => 'stopped' in leaf || isWhether(leaf))) return 'EVER';
  return days === 0 ? 'NONE' : 'SHORT';
}

type OwnLeaf = Exclude<Leaf, { members: unknown }>;

function leavesOf(condition: Condition): OwnLeaf[] {
  if ('all' in condition) return condition.all.flatMap(leavesOf);
  if ('any' in condition) return condition.any.flatMap(leavesOf);
  if ('not' in condition) return leavesOf(condition.not);
  return 'members' in condition ? leavesOf(condition.members.condition) : [condition];
}

function isWhether(leaf: OwnLeaf): boolean {
  if ('message' in leaf) return asksWhether(leaf.message) !== undefined;
  return 'event' in leaf && asksWhether(leaf.event) !== undefined;
}

const all = Number.POSITIVE_INFINITY;

function daysOfLeaf(leaf: OwnLeaf): number {
  if ('first' in leaf || 'traitHeld' in leaf) return all;
  if ('stopped' in leaf) return inDays(leaf.stopped.none);
  if (isWhether(leaf)) return 0;
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
