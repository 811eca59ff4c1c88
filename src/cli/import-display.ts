import { basename } from 'node:path';
import { SingleBar } from 'cli-progress';
import type { ImportObserver, ImportSummary } from '../touchpoints/import.service.ts';
import type { ImportCounts, ImportProgress } from '../touchpoints/import-progress.ts';
import type { Refusal } from '../touchpoints/import-row.ts';

const secondsBetweenLines = 5;
const refusalsShown = 10;

/** Shows an import while it runs: a bar on a terminal, else a line every few seconds. Both go to standard error. */
export class ImportDisplay implements ImportObserver {
  readonly #name: string;
  readonly #startedAt = performance.now();
  readonly #bar: SingleBar | undefined;
  #rowsBefore = 0;
  #lineAt = 0;
  /** Where speed is measured from: an earlier run's rows pass much faster than the rest. */
  #base: { readonly part: number; readonly seconds: number; readonly rows: number } | undefined;
  #refusals = 0;

  constructor(file: string) {
    this.#name = basename(file);
    if (process.stderr.isTTY) {
      this.#bar = new SingleBar({ format: '{bar} {percentage} % | {status}', hideCursor: true, stopOnComplete: false });
    }
  }

  started(progress: ImportProgress): void {
    this.#rowsBefore = progress.counts.rows;
    if (this.#rowsBefore > 0) console.error(`Going on after ${count(this.#rowsBefore)} rows of an earlier run.`);
    this.#bar?.start(1, 0, { status: 'reading' });
  }

  advanced(counts: ImportCounts, bytes: { read: number; total: number }): void {
    const part = bytes.total === 0 ? 1 : bytes.read / bytes.total;
    const seconds = this.#seconds();
    const status = this.#status(counts.rows, part, seconds);
    this.#bar?.update(part, { status });
    if (this.#bar || seconds - this.#lineAt < secondsBetweenLines) return;
    this.#lineAt = seconds;
    console.error(`${this.#name}: ${Math.floor(part * 100)} % | ${status}`);
  }

  /** The time left is told by bytes: nobody knows the number of rows before the end. */
  #status(rows: number, part: number, seconds: number): string {
    this.#base ??= { part, seconds, rows };
    const base = this.#base;
    if (part === base.part || seconds === base.seconds) return `${count(rows)} rows`;
    const left = ((seconds - base.seconds) / (part - base.part)) * (1 - part);
    const rate = (rows - base.rows) / (seconds - base.seconds);
    return `${count(rows)} rows | ${count(Math.round(rate))} rows/s | ${clock(left)} left`;
  }

  refused(refusals: readonly Refusal[]): void {
    for (const { line, code, reason } of refusals.slice(0, Math.max(0, refusalsShown - this.#refusals))) {
      console.error(`${this.#name} line ${line}: ${code}: ${reason}`);
    }
    this.#refusals += refusals.length;
  }

  stop(): void {
    this.#bar?.stop();
  }

  finish({ counts, finished }: ImportSummary, options: { dryRun?: boolean; report?: string }): void {
    this.stop();
    const rest = this.#refusals - refusalsShown;
    if (rest > 0)
      console.error(`… and ${count(rest)} more${options.report ? '' : ' (--report FILE writes them all)'}.`);
    const rows = counts.rows - this.#rowsBefore;
    const verb = options.dryRun ? 'checked' : 'handled';
    console.log(
      `${this.#name}: ${count(rows)} rows ${verb} in ${this.#seconds().toFixed(1)} s (${count(this.#rate(counts))} rows/s)`,
    );
    for (const [label, number] of summaryLines(counts)) console.log(`  ${count(number).padStart(12)}  ${label}`);
    if (!finished) console.log('Interrupted. The same command goes on from here.');
  }

  #seconds(): number {
    return Math.max(0.001, (performance.now() - this.#startedAt) / 1000);
  }

  #rate(counts: ImportCounts): number {
    return Math.round((counts.rows - this.#rowsBefore) / this.#seconds());
  }
}

const labels = {
  STORED: 'touchpoints stored',
  DUPLICATE: 'touchpoints that were stored before (duplicates)',
  VALID: 'touchpoints without a fault',
  CONFLICT: 'touchpoints refused: their message id was used before with another body (conflicts)',
  REJECTED: 'touchpoints rejected',
  QUARANTINED: 'touchpoints in quarantine',
};

function summaryLines(counts: ImportCounts): [label: string, number: number][] {
  const { touchpoints, rowsRefused, rowsSkipped, warnings } = counts;
  return [
    ...Object.entries(labels).map(([outcome, label]): [string, number] => [
      label,
      touchpoints[outcome as keyof typeof labels] ?? 0,
    ]),
    ['rows not imported', rowsRefused] as [string, number],
    ...Object.entries(rowsSkipped).map(([reason, rows]): [string, number] => [
      `rows left out by the mapping: ${reason}`,
      rows,
    ]),
    ...Object.entries(warnings).map(([code, number]): [string, number] => [`warnings ${code}`, number]),
  ].filter(([, number]) => number > 0) as [string, number][];
}

function count(number: number): string {
  return number.toLocaleString('en');
}

function clock(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / 60), Math.floor(seconds % 60)];
  return `${minutes}:${String(rest).padStart(2, '0')}`;
}
