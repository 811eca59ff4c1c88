import { DateTime } from 'luxon';

/** Days are ISO text (`2026-03-29`) of the organisation's calendar: they compare as they follow each other. */
export type Day = string;

const quarter = 15 * 60_000;
const mostRemembered = 200_000;

/** The organisation's calendar. Remembers what it has been asked: every touchpoint asks for its day. */
export class Calendar {
  readonly zone: string;
  /** Zones change their offset at quarters of an hour, so all instants of a quarter are of one day. */
  readonly #days = new Map<number, Day>();
  readonly #midnights = new Map<Day, Date>();

  constructor(zone: string) {
    this.zone = zone;
  }

  dayOf(at: Date): Day {
    const slot = Math.floor(at.getTime() / quarter);
    const known = this.#days.get(slot);
    if (known !== undefined) return known;
    const day = DateTime.fromMillis(slot * quarter, { zone: this.zone }).toISODate()!;
    if (this.#days.size >= mostRemembered) this.#days.clear();
    this.#days.set(slot, day);
    return day;
  }

  /**
   * The instant at which a day begins. Where a change of the clock skips midnight, the first one after it; where midnight comes
   * twice (Havana, the Azores), the first of the two.
   */
  startOf(day: Day): Date {
    const known = this.#midnights.get(day);
    if (known) return known;
    let time = DateTime.fromISO(day, { zone: this.zone }).startOf('day').toMillis();
    while (this.dayOf(new Date(time - quarter)) === day) time -= quarter;
    const start = new Date(time);
    if (this.#midnights.size >= mostRemembered) this.#midnights.clear();
    this.#midnights.set(day, start);
    return start;
  }
}

interface Parts {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
}

function partsOf(day: Day): Parts {
  return { year: Number(day.slice(0, 4)), month: Number(day.slice(5, 7)), day: Number(day.slice(8, 10)) };
}

function dayOfParts({ year, month, day }: Parts): Day {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Remembers what was counted on from a day: histories ask the same few hundred days again and again. */
function remembering<C>(compute: (day: Day, count: C) => Day): (day: Day, count: C) => Day {
  const byCount = new Map<C, Map<Day, Day>>();
  return (day, count) => {
    let known = byCount.get(count);
    if (!known || known.size >= mostRemembered) {
      known = new Map();
      byCount.set(count, known);
    }
    let found = known.get(day);
    if (found === undefined) {
      found = compute(day, count);
      known.set(day, found);
    }
    return found;
  };
}

/** 31 January plus a month is the last day of February. */
export const plusMonths = remembering((day, months: number) => {
  const parts = partsOf(day);
  const total = parts.year * 12 + parts.month - 1 + months;
  const [year, month] = [Math.floor(total / 12), (((total % 12) + 12) % 12) + 1];
  return dayOfParts({ year, month, day: Math.min(parts.day, daysInMonth(year, month)) });
});

export const plusDays = remembering((day, days: number) => {
  const { year, month, day: ofMonth } = partsOf(day);
  return new Date(Date.UTC(year, month - 1, ofMonth + days)).toISOString().slice(0, 10);
});

/** The first day of the period of so many months (1, 3, 6, 12) in which the day lies. */
export const periodStart = remembering((day, months: number) => {
  const { year, month } = partsOf(day);
  return dayOfParts({ year, month: Math.floor((month - 1) / months) * months + 1, day: 1 });
});

/** The last day of the day's month or year; or the day itself. */
export const endOf = remembering((day, unit: 'DAY' | 'MONTH' | 'YEAR') => {
  const { year, month } = partsOf(day);
  if (unit === 'DAY') return day;
  if (unit === 'MONTH') return dayOfParts({ year, month, day: daysInMonth(year, month) });
  return dayOfParts({ year, month: 12, day: 31 });
});
