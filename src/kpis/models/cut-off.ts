import { badInput } from '../../kernel/errors.ts';
import { Calendar } from '../../loyalty/earning/calendar.ts';
import { dayNumber } from '../customers/zone-days.ts';

const millisecondsPerDay = 86_400_000;

/** The last day whose purchases count. */
export interface CutOff {
  /** Days since 1970-01-01. */
  readonly day: number;
  /** When it began, in the organisation's zone. */
  readonly at: Date;
  /** It is today: nothing has to be left out. */
  readonly isToday: boolean;
}

/** `day`: such as `2026-10-31`; today when there is none. Throws `BAD_USER_INPUT` for one that is still to come. */
export function readCutOff(
  day: string | null | undefined,
  { now, timeZone, field }: { readonly now: Date; readonly timeZone: string; readonly field: string },
): CutOff {
  const today = dayNumber(now, timeZone);
  const asked = day == null ? today : dayOfText(day, field);
  if (asked > today) throw badInput(`Expected a day up to today, ${textOfDay(today)}; got ${day}.`, field);
  return { day: asked, at: new Calendar(timeZone).startOf(textOfDay(asked)), isToday: asked === today };
}

export function textOfDay(day: number): string {
  return new Date(day * millisecondsPerDay).toISOString().slice(0, 10);
}

export function dayOfText(text: string, field: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time) || textOfDay(time / millisecondsPerDay) !== text)
    throw badInput(`Expected a day such as 2026-10-31, got ${JSON.stringify(text.slice(0, 40))}.`, field);
  return time / millisecondsPerDay;
}
