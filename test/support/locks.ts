import { expect } from 'vitest';
import type { Pool } from '../../src/kernel/database.ts';
import type { TouchpointsRecorded } from '../../src/touchpoints/touchpoints.events.ts';

/** Resolves once so many transactions of this database wait for another one. */
export async function untilWaiting(pool: Pool, transactions: number): Promise<void> {
  const waiting = () => pool`
    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and state = 'active'`;
  await expect.poll(async () => (await waiting()).length, { interval: 5, timeout: 10_000 }).toBe(transactions);
}

export interface Gate {
  /** Holds the transaction of the batch that comes by, everything but its commit done. */
  readonly reaction: TouchpointsRecorded;
  /** Resolves when a batch stands at the gate. */
  readonly reached: Promise<void>;
  open(): void;
}

export function openGate(): Gate {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  return {
    reached,
    open,
    async reaction() {
      reach();
      await opened;
      return [];
    },
  };
}
