import type { Context } from '../kernel/context.ts';
import { type ListKey, readLists } from '../kernel/lists.ts';
import { countActivity } from './customer-activity.queries.ts';
import type { ActivityDay, ActivityPeriod } from './customer-activity.ts';

export interface ActivityKey extends ListKey, ActivityPeriod {}

const argumentsOf = ({ from, to, timeZone }: ActivityKey): string => `${from} ${to} ${timeZone}`;

export const nameOfActivity = (key: ActivityKey): string => `${key.ownerId} ${argumentsOf(key)}`;

export function loadActivity(ctx: Context, keys: readonly ActivityKey[]): Promise<ActivityDay[][]> {
  return readLists(keys, {
    argumentsOf,
    read: (ids, period) => countActivity(ctx.pool, ids, period),
    ownerOf: (row) => row.customerId,
  });
}
