import { ChangeFeed } from './change-feed.ts';
import { systemClock } from './clock.ts';
import type { Platform } from './context.ts';
import type { Pool } from './database.ts';
import { randomIds } from './ids.ts';
import type { Logger } from './log.ts';

/** The platform of a real process: the true time, random ids, and a change feed that is still to be started. */
export function createPlatform(pool: Pool, log: Logger): Platform {
  return { pool, feed: new ChangeFeed({ pool, log }), clock: systemClock, ids: randomIds, log };
}
