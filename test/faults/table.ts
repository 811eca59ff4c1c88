import { readFile, writeFile } from 'node:fs/promises';
import { median, report, round } from '../bench/report.ts';
import type { Fault, FaultOutcome } from './run-fault.ts';

export interface Row {
  readonly name: string;
  readonly what: string;
  readonly since: string;
  readonly times: number;
  readonly events: number;
  readonly held: number;
  readonly recoveryMedianMs: number;
  readonly recoveryMostMs: number;
  readonly pauseMostMs: number;
}

const page = 'docs/reliability.md';
const [begin, end] = ['<!-- faults: begin -->', '<!-- faults: end -->'];

/** One row for each fault that was tried. */
export function summarise(faults: readonly Fault[], outcomes: readonly FaultOutcome[]): Row[] {
  return faults.flatMap(({ name, what, since }) => {
    const own = outcomes.filter((outcome) => outcome.name === name);
    if (own.length === 0) return [];
    const recoveries = own.map(({ recoveryMs }) => recoveryMs);
    return [
      {
        name,
        what,
        since,
        times: own.length,
        events: own.reduce((sum, { events }) => sum + events, 0),
        held: own.filter(({ violations }) => violations.size === 0).length,
        recoveryMedianMs: round(median(recoveries)),
        recoveryMostMs: round(Math.max(...recoveries)),
        pauseMostMs: round(Math.max(...own.map(({ pauseMs }) => pauseMs))),
      },
    ];
  });
}

/** Puts the table where the page has room for it, and keeps the figures. */
export async function writeTable(rows: readonly Row[]): Promise<void> {
  await report(
    'faults',
    rows.map((row) => ({ ...row })),
  );
  const text = await readFile(page, 'utf8');
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${page} has no place for the table.`);
  await writeFile(page, `${before}${begin}\n${tableOf(rows)}\n${end}${after}`);
  console.log(`Written to ${page}`);
}

export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ what, since, times, held, events, recoveryMedianMs, recoveryMostMs, pauseMostMs }) => {
    const outcome = held === times ? `held, ${times} of ${times}` : `**${held} of ${times}**`;
    const cells = [
      what,
      outcome,
      String(events),
      seconds(recoveryMedianMs),
      seconds(recoveryMostMs),
      since,
      seconds(pauseMostMs),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| fault | invariants | events | served again after: median | most | counted from | longest time without an answer |',
    '|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
