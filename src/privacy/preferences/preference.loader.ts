import type { Context } from '../../kernel/context.ts';
import { groupBy } from '../../kernel/lists.ts';
import { findPreferencesOf, type OwnedPreference } from './preferences.queries.ts';

/** All that was said of each customer's preferences. */
export async function loadPreferences(ctx: Context, customerIds: readonly string[]): Promise<OwnedPreference[][]> {
  const byCustomer = groupBy(await findPreferencesOf(ctx.pool, customerIds), ({ customerId }) => customerId);
  return customerIds.map((id) => byCustomer.get(id) ?? []);
}
