import type { Pool } from '../../src/kernel/database.ts';
import type { Sent } from './load.ts';

/** What the clients know, and where to look whether it is true. */
export interface History {
  readonly pool: Pool;
  readonly sent: ReadonlyMap<string, Sent>;
  /** Key of the redemption → id of the decision that was acknowledged. */
  readonly redeemed: ReadonlyMap<string, string>;
  /** Errors that senders could not cure by repeating. */
  readonly surprises: readonly string[];
  /** Of the change feed, as they came; the first one is behind `from`. */
  readonly followed: readonly string[];
  readonly from: string;
}

/** What must hold whatever happened. Answers what does not: a few sentences at most. */
export interface Check {
  readonly name: string;
  readonly look: (history: History) => Promise<readonly string[]>;
}

const told = 5;

/** `3 touchpoints are not stored: a, b, c`; nothing where there are none. */
export function complain(what: string, found: readonly unknown[]): string[] {
  if (found.length === 0) return [];
  const more = found.length > told ? ', …' : '';
  return [`${found.length} ${what}: ${found.slice(0, told).map(String).join(', ')}${more}`];
}
