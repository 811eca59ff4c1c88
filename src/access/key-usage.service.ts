import type { Context } from '../kernel/context.ts';
import { badInput } from '../kernel/errors.ts';
import { isoDay } from '../kernel/iso-day.ts';
import { loadDayUsage } from './key-usage.loader.ts';
import type { UsagePeriod } from './key-usage.queries.ts';
import { requireScope } from './scopes.ts';
import type { DayUsage } from './usage-tally.ts';

const oneDay = 86_400_000;
const mostDays = 400;

/** What was done with a key, every day of the period, quiet ones included. */
export async function usageOfKey(ctx: Context, period: UsagePeriod): Promise<DayUsage[]> {
  requireScope(ctx, 'admin');
  const days = daysOf(period);
  const loader = ctx.loaders.get(loadDayUsage, ctx, ({ keyId, from, to }: UsagePeriod) => `${keyId} ${from} ${to}`);
  const used = new Map((await loader.load(period)).map((usage) => [usage.day, usage]));
  return days.map(
    (day) => used.get(day) ?? { keyId: period.keyId, day, requests: 0, touchpoints: 0, errors: 0, cost: 0 },
  );
}

function daysOf({ from, to }: UsagePeriod): string[] {
  const first = Date.parse(from);
  const count = (Date.parse(to) - first) / oneDay;
  if (count < 1 || count > mostDays) throw badInput(`Expected 1 to ${mostDays} days, got ${count}.`, 'to');
  return Array.from({ length: count }, (_, index) => isoDay(new Date(first + index * oneDay)));
}
