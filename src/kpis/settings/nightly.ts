import { DateTime } from 'luxon';

export interface TimeOfDay {
  readonly hour: number;
  readonly minute: number;
}

/** When a clock in the zone shows the time next, after now. Where it is put forward over that time, as much later. */
export function nextAtTime(now: Date, { hour, minute }: TimeOfDay, timeZone: string): Date {
  const today = DateTime.fromJSDate(now, { zone: timeZone });
  const at = today.set({ hour, minute, second: 0, millisecond: 0 });
  const next =
    at.toMillis() > now.getTime() ? at : today.plus({ days: 1 }).set({ hour, minute, second: 0, millisecond: 0 });
  return next.toJSDate();
}

const firstPause = 60_000;
const longestPause = 3_600_000;

/** How long to wait after so many failures in a row: a minute, then twice as long each time, up to an hour. */
export function retryPause(failures: number): number {
  return Math.min(firstPause * 2 ** Math.max(0, Math.min(failures - 1, 20)), longestPause);
}
