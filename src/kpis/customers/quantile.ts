/**
 * Type 7 of Hyndman & Fan, as R, NumPy and PostgreSQL's `percentile_cont` have it: between the two values around the place
 * p·(n−1), linearly. Of ascending values, at least one.
 */
export function quantile(ascending: readonly number[], p: number): number {
  const place = p * (ascending.length - 1);
  const lower = Math.floor(place);
  const [low, high] = [ascending[lower]!, ascending[Math.min(lower + 1, ascending.length - 1)]!];
  return low + (place - lower) * (high - low);
}
