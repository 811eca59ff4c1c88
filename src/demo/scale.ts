import { StartupError } from '../kernel/startup-error.ts';
import type { DemoState } from './state.queries.ts';

const usualCustomers = 2_000;
const usualSeed = 'ahornia';
/** Up to this many people, everybody's history goes through the API. */
const fedWholly = 20_000;

/** How many of the people have a history of their own, fed through the API. The others are written set-based. */
export function fedByApi(customers: number): number {
  return customers <= fedWholly ? customers : usualCustomers;
}

/**
 * What is to be there in the end, and how much of it is there already. A demo can grow; another seed would be other
 * people in the same database, which nobody wants by accident.
 */
export function planDemo(
  found: DemoState | undefined,
  wanted: { customers?: number; seed?: string },
  now: Date,
): DemoState {
  if (!found) {
    const { customers = usualCustomers, seed = usualSeed } = wanted;
    return { seed, customers, until: now.toISOString(), fed: 0, complete: false, written: 0, example: null };
  }
  if (wanted.seed !== undefined && wanted.seed !== found.seed) {
    throw new StartupError(
      `This database holds the demo with the seed "${found.seed}": --reset starts over with another.`,
    );
  }
  const customers = Math.max(found.customers, wanted.customers ?? 0);
  // More people through the API: their touchpoints lie between those that are stored, so it starts at the beginning.
  const grows = fedByApi(customers) > fedByApi(found.customers);
  return { ...found, customers, ...(grows ? { fed: 0, complete: false } : {}) };
}
