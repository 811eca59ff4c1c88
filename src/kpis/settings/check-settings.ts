import { badInput } from '../../kernel/errors.ts';
import type { KpiSettings, RfmSegment, RfmSettings, ScoreRange } from './kpi-settings.ts';
import {
  type Bounds,
  boundsText,
  collaborativeBounds,
  keyPattern,
  leverBounds,
  longestName,
  mostGroups,
  mostRfmSegments,
  scoreBounds,
} from './lever-bounds.ts';

/** Throws `BAD_USER_INPUT` with the path of what cannot be, such as `input.lifecycle.lostDays`. */
export function checkSettings(settings: KpiSettings): void {
  checkNumbers(settings);
  checkOrder(settings);
  checkRfm(settings.rfm, 'input.rfm');
  checkGroups(settings);
}

/** What counts for the customers of a group has to fit together as what counts for everybody. */
function checkGroups(settings: KpiSettings): void {
  const { groups } = settings;
  if (groups.length > mostGroups) throw badInput(`At most ${mostGroups} groups, got ${groups.length}.`, 'input.groups');
  const seen = new Set<string>();
  for (const [index, { key, name, lifecycle, churn }] of groups.entries()) {
    const field = `input.groups[${index}]`;
    checkKey(key, `${field}.key`);
    checkName(name, `${field}.name`);
    if (seen.has(key)) throw badInput(`Another group is ${key} too.`, `${field}.key`);
    seen.add(key);
    const theirs = {
      ...settings,
      lifecycle: { ...settings.lifecycle, ...lifecycle },
      churn: { ...settings.churn, ...churn },
    };
    checkNumbers(theirs, field);
    checkOrder(theirs, field);
  }
}

function checkNumbers(settings: KpiSettings, within = 'input'): void {
  for (const [group, levers] of Object.entries(leverBounds)) {
    const values = settings[group as keyof typeof leverBounds] as unknown as Record<string, number | null>;
    for (const [lever, bounds] of Object.entries(levers)) {
      const value = values[lever] ?? null;
      if (value === null && lever === 'marginRate') continue;
      checkNumber(value, bounds, `${within}.${group}.${lever}`);
    }
  }
  checkNumber(settings.collaborativePurchases, collaborativeBounds, `${within}.collaborativePurchases`);
}

function checkNumber(value: number | null, bounds: Bounds, field: string): void {
  const { least, most, whole } = bounds;
  if (value !== null && value >= least && value <= most && (!whole || Number.isSafeInteger(value))) return;
  throw badInput(`Expected ${boundsText(bounds)}; got ${value}.`, field);
}

/** Levers that mean nothing unless one is above the other. */
function checkOrder({ abc, lifecycle, churn }: KpiSettings, within = 'input'): void {
  checkAbove(abc.a, 0, `${within}.abc.a`);
  checkAbove(abc.b, abc.a, `${within}.abc.b`);
  checkAbove(lifecycle.dormantDays, lifecycle.overdueDays, `${within}.lifecycle.dormantDays`);
  checkAbove(lifecycle.lostDays, lifecycle.dormantDays, `${within}.lifecycle.lostDays`);
  checkAbove(churn.elevated, 0, `${within}.churn.elevated`);
  checkAbove(churn.high, churn.elevated, `${within}.churn.high`);
}

function checkAbove(value: number, other: number, field: string): void {
  if (value > other) return;
  throw badInput(`Expected more than ${other}, got ${value}.`, field);
}

function checkRfm({ segments, otherwise }: RfmSettings, field: string): void {
  if (segments.length > mostRfmSegments)
    throw badInput(`At most ${mostRfmSegments} segments, got ${segments.length}.`, `${field}.segments`);
  const seen = new Set<string>();
  for (const [index, segment] of segments.entries()) {
    checkSegment(segment, `${field}.segments[${index}]`);
    if (seen.has(segment.key))
      throw badInput(`Another segment is ${segment.key} too.`, `${field}.segments[${index}].key`);
    seen.add(segment.key);
  }
  checkKey(otherwise, `${field}.otherwise`);
  if (seen.has(otherwise)) throw badInput(`A segment has the key ${otherwise}.`, `${field}.otherwise`);
}

function checkSegment({ key, name, recency, frequency, monetary }: RfmSegment, field: string): void {
  checkKey(key, `${field}.key`);
  checkName(name, `${field}.name`);
  checkRange(recency, `${field}.recency`);
  checkRange(frequency, `${field}.frequency`);
  checkRange(monetary, `${field}.monetary`);
}

function checkName(name: string, field: string): void {
  if (name.trim() !== '' && name.length <= longestName) return;
  throw badInput(`Expected 1 to ${longestName} characters, got ${name.length}.`, field);
}

function checkKey(key: string, field: string): void {
  if (keyPattern.test(key)) return;
  throw badInput(`Expected a key such as BIG_SPENDERS, got ${JSON.stringify(key.slice(0, 60))}.`, field);
}

function checkRange([least, most]: ScoreRange, field: string): void {
  checkNumber(least, scoreBounds, `${field}.least`);
  checkNumber(most, scoreBounds, `${field}.most`);
  if (least > most) throw badInput(`Expected at least ${least}, got ${most}.`, `${field}.most`);
}
