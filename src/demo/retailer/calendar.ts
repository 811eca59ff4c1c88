import type { Random } from './random.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** What the history covers, in epoch milliseconds: `from` included, `to` not. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** The eighteen months (of 30.44 days) that end at `now`. */
export function historyPeriod(now: Date): Period {
  return { from: now.getTime() - Math.round(18 * 30.44 * day), to: now.getTime() };
}

// January to December: presents in December, holidays in July and August.
const monthDemand = [0.85, 0.8, 0.95, 1, 1, 0.95, 0.7, 0.75, 0.95, 1.05, 1.4, 1.75];
// Sunday to Saturday.
const weekdayDemand = [0.95, 0.8, 0.8, 0.85, 1, 1.15, 1.4];

/** How much people buy on that day; 1 is an ordinary Thursday in spring. */
export function demandAt(at: number): number {
  const date = new Date(at);
  return (monthDemand[date.getUTCMonth()] ?? 1) * (weekdayDemand[date.getUTCDay()] ?? 1);
}

export const peakDemand = Math.max(...monthDemand) * Math.max(...weekdayDemand);

/** The same day at an hour at which people sit in front of a screen: evenings above all. */
export function atHome(at: number, random: Random): number {
  const hourOfDay = random.chance(0.6) ? random.between(16, 21.5) : random.between(5.5, 16);
  return startOfDay(at) + Math.floor(hourOfDay * hour);
}

/** The same day at an hour at which tills are open; Sunday's shopping was done on Saturday. */
export function atTill(at: number, random: Random): number {
  const open = new Date(at).getUTCDay() === 0 ? at - day : at;
  return startOfDay(open) + Math.floor(random.between(7.5, 18.5) * hour);
}

export function startOfDay(at: number): number {
  return Math.floor(at / day) * day;
}

/** RFC 3339. */
export function timestamp(at: number): string {
  return new Date(at).toISOString();
}

/** YYYY-MM-DD. */
export function isoDate(at: number): string {
  return timestamp(at).slice(0, 10);
}
