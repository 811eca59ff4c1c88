export const DateLevel = { same: 0, slip: 1, twoParts: 2, year: 3, nearYear: 4, decade: 5, different: 6 } as const;

/** How close two dates of birth `yyyymmdd` are: as slips of the pen first, as points in time then. */
export function compareDates(a: string, b: string): number {
  if (a === b) return DateLevel.same;
  const digits = countOtherDigits(a, b);
  if (digits === 1 || (digits === 2 && isNeighbourSwap(a, b)) || isDayMonthSwap(a, b)) return DateLevel.slip;
  if (digits === 2 || countEqualParts(a, b) === 2) return DateLevel.twoParts;
  const years = Math.abs(Number(a.slice(0, 4)) - Number(b.slice(0, 4)));
  if (years === 0) return DateLevel.year;
  if (years === 1) return DateLevel.nearYear;
  return years <= 10 ? DateLevel.decade : DateLevel.different;
}

function countOtherDigits(a: string, b: string): number {
  let count = 0;
  for (let at = 0; at < 8; at++) if (a.charCodeAt(at) !== b.charCodeAt(at)) count++;
  return count;
}

/** Of two dates that differ in two digits: whether these are neighbours that changed places. */
function isNeighbourSwap(a: string, b: string): boolean {
  let at = 0;
  while (a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return a.charCodeAt(at) === b.charCodeAt(at + 1) && a.charCodeAt(at + 1) === b.charCodeAt(at);
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
