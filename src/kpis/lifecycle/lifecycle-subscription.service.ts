import { requireScope } from '../../access/scopes.ts';
import { subscribeToTopics } from '../../identity/customer-subscription.service.ts';
import { mapStream } from '../../kernel/change-feed-map.ts';
import type { Change } from '../../kernel/change-feed-page.ts';
import type { Context } from '../../kernel/context.ts';
import { isHigher, type LifecycleStage, type RiskBand } from './stage.ts';

interface Followed {
  /** UUID of any id that the customer ever had; left out: everybody. */
  readonly customerId?: string | null;
  readonly after?: string | null;
}

/** Every change of a stage, once, in commit order; into one of `stages`, or into any. */
export async function subscribeToLifecycle(
  ctx: Context,
  { stages, ...about }: Followed & { readonly stages?: readonly LifecycleStage[] | null },
): Promise<AsyncIterableIterator<Change>> {
  requireScope(ctx, 'metrics:read');
  const changes = await subscribeToTopics(ctx, { ...about, topics: ['lifecycle.changed'] });
  if (!stages) return changes;
  return mapStream(changes, (change) => (stages.includes(change.detail?.to as LifecycleStage) ? change : undefined));
}

/** Every rise of a churn risk into a higher band, once; across the beginning of `band`, or of any; of all stores' customers, or one's. */
export async function subscribeToChurnRisk(
  ctx: Context,
  { band, storeId, ...about }: Followed & { readonly band?: RiskBand | null; readonly storeId?: string | null },
): Promise<AsyncIterableIterator<Change>> {
  requireScope(ctx, 'metrics:read');
  const changes = await subscribeToTopics(ctx, { ...about, topics: ['churn_risk.raised'] });
  if (!band && storeId == null) return changes;
  return mapStream(changes, (change) => {
    const { from, to, store } = change.detail as unknown as { from: RiskBand; to: RiskBand; store?: string };
    if (storeId != null && store !== storeId) return undefined;
    // Across it, not within: from ELEVATED to HIGH crosses into HIGH only.
    return !band || (isHigher(band, from) && !isHigher(band, to)) ? change : undefined;
  });
}
