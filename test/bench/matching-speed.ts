import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Figures } from './report.ts';
import { round } from './report.ts';

/**
 * How long training and matching take, and how that grows. Every size in a process of its own, so that one's memory is
 * not another's.
 */
export async function measureSpeed(sizes: readonly number[], seed: string): Promise<Figures[]> {
  const figures: Figures[] = [];
  for (const records of sizes) {
    console.log(`matching ${records.toLocaleString('en')} made-up records …`);
    const before = figures.at(-1);
    const measured = await measureSize(records, seed);
    figures.push({
      ...measured,
      'times the size before': before ? round(Number(measured.total) / Number(before.total), 1) : null,
    });
  }
  return figures;
}

async function measureSize(records: number, seed: string): Promise<Figures> {
  const script = fileURLToPath(new URL('./matching-speed-process.ts', import.meta.url));
  // The limit that we promise to keep to, for all threads together; the heap is a part of it.
  const options = ['--max-old-space-size=3000', '--import', 'tsx', script, String(records), seed];
  const { stdout } = await promisify(execFile)(process.execPath, options, { maxBuffer: 2 ** 24 });
  return JSON.parse(stdout) as Figures;
}
