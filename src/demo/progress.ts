import { SingleBar } from 'cli-progress';

const secondsBetweenLines = 3;

/** Shows how far something has come: a bar on a terminal, else a line every few seconds. Count, rate and time left. */
export class Progress {
  readonly #label: string;
  readonly #total: number;
  readonly #before: number;
  readonly #startedAt = performance.now();
  readonly #bar: SingleBar | undefined;
  #lineAt = 0;

  /** `before`: done already when this began; it doesn't count for the rate. */
  constructor(label: string, total: number, before = 0, stream: NodeJS.WriteStream = process.stderr) {
    this.#label = label;
    this.#total = total;
    this.#before = before;
    if (!stream.isTTY) return;
    this.#bar = new SingleBar({ format: `${label} {bar} {percentage} % | {status}`, hideCursor: true, stream });
    this.#bar.start(total, before, { status: 'starting' });
  }

  update(done: number): void {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const status = describeProgress({ done, total: this.#total, since: this.#before, seconds });
    this.#bar?.update(done, { status });
    if (this.#bar) return;
    if (seconds - this.#lineAt < secondsBetweenLines && done < this.#total) return;
    this.#lineAt = seconds;
    console.log(`${this.#label}: ${status}`);
  }

  stop(): void {
    this.#bar?.stop();
  }
}

export interface Position {
  readonly done: number;
  readonly total: number;
  /** Where this run began. */
  readonly since: number;
  readonly seconds: number;
}

/** `12,000 of 78,000 | 6,200/s | 11 s left` */
export function describeProgress({ done, total, since, seconds }: Position): string {
  const rate = (done - since) / Math.max(seconds, 0.001);
  const left = rate > 0 ? `${formatCount(Math.ceil((total - done) / rate))} s left` : 'no rate yet';
  return `${formatCount(done)} of ${formatCount(total)} | ${formatCount(Math.round(rate))}/s | ${left}`;
}

export function formatCount(count: number): string {
  return count.toLocaleString('en');
}
