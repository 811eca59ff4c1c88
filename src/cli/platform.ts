import pino from 'pino';
import { CataloguedTraits } from '../identity/personal-traits.service.ts';
import { ChangeFeed } from '../kernel/change-feed.ts';
import { systemClock } from '../kernel/clock.ts';
import type { Config } from '../kernel/config.ts';
import type { Platform } from '../kernel/context.ts';
import { randomIds } from '../kernel/ids.ts';
import { createLog, type Logger } from '../kernel/log.ts';
import { migrate } from '../kernel/migrate.ts';
import { type OpenDatabase, openDatabase } from '../kernel/open-database.ts';
import { boundaries } from '../segments/boundaries.queries.ts';

/** A command's log goes to standard error, and only what is worth a person's attention: its result is its output. */
export function commandLog(config: Config): Logger {
  return createLog(config.logLevel === 'info' ? 'warn' : config.logLevel, pino.destination({ dest: 2, sync: true }));
}

/**
 * Runs a command's work on the configured database, brought up to this release. Without `DATABASE_URL` that is the
 * embedded one: of the server that runs on the data directory, or else started for as long as the command takes.
 */
export async function withPlatform<T>(config: Config, work: (platform: Platform) => Promise<T>): Promise<T> {
  const log = commandLog(config);
  const database = await openDatabase(config, { role: 'command', log });
  return closing(database, async () => {
    await migrate(database.pool);
    const feed = new ChangeFeed({ pool: database.pool, log });
    await feed.start();
    try {
      const surroundings = { pool: database.pool, clock: systemClock, ids: randomIds, log };
      const personalTraits = await CataloguedTraits.open(surroundings);
      return await work({ ...surroundings, feed, personalTraits, boundaries });
    } finally {
      await feed.stop();
    }
  });
}

/** Closes the database however the work ends: also on Ctrl-C, which otherwise would not wait for it. */
async function closing<T>(database: OpenDatabase, work: () => Promise<T>): Promise<T> {
  const interrupted = () => void database.close().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    return await work();
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await database.close();
  }
}
