import { setTimeout as sleep } from 'node:timers/promises';
import type { PersonalTraits, Platform } from '../kernel/context.ts';
import { shippedTraits } from './shipped-traits.ts';
import { listOpenTraits, shipTraits } from './trait-definitions.queries.ts';

type Surroundings = Pick<Platform, 'pool' | 'clock' | 'log'>;

/** A trait that a steward has called personal on one node is masked on all of them within a second or so. */
const pollInterval = 1000;

/**
 * Which traits are personal, by the catalogue: all but those that it calls open. Masking asks for every value that it
 * shows, so the answer has to be in memory. One for each process.
 */
export class CataloguedTraits implements PersonalTraits {
  readonly #platform: Surroundings;
  readonly #stopping = new AbortController();
  #open: ReadonlySet<string>;
  #running: Promise<void> | undefined;

  private constructor(platform: Surroundings, open: ReadonlySet<string>) {
    this.#platform = platform;
    this.#open = open;
  }

  /** Enters what comes with this release into the catalogue, then reads it. Nothing is shown before that. */
  static async open(platform: Surroundings): Promise<CataloguedTraits> {
    await shipTraits(platform.pool, [...shippedTraits], platform.clock.now());
    return new CataloguedTraits(platform, new Set(await listOpenTraits(platform.pool)));
  }

  has(name: string): boolean {
    return !this.#open.has(name);
  }

  /** Looks at once: after a change on this node. */
  async refresh(): Promise<void> {
    this.#open = new Set(await listOpenTraits(this.#platform.pool));
  }

  /** Begins to look for changes of other nodes. */
  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await sleep(pollInterval, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      await this.refresh().catch((err) => this.#platform.log.warn({ err }, 'could not read which traits are personal'));
    }
  }
}
