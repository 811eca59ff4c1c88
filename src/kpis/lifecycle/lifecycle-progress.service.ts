import type { Clock } from '../../kernel/clock.ts';
import type { Database } from '../../kernel/database.ts';
import { findNextDueLifecycle } from './lifecycle.queries.ts';
import { findSweep } from './lifecycle-sweep.queries.ts';

/** How many seconds the customer who is due longest has been waiting; 0: nobody is. */
export async function lifecycleLag(db: Database, clock: Clock): Promise<number> {
  const next = await findNextDueLifecycle(db);
  return next === null ? 0 : Math.max(0, (clock.now().getTime() - next.getTime()) / 1000);
}

/** 1 as long as customers have not all been looked at since settings, models or scales changed, else 0. */
export async function lifecycleSweepsUnderWay(db: Database): Promise<number> {
  return (await findSweep(db)).isOver ? 0 : 1;
}
