import { badInput } from '../kernel/errors.ts';

/** Calendar days, half-open: `from` belongs to it, `to` does not. `YYYY-MM-DD`, in the time zone. */
export interface ActivityPeriod {
  readonly from: string;
  readonly to: string;
  /** IANA name, such as `Europe/Zurich`. */
  readonly timeZone: string;
}

export interface ActivityDay {
  readonly day: string;
  readonly touchpoints: number;
  readonly orders: number;
}

const longestPeriod = 400;

export function checkActivityPeriod({ from, to, timeZone }: ActivityPeriod): void {
  const days = dayNumber(to) - dayNumber(from);
  if (!(days >= 1 && days <= longestPeriod)) {
    throw badInput(`Expected \`to\` 1 to ${longestPeriod} days after \`from\`, got ${from} and ${to}.`, 'to');
  }
  if (!isTimeZone(timeZone)) {
    throw badInput(
      `Expected an IANA time zone such as Europe/Zurich, got ${JSON.stringify(timeZone.slice(0, 80))}.`,
      'timeZone',
    );
  }
}

/** Asking Intl takes as long as a statement does; it leaves UTC out of its list. */
const usualTimeZones = new Set([...Intl.supportedValuesOf('timeZone'), 'UTC']);

/** Intl takes offsets such as +02:00 too, which PostgreSQL reads the other way round: only names pass. */
function isTimeZone(name: string): boolean {
  if (usualTimeZones.has(name)) return true;
  if (name.length > 64 || !/^[A-Z]/i.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Every day of the period in order, days without activity included. */
export function fillDays(period: ActivityPeriod, active: readonly ActivityDay[]): ActivityDay[] {
  const byDay = new Map(active.map((day) => [day.day, day]));
  const days: ActivityDay[] = [];
  for (let number = dayNumber(period.from); number < dayNumber(period.to); number += 1) {
    const day = dayName(number);
    days.push(byDay.get(day) ?? { day, touchpoints: 0, orders: 0 });
  }
  return days;
}

const millisecondsPerDay = 86_400_000;

/** Days since 1970. Calendar days have no time zone, so counting them in UTC is exact. */
function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / millisecondsPerDay;
}

function dayName(number: number): string {
  return new Date(number * millisecondsPerDay).toISOString().slice(0, 10);
}
