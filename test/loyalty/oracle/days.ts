import { DateTime } from 'luxon';

/** Remembers what luxon said: asked day by day, it would be most of the time of a test. */
function remembered<T>(ask: (...given: (string | number)[]) => T): (...given: (string | number)[]) => T {
  const known = new Map<string, T>();
  return (...given) => {
    const key = given.join(' ');
    if (!known.has(key)) known.set(key, ask(...given));
    return known.get(key)!;
  };
}

const isoDay = remembered((at, zone) => DateTime.fromMillis(Number(at), { zone: String(zone) }).toISODate()!);
const firstInstant = remembered((day, zone) => new NaiveCalendar(String(zone)).searchStart(String(day)));
const daysLater = remembered(
  (day, days) =>
    dayAt(String(day))
      .plus({ days: Number(days) })
      .toISODate()!,
);
const monthsLater = remembered(
  (day, months) =>
    dayAt(String(day))
      .plus({ months: Number(months) })
      .toISODate()!,
);

/** The calendar by luxon alone, without arithmetic on texts. */
export class NaiveCalendar {
  readonly zone: string;

  constructor(zone: string) {
    this.zone = zone;
  }

  dayOf(at: Date | number): string {
    return isoDay(Number(at), this.zone);
  }

  startOf(day: string): number {
    return firstInstant(day, this.zone);
  }

  /** The first instant of a day, found by halving the days around it. */
  searchStart(day: string): number {
    const noon = DateTime.fromISO(`${day}T12:00`, { zone: 'utc' }).toMillis();
    let before = noon - 48 * 3_600_000;
    let in_ = noon + 48 * 3_600_000;
    // Days follow each other, so the first instant that isn't before the day can be halved into.
    while (in_ - before > 1) {
      const middle = Math.floor((before + in_) / 2);
      if (this.dayOf(middle) < day) before = middle;
      else in_ = middle;
    }
    return in_;
  }
}

const dayAt = (day: string) => DateTime.fromISO(day, { zone: 'utc' });

export function addDays(day: string, days: number): string {
  return daysLater(day, days);
}

export function addMonths(day: string, months: number): string {
  return monthsLater(day, months);
}

export function lastDayOf(day: string, unit: 'DAY' | 'MONTH' | 'YEAR'): string {
  return dayAt(day)
    .endOf(unit === 'DAY' ? 'day' : unit === 'MONTH' ? 'month' : 'year')
    .toISODate()!;
}

/** Goes back day by day to the first of a month that begins such a period. */
export function firstDayOfPeriod(day: string, months: number): string {
  let at = dayAt(day);
  while (at.day !== 1 || (at.month - 1) % months !== 0) at = at.minus({ days: 1 });
  return at.toISODate()!;
}
