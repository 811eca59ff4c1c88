/**
 * How many letters must be inserted, left out, replaced or exchanged with their neighbour to make one text of the
 * other (F. J. Damerau, 1964; the restricted form, in which no part is edited twice). Once it is certain to pass
 * `limit`, `limit + 1` is returned.
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  if (b.length >= longest) return a === b ? 0 : limit + 1;
  let before = rows[0];
  let above = rows[1];
  let current = rows[2];
  for (let j = 0; j <= b.length; j++) above[j] = j;
  for (let i = 1; i <= a.length; i++) {
    if (fillRow({ a, b, i, before, above, current }) > limit) return limit + 1;
    [before, above, current] = [above, current, before];
  }
  return Math.min(above[b.length]!, limit + 1);
}

const longest = 256;
const rows = [new Uint16Array(longest), new Uint16Array(longest), new Uint16Array(longest)] as const;

interface Step {
  readonly a: string;
  readonly b: string;
  readonly i: number;
  readonly before: Uint16Array;
  readonly above: Uint16Array;
  readonly current: Uint16Array;
}

/** Returns the smallest distance of the row: the result can't be less. */
function fillRow({ a, b, i, before, above, current }: Step): number {
  const unit = a.charCodeAt(i - 1);
  const last = a.charCodeAt(i - 2);
  current[0] = i;
  let least = i;
  for (let j = 1; j <= b.length; j++) {
    const other = b.charCodeAt(j - 1);
    let distance = Math.min(above[j]! + 1, current[j - 1]! + 1, above[j - 1]! + (unit === other ? 0 : 1));
    if (i > 1 && j > 1 && unit === b.charCodeAt(j - 2) && last === other) {
      distance = Math.min(distance, before[j - 2]! + 1);
    }
    current[j] = distance;
    if (distance < least) least = distance;
  }
  return least;
}
