import type { Database } from '../kernel/database.ts';
import { column, idColumn } from '../kernel/sql-array.ts';
import type { DayUsage, MinuteUsage } from './usage-tally.ts';

/** Sorted, like all that two nodes may write at once: each waits for the other at most, never both. */
export async function addDayUsage(db: Database, usages: readonly DayUsage[]): Promise<void> {
  await db`
    insert into api_key_days (key_id, day, requests, touchpoints, errors, cost)
    select * from unnest(
      ${idColumn(usages, (usage) => usage.keyId)}::uuid[],
      ${column(usages, (usage) => usage.day)}::date[],
      ${column(usages, (usage) => usage.requests)}::bigint[],
      ${column(usages, (usage) => usage.touchpoints)}::bigint[],
      ${column(usages, (usage) => usage.errors)}::bigint[],
      ${column(usages, (usage) => usage.cost)}::bigint[]
    ) as new (key_id, day, requests, touchpoints, errors, cost)
    order by key_id, day
    on conflict (key_id, day) do update set
      requests = api_key_days.requests + excluded.requests,
      touchpoints = api_key_days.touchpoints + excluded.touchpoints,
      errors = api_key_days.errors + excluded.errors,
      cost = api_key_days.cost + excluded.cost`;
}

/** The latest minute of all nodes counts; what a node brings of an earlier one is of no use to anybody. */
export async function addMinuteUsage(db: Database, usages: readonly MinuteUsage[]): Promise<void> {
  await db`
    insert into api_key_minutes as known (key_id, minute, requests, cost)
    select * from unnest(
      ${idColumn(usages, (usage) => usage.keyId)}::uuid[],
      ${column(usages, (usage) => usage.minute)}::timestamptz[],
      ${column(usages, (usage) => usage.requests)}::bigint[],
      ${column(usages, (usage) => usage.cost)}::bigint[]
    ) as new (key_id, minute, requests, cost)
    order by key_id
    on conflict (key_id) do update set
      minute = excluded.minute,
      requests = excluded.requests + case when known.minute = excluded.minute then known.requests else 0 end,
      cost = excluded.cost + case when known.minute = excluded.minute then known.cost else 0 end
    where known.minute <= excluded.minute`;
}

export interface UsagePeriod {
  /** UUID. */
  readonly keyId: string;
  readonly from: string;
  /** The day after the last one. */
  readonly to: string;
}

/** The days of each period on which there was anything. */
export async function findDayUsage(db: Database, periods: readonly UsagePeriod[]): Promise<DayUsage[]> {
  return db<DayUsage[]>`
    select distinct key_id as "keyId", day::text, requests::float8, touchpoints::float8, errors::float8,
      cost::float8
    from unnest(
      ${idColumn(periods, (period) => period.keyId)}::uuid[],
      ${column(periods, (period) => period.from)}::date[],
      ${column(periods, (period) => period.to)}::date[]
    ) as asked (id, first, beyond)
    join api_key_days on key_id = id and day >= first and day < beyond
    order by 1, 2`;
}
