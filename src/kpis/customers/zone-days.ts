import { zoneClock } from '../lifecycle/zone-clock.ts';

/** The day of an instant in an IANA time zone, as days since 1970-01-01. Remembers what it has been asked. */
export function dayNumber(at: Date, timeZone: string): number {
  return zoneClock(timeZone).dayOf(at.getTime());
}
