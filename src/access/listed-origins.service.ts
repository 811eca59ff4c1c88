import type { Platform } from '../kernel/context.ts';
import { findListedOrigins } from './api-keys.queries.ts';

/** As with keys: what a node believes about them is never older. */
const maximumAge = 1_000;

/**
 * The origins of web pages from which some key may be used. Browsers ask about an origin before they send a key, so all that can
 * be answered is whether any key may come from there; which one, is looked at when it does.
 */
export class ListedOrigins {
  readonly #platform: Pick<Platform, 'pool' | 'clock'>;
  #known: { readonly origins: ReadonlySet<string>; readonly at: number } | undefined;
  #reading: Promise<ReadonlySet<string>> | undefined;

  constructor(platform: Pick<Platform, 'pool' | 'clock'>) {
    this.#platform = platform;
  }

  async has(origin: string): Promise<boolean> {
    const age = this.#platform.clock.now().getTime() - (this.#known?.at ?? 0);
    if (this.#known && age >= 0 && age < maximumAge) return this.#known.origins.has(origin);
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return (await this.#reading).has(origin);
  }

  async #read(): Promise<ReadonlySet<string>> {
    const now = this.#platform.clock.now();
    const origins = new Set(await findListedOrigins(this.#platform.pool, now));
    this.#known = { origins, at: now.getTime() };
    return origins;
  }
}
