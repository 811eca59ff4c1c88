import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureOwnerKey, type OwnerKey } from '../access/owner-key.service.ts';
import { systemClock } from '../kernel/clock.ts';
import type { Config } from '../kernel/config.ts';
import { randomIds } from '../kernel/ids.ts';
import { createLog, type Logger } from '../kernel/log.ts';
import { migrate } from '../kernel/migrate.ts';
import { type OpenDatabase, openDatabase } from '../kernel/open-database.ts';
import { type Listening, listen } from './server.ts';
import { type Wiring, wire } from './wiring.ts';

/** Requests and batches that haven't ended by then are cut off. */
const shutdownPatienceMs = 20_000;

export interface RunningServer {
  /** Such as `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly ownerKey: OwnerKey;
  readonly wiring: Wiring;
  /** Resolves when the server has ended, whoever ended it. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts everything, and takes all of it down again in reverse order when one step fails.
 * Throws a `StartupError` for what the operator can put right.
 */
export async function startServer(config: Config, log: Logger = createLog(config.logLevel)): Promise<RunningServer> {
  const database = await openDatabase(config, { role: 'server', log });
  const undo: (() => Promise<void>)[] = [() => database.close()];
  try {
    const surroundings = { pool: database.pool, clock: systemClock, ids: randomIds, log };
    const applied = await migrate(database.pool);
    if (applied.length > 0) log.info({ applied }, 'database migrated');
    const wiring = await wire(surroundings, config);
    const ownerKey = await ensureOwnerKey(wiring.platform, {
      preset: config.ownerKey,
      file: join(config.dataDir, 'owner-key'),
    });
    await wiring.start();
    undo.unshift(() => wiring.stop());
    const listening = await listen(wiring, config);
    log.info({ url: listening.url }, 'listening');
    return running({ database, wiring, listening, log }, ownerKey);
  } catch (error) {
    for (const step of undo) await step().catch((err: unknown) => log.error({ err }, 'could not be undone'));
    throw error;
  }
}

interface Started {
  readonly database: OpenDatabase;
  readonly wiring: Wiring;
  readonly listening: Listening;
  readonly log: Logger;
}

function running(started: Started, ownerKey: OwnerKey): RunningServer {
  const { listening, wiring, database, log } = started;
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= shutDown(started).finally(resolve);
    return closing;
  };
  database.ended.then(() => {
    if (closing) return;
    log.fatal('the database has ended; the server cannot go on without it');
    process.exitCode = 1;
    void close();
  });
  return { url: listening.url, ownerKey, wiring, ended, close };
}

/** Callers first, then what works for them, the database last. A step that hangs must not keep the next from its turn. */
async function shutDown({ listening, wiring, database, log }: Started): Promise<void> {
  log.info('shutting down');
  const steps = [
    ['requests and websockets', () => listening.close()],
    ['background work', () => wiring.stop()],
    ['database', () => database.close()],
  ] as const;
  const { signal, abort } = deadline(shutdownPatienceMs);
  for (const [name, step] of steps) {
    const done = await Promise.race([step().then(() => true), signal]).catch((err: unknown) => {
      log.error({ err, step: name }, 'a step of the shutdown failed');
      return true;
    });
    if (!done) log.warn({ step: name }, 'a step of the shutdown took too long and was left behind');
  }
  abort();
  log.info('stopped');
}

function deadline(ms: number): { signal: Promise<false>; abort: () => void } {
  const controller = new AbortController();
  const signal = sleep(ms, false as const, { signal: controller.signal, ref: false }).catch(() => false as const);
  return { signal, abort: () => controller.abort() };
}
