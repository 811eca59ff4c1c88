import { requireScope } from '../access/scopes.ts';
import type { Context } from '../kernel/context.ts';
import { loadActivity, nameOfActivity } from './customer-activity.loader.ts';
import { type ActivityDay, type ActivityPeriod, checkActivityPeriod, fillDays } from './customer-activity.ts';

/** What a customer did, day by day. Batched, whatever the number of customers. */
export async function activityOfCustomer(
  ctx: Context,
  customerId: string,
  period: ActivityPeriod,
): Promise<ActivityDay[]> {
  requireScope(ctx, 'customers:read');
  checkActivityPeriod(period);
  const active = await ctx.loaders.get(loadActivity, ctx, nameOfActivity).load({ ownerId: customerId, ...period });
  return fillDays(period, active);
}
