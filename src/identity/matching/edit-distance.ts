/**
 * How many letters must be inserted, left out, replaced or exchanged with their neighbour to make one text of the
 * other (F. J. Damerau, 1964; the restricted form, in which no part is edited twice). `limit + 1` stands for anything
 * above `limit`, so that only a band along the diagonal has to be looked at.
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  if (b.length >= longest) return a === b ? 0 : limit + 1;
  let before = rows[0];
  let above = rows[1];
  let current = rows[2];
  for (let j = 0; j <= Math.min(b.length, limit); j++) above[j] = j;
  if (limit < b.length) above[limit + 1] = limit + 1;
  for (let i = 1; i <= a.length; i++) {
    if (fillBand(a, b, i, limit, before, above, current) > limit) return limit + 1;
    const last = before;
    before = above;
    above = current;
    current = last;
  }
  return Math.min(above[b.length]!, limit + 1);
}

const longest = 256;
const rows = [new Uint16Array(longest), new Uint16Array(longest), new Uint16Array(longest)] as const;

/**
 * Row `i`, as far as a distance within the limit may pass through it. Returns its smallest distance: the result can't
 * be less. (An object for the parameters would be made for every letter of every comparison.)
 */
function fillBand(
  a: string,
  b: string,
  i: number,
  limit: number,
  before: Uint16Array,
  above: Uint16Array,
  current: Uint16Array,
): number {
  const unit = a.charCodeAt(i - 1);
  const from = Math.max(1, i - limit);
  const to = Math.min(b.length, i + limit);
  current[from - 1] = from === 1 ? i : limit + 1;
  let least = current[from - 1]!;
  for (let j = from; j <= to; j++) {
    const other = b.charCodeAt(j - 1);
    let distance = above[j - 1]! + (unit === other ? 0 : 1);
    if (above[j]! < distance) distance = above[j]! + 1;
    if (current[j - 1]! < distance) distance = current[j - 1]! + 1;
    if (i > 1 && j > 1 && unit === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === other && before[j - 2]! < distance) {
      distance = before[j - 2]! + 1;
    }
    current[j] = distance;
    if (distance < least) least = distance;
  }
  if (to < b.length) current[to + 1] = limit + 1;
  return least;
}
