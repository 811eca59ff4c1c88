import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { beforeTransaction } from '../../src/kernel/change-cursor.ts';
import { ChangeFeed, type ChangeFeedOptions } from '../../src/kernel/change-feed.ts';
import type { Change } from '../../src/kernel/change-feed-page.ts';
import { appendChanges, type NewChange, readChanges } from '../../src/kernel/changes.queries.ts';
import type { Pool, Tx } from '../../src/kernel/database.ts';
import type { DomainError } from '../../src/kernel/errors.ts';

const at = new Date('2026-03-01T12:00:00.000Z');

export async function startFeed(pool: Pool, options: ChangeFeedOptions = {}): Promise<ChangeFeed> {
  const feed = new ChangeFeed(
    { pool, log: pino({ level: 'silent' }) },
    { pollMs: 5, leastMsBetweenReads: 1, ...options },
  );
  await feed.start();
  return feed;
}

/** A change that says nothing but its own id. */
export function change(parts: Partial<NewChange> = {}): NewChange {
  return { topic: 'customer.changed', customerId: randomUUID(), subjectId: randomUUID(), detail: null, ...parts };
}

export function merged(absorbed: string, into: string): NewChange {
  return change({ topic: 'customer.merged', customerId: absorbed, subjectId: absorbed, detail: { into } });
}

export function split(emerged: string, from: string): NewChange {
  return change({ topic: 'customer.split', customerId: emerged, subjectId: emerged, detail: { from } });
}

/** Commits the changes in one transaction; returns their ids. */
export async function commit(pool: Pool, ...changes: NewChange[]): Promise<string[]> {
  await pool.begin((tx) => appendChanges(tx, at, changes));
  return changes.map((one) => one.subjectId);
}

/**
 * Waits until everything committed so far can be read: the guard waits for every transaction of the server, those of
 * other test files included.
 */
export async function untilReadable(pool: Pool): Promise<void> {
  for (;;) {
    const { held } = await readChanges(
      pool,
      beforeTransaction(0n),
      { scan: 1, handOver: 1 },
      { topics: null, about: null },
    );
    if (!held) return;
  }
}

export interface OpenTransaction {
  /** The ids of what it has appended. */
  readonly ids: string[];
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** A transaction that has appended the changes and stays open, so that a test decides when it ends. */
export async function begin(pool: Pool, ...changes: NewChange[]): Promise<OpenTransaction> {
  const written = Promise.withResolvers<void>();
  const end = Promise.withResolvers<'commit' | 'rollback'>();
  const ended = pool
    .begin(async (tx: Tx) => {
      await appendChanges(tx, at, changes);
      written.resolve();
      if ((await end.promise) === 'rollback') throw new RolledBack();
    })
    .catch((error: unknown) => {
      written.reject(error);
      if (!(error instanceof RolledBack)) throw error;
    });
  await written.promise;
  const finish = async (how: 'commit' | 'rollback') => {
    end.resolve(how);
    await ended;
  };
  return {
    ids: changes.map((one) => one.subjectId),
    commit: () => finish('commit'),
    rollback: () => finish('rollback'),
  };
}

class RolledBack extends Error {}

/** The next `count` changes; waits for them. */
export async function take(stream: AsyncIterator<Change>, count: number): Promise<Change[]> {
  const taken: Change[] = [];
  while (taken.length < count) {
    const result = await stream.next();
    if (result.done) throw new Error(`The stream ended after ${taken.length} of ${count} changes.`);
    taken.push(result.value);
  }
  return taken;
}

export async function takeIds(stream: AsyncIterator<Change>, count: number): Promise<string[]> {
  return (await take(stream, count)).map((one) => one.subjectId);
}

/** The error with which `attempt` fails. Fails when it does not. */
export async function errorOf(attempt: Promise<unknown>): Promise<DomainError> {
  const result = await attempt.then(
    () => undefined,
    (error: DomainError) => error,
  );
  if (!result) throw new Error('Expected an error.');
  return result;
}
