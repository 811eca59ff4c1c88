import postgres from 'postgres';
import type { Scope } from '../../src/access/scopes.ts';
import { ChangeFeed } from '../../src/kernel/change-feed.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import type { Context, Platform } from '../../src/kernel/context.ts';
import type { Pool } from '../../src/kernel/database.ts';
import type { DomainError } from '../../src/kernel/errors.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { Loaders } from '../../src/kernel/loaders.ts';
import { createLog } from '../../src/kernel/log.ts';

export class MovableClock implements Clock {
  #now: number;

  constructor(start = '2026-03-01T12:00:00Z') {
    this.#now = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#now);
  }

  move(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

export interface TestPlatform extends Platform {
  /** What has been logged, at every level. */
  readonly logged: string[];
}

export function testPlatform(pool: Pool, clock: Clock): TestPlatform {
  const logged: string[] = [];
  const log = createLog('trace', { write: (line) => void logged.push(line) });
  const personalTraits = { has: () => true };
  return { pool, feed: new ChangeFeed({ pool, log }), clock, ids: randomIds, log, logged, personalTraits };
}

export function contextWith(platform: Platform, ...scopes: Scope[]): Context {
  const viewer = { keyId: randomIds.uuid(), name: 'test', scopes: new Set<string>(scopes) };
  return { ...platform, viewer, requestId: 'test', loaders: new Loaders() };
}

/** A pool that notes the text of every statement it sends, parts of statements not counted. */
export function openListeningPool(url: string): { pool: Pool; statements: string[] } {
  const statements: string[] = [];
  const pool = postgres(url, {
    max: 4,
    types: { bigint: postgres.BigInt },
    debug: (_connection, statement) => void statements.push(statement),
  });
  return { pool, statements };
}

/** The error with which something was refused. Fails when it was not. */
export async function refusalOf(attempt: Promise<unknown>): Promise<DomainError> {
  return attempt.then(
    () => {
      throw new Error('was let in');
    },
    (error: DomainError) => error,
  );
}

/** A pool over which the first answer to a statement with this text arrives only when it is released. */
export function holdFirstAnswer(
  pool: Pool,
  text: string,
): { pool: Pool; answered: Promise<void>; release: () => void } {
  const answered = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let held = false;
  const hold = async (query: PromiseLike<unknown>) => {
    const rows = await query;
    answered.resolve();
    await released.promise;
    return rows;
  };
  const holding = new Proxy(pool, {
    apply(target, self, args: Parameters<Pool>) {
      const query = Reflect.apply(target, self, args) as PromiseLike<unknown>;
      if (held || !String(args[0]).includes(text)) return query;
      held = true;
      return hold(query);
    },
  });
  return { pool: holding, answered: answered.promise, release: released.resolve };
}
