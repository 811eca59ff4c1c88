import type { Context } from '../kernel/context.ts';
import { groupBy } from '../kernel/lists.ts';
import { findDayUsage, type UsagePeriod } from './key-usage.queries.ts';
import type { DayUsage } from './usage-tally.ts';

export async function loadDayUsage(ctx: Context, periods: readonly UsagePeriod[]): Promise<DayUsage[][]> {
  const byKey = groupBy(await findDayUsage(ctx.pool, periods), ({ keyId }) => keyId);
  return periods.map(({ keyId, from, to }) => {
    return (byKey.get(keyId) ?? []).filter(({ day }) => day >= from && day < to);
  });
}
