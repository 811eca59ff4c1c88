import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import { findNextDue } from './segment-clock.queries.ts';
import { type BuildsUnderWay, countBuilds } from './segment-reading.queries.ts';

/** By how many seconds the clock is behind what is due; 0 where nothing is. */
export async function clockLag(db: Database, clock: Clock): Promise<number> {
  const due = await findNextDue(db);
  return due === null ? 0 : Math.max(0, clock.now().getTime() - due.getTime()) / 1_000;
}

export function buildsUnderWay(db: Database): Promise<BuildsUnderWay> {
  return countBuilds(db);
}
