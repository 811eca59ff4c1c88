import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { plainFaults } from './faults.ts';
import { diskFull, logDiskFull, newRelease } from './special-faults.ts';
import { summarise, tableOf } from './table.ts';

const outcome = (recoveryMs: number, wrong: string[] = []) => ({
  name: 'PostgreSQL killed',
  recoveryMs,
  pauseMs: recoveryMs + 500,
  events: 200,
  violations: new Map(wrong.map((check) => [check, ['something']])),
});

test('a row tells how often it held, and how long it took', () => {
  const rows = summarise(plainFaults, [outcome(1_000), outcome(3_000), outcome(1_200)]);
  expect(tableOf(rows).split('\n').slice(2)).toEqual([
    '| `kill -9` of PostgreSQL; started again | held, 3 of 3 | 600 | 1.2 s | 3.0 s | its start | 3.5 s |',
  ]);
});

test('what did not hold stands out', () => {
  expect(tableOf(summarise(plainFaults, [outcome(1_000), outcome(1_000, ['sums'])]))).toContain('| **1 of 2** |');
});

test('the page has room for the table, and for every fault that it says was tried', () => {
  const page = readFileSync('docs/reliability.md', 'utf8');
  const [, table = ''] = /<!-- faults: begin -->\n([\s\S]*)\n<!-- faults: end -->/.exec(page) ?? [];
  if (table.startsWith('Not measured yet')) return;
  const told = table
    .split('\n')
    .slice(2)
    .map((row) => row.split(' | ')[0]!.slice(2));
  const known = [...plainFaults, diskFull, logDiskFull, newRelease('')].map(({ what }) => what);
  expect(told).toEqual(known.filter((what) => told.includes(what)));
  expect(told.length).toBeGreaterThanOrEqual(plainFaults.length);
  expect(table).not.toContain('**');
});
