/** Least squares: by how much the values rise from one to the next. */
export function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = meanOf(values);
  let covariance = 0;
  let variance = 0;
  for (const [index, value] of values.entries()) {
    covariance += (index - middle) * (value - mean);
    variance += (index - middle) ** 2;
  }
  return variance === 0 ? 0 : covariance / variance;
}

/** By what part of their mean the values rise from the first to the last, by the trend. */
export function growthOf(values: readonly number[]): number {
  return (slopeOf(values) * (values.length - 1)) / meanOf(values);
}

/** The least of each of some parts: what goes up and down like a saw has its trend in its lowest points. */
export function floorsOf(values: readonly number[], parts = 6): number[] {
  const size = Math.max(1, Math.floor(values.length / parts));
  const floors: number[] = [];
  for (let first = 0; first + size <= values.length; first += size)
    floors.push(Math.min(...values.slice(first, first + size)));
  return floors;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
