import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';

export type Figures = Record<string, string | number | boolean | null>;

/** Prints a table and keeps the same figures, with the machine they were taken on, in `bench-results/NAME.json`. */
export async function report(name: string, rows: readonly Figures[], summary: Figures = {}): Promise<void> {
  console.table(rows);
  if (Object.keys(summary).length > 0) console.table([summary]);
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  await mkdir('bench-results', { recursive: true });
  const result = { name, at: new Date().toISOString(), machine, rows, summary };
  await writeFile(`bench-results/${name}.json`, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`Written to bench-results/${name}.json`);
}

export function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}

/** Nearest-rank percentile, 0 < p ≤ 1. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * p) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}
