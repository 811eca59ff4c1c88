/** A symmetric matrix as L·Lᵀ, row by row; nothing where it isn't clearly positive definite. */
export function decompose(matrix: readonly (readonly number[])[]): number[][] | undefined {
  const lower: number[][] = [];
  for (const [i, row] of matrix.entries()) {
    const line: number[] = [];
    for (let j = 0; j < i; j += 1) line.push((row[j]! - inner(line, lower[j]!, j)) / lower[j]![j]!);
    const pivot = row[i]! - inner(line, line, i);
    if (!(pivot > smallestPivot)) return undefined;
    line.push(Math.sqrt(pivot));
    lower.push(line);
  }
  return lower;
}

/** Second derivatives by differences are good to some 1e-9; a pivot in their noise says nothing of its sign. */
const smallestPivot = 1e-8;

/** x in L·Lᵀ·x = b. */
export function solve(lower: readonly (readonly number[])[], b: readonly number[]): number[] {
  const y: number[] = [];
  for (const [i, row] of lower.entries()) y.push((b[i]! - inner(row, y, i)) / row[i]!);
  const x = new Array<number>(b.length).fill(0);
  for (let i = b.length - 1; i >= 0; i -= 1) {
    const known = lower.reduce((sum, row, k) => (k > i ? sum + row[i]! * x[k]! : sum), 0);
    x[i] = (y[i]! - known) / lower[i]![i]!;
  }
  return x;
}

function inner(a: readonly number[], b: readonly number[], length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k += 1) sum += a[k]! * b[k]!;
  return sum;
}
