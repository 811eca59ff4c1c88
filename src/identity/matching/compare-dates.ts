import { editDistance } from './edit-distance.ts';

export const DateLevel = { same: 0, slip: 1, twoParts: 2, year: 3, nearYear: 4, decade: 5, different: 6 } as const;

/** How close two dates of birth `yyyymmdd` are: as slips of the pen first, as points in time then. */
export function compareDates(a: string, b: string): number {
  if (a === b) return DateLevel.same;
  if (editDistance(a, b, 1) === 1 || isDayMonthSwap(a, b)) return DateLevel.slip;
  const parts = countEqualParts(a, b);
  if (parts === 2 || editDistance(a, b, 2) === 2) return DateLevel.twoParts;
  const years = Math.abs(Number(a.slice(0, 4)) - Number(b.slice(0, 4)));
  if (years === 0) return DateLevel.year;
  if (years === 1) return DateLevel.nearYear;
  return years <= 10 ? DateLevel.decade : DateLevel.different;
}

function isDayMonthSwap(a: string, b: string): boolean {
  return a.slice(0, 4) === b.slice(0, 4) && a.slice(4, 6) === b.slice(6) && a.slice(6) === b.slice(4, 6);
}

function countEqualParts(a: string, b: string): number {
  const year = a.slice(0, 4) === b.slice(0, 4) ? 1 : 0;
  const month = a.slice(4, 6) === b.slice(4, 6) ? 1 : 0;
  const day = a.slice(6) === b.slice(6) ? 1 : 0;
  return year + month + day;
}
