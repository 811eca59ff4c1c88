import { SingleBar } from 'cli-progress';
import type { Difference } from '../identity/identity.events.ts';
import type { RebuildObserver } from '../identity/identity-rebuild.service.ts';

const secondsBetweenLines = 5;

/** Shows how far a rebuild is, on standard error, and prints what it finds, on standard output. */
export class RebuildReport implements RebuildObserver {
  readonly #mostShown: number;
  readonly #bar: SingleBar | undefined;
  readonly #counts = new Map<string, number>();
  readonly #startedAt = performance.now();
  #lineAt = 0;
  #done = 0;
  total = 0;

  constructor(mostShown: number) {
    this.#mostShown = mostShown;
    if (!process.stderr.isTTY) return;
    this.#bar = new SingleBar({ format: '{bar} {percentage} % | {value} of {total}', hideCursor: true });
    this.#bar.start(1, 0);
  }

  advanced(done: number, total: number): void {
    this.#done = done;
    // What comes in meanwhile is looked at, too.
    const all = Math.max(done, total);
    this.#bar?.setTotal(all);
    this.#bar?.update(done);
    const seconds = (performance.now() - this.#startedAt) / 1000;
    if (this.#bar || seconds - this.#lineAt < secondsBetweenLines) return;
    this.#lineAt = seconds;
    console.error(`${done} of ${all} identifiers and records (${Math.round(done / seconds)}/s)`);
  }

  found(differences: readonly Difference[]): void {
    for (const difference of differences) {
      if (this.total < this.#mostShown) console.log(describeDifference(difference));
      this.total += 1;
      const place = placeOf(difference);
      this.#counts.set(place, (this.#counts.get(place) ?? 0) + 1);
    }
  }

  stop(): void {
    this.#bar?.stop();
  }

  summary(what: 'verify' | 'rebuild'): string[] {
    const looked = `${this.#done} identifiers and records looked at`;
    if (this.total === 0) return [`${looked}: everything is as the facts want it.`];
    const end = what === 'verify' ? '`rundum identity rebuild` mends them.' : 'They were mended.';
    const counts = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      `${looked}: ${this.total} ${this.total === 1 ? 'difference' : 'differences'}.`,
      ...counts.map(([place, count]) => `${String(count).padStart(9)}  ${place}`),
      end,
    ];
  }
}

export function describeDifference(difference: Difference): string {
  const { id, stored, expected } = difference;
  return `${placeOf(difference)} ${id}: ${stored ?? 'nothing'} is stored, expected ${expected ?? 'nothing'}`;
}

function placeOf({ table, column }: Difference): string {
  return column === null ? table : `${table}.${column}`;
}
