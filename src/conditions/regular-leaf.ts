import { DateTime } from 'luxon';
import { badInput } from '../kernel/errors.ts';
import type { RegularCondition } from './condition.ts';
import { costOf, eventsWithin, typesOf } from './event-leaf.ts';
import { checkEventMatch } from './event-match.ts';
import type { LeafKind } from './leaf-kind.ts';
import type { Moment } from './moment.ts';
import { type Bounds, boundsOf, checkUnit, isWithin, mostUnits, periodUnits } from './window.ts';

/** Matching touchpoints in at least so many of the last calendar periods, the current one included. */
export const regularLeaf: LeafKind<'regular'> = {
  name: 'regular',
  check: (given, field) => ({ match: checkEventMatch(given.match, `${field}.match`), ...checkPeriods(given, field) }),
  needs: ({ match }) => typesOf(match),
  since: (leaf, moment) => periodsOf(leaf, moment).after,
  cost: ({ match, unit, periods }) => 2 * costOf(match, { period: { unit, ago: periods - 1 } }),
  judge: (leaf, facts, moment) => {
    const { match, unit, atLeast } = leaf;
    const bounds = periodsOf(leaf, moment);
    const touched = eventsWithin(facts, { match, window: { ever: true }, moment })
      .filter(({ occurredAt }) => isWithin(occurredAt, bounds))
      .map(({ occurredAt }) => DateTime.fromJSDate(occurredAt, { zone: moment.timeZone }))
      .map((local) => local.startOf(unit.toLowerCase() as 'month').toISODate());
    const found = new Set(touched).size;
    return { verdict: found >= atLeast, found };
  },
};

/** From the beginning of the oldest of the periods up to now. */
export function periodsOf({ unit, periods }: Pick<RegularCondition, 'unit' | 'periods'>, moment: Moment): Bounds {
  return { after: boundsOf({ period: { unit, ago: periods - 1 } }, moment).after, through: moment.now };
}

function checkPeriods({ unit, periods, atLeast }: RegularCondition, field: string) {
  const most = mostUnits[checkUnit(unit, periodUnits, `${field}.unit`)];
  if (!Number.isInteger(periods) || periods < 1 || periods > most) {
    throw badInput(`Expected 1 to ${most} ${unit.toLowerCase()}s, got ${periods}.`, `${field}.periods`);
  }
  if (!Number.isInteger(atLeast) || atLeast < 1 || atLeast > periods) {
    throw badInput(`Expected 1 to ${periods}, the number of periods; got ${atLeast}.`, `${field}.atLeast`);
  }
  return { unit, periods, atLeast };
}
