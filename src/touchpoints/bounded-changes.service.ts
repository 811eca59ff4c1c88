import { customerCut, isKept, outside, touchpointBoundary } from '../access/boundary.ts';
import { requireScope } from '../access/scopes.ts';
import { isOfSomebodyInside } from '../identity/customer-subscription.service.ts';
import { limitBroken } from '../kernel/boundary.ts';
import { mapStream } from '../kernel/change-feed-map.ts';
import type { Change } from '../kernel/change-feed-page.ts';
import type { ChangeTopic } from '../kernel/changes.queries.ts';
import type { Context } from '../kernel/context.ts';
import type { JsonObject } from '../kernel/json.ts';
import { loadRecordedTouchpoints } from './touchpoint-subscription.loader.ts';

/** What the change feed holds for keys with a boundary: a topic that is not here is not told. */
const topicRules: Partial<Record<ChangeTopic, 'NOBODY' | 'TOUCHPOINT' | 'CUSTOMER' | 'WHOLE'>> = {
  'touchpoint.recorded': 'TOUCHPOINT',
  'customer.created': 'CUSTOMER',
  // These follow from all that is known of a customer.
  'customer.changed': 'WHOLE',
  'segment.entered': 'WHOLE',
  'segment.left': 'WHOLE',
  'loyalty.changed': 'WHOLE',
  'loyalty.tier_changed': 'WHOLE',
  'lifecycle.changed': 'WHOLE',
  'churn_risk.raised': 'WHOLE',
  'consent.changed': 'WHOLE',
  'preference.changed': 'WHOLE',
  'data.deleted': 'WHOLE',
  'segment.changed': 'NOBODY',
  'loyalty.program_changed': 'NOBODY',
};

/** The topics that the caller's key is told of; of those that it asks for, or else of all. Throws for one that it is not. */
export function topicsInside(
  ctx: Context,
  topics: readonly ChangeTopic[] | undefined,
): readonly ChangeTopic[] | undefined {
  if (!isKept(ctx)) return topics;
  const isTold = (topic: ChangeTopic) => {
    const rule = topicRules[topic];
    return rule !== undefined && !(rule === 'WHOLE' && touchpointBoundary(ctx));
  };
  const hidden = topics?.find((topic) => !isTold(topic));
  if (hidden) throw outside(`The key's boundary leaves out changes of the topic ${hidden}.`, { field: 'topics' });
  return topics ?? (Object.keys(topicRules) as ChangeTopic[]).filter(isTold);
}

/** Leaves out what is outside at the moment of telling, and what a change says of others. */
export async function changesInside(
  ctx: Context,
  changes: AsyncIterableIterator<Change>,
): Promise<AsyncIterableIterator<Change>> {
  requireScope(ctx, 'customers:read');
  if (!isKept(ctx)) return changes;
  return mapStream(changes, async (change) => ((await isInside(ctx, change)) ? withoutOthers(change) : undefined));
}

async function isInside(ctx: Context, change: Change): Promise<boolean> {
  const rule = topicRules[change.topic];
  if (rule === 'NOBODY') return true;
  if (rule === 'TOUCHPOINT' && !(await holdsTouchpoint(ctx, change))) return false;
  const recordId = rule === 'TOUCHPOINT' ? String(change.detail?.recordId) : change.customerId;
  return customerCut(ctx) === undefined || isOfSomebodyInside(ctx, recordId);
}

async function holdsTouchpoint(ctx: Context, change: Change): Promise<boolean> {
  const boundary = touchpointBoundary(ctx);
  if (!boundary) return true;
  const touchpoint = (await change.page.once(loadRecordedTouchpoints, ctx.pool, change)).get(change.subjectId);
  return touchpoint !== undefined && limitBroken(boundary, touchpoint) === undefined;
}

/** Who absorbed a customer may be somebody outside. */
function withoutOthers(change: Change): Change {
  const { into: _into, ...detail } = change.detail ?? {};
  return change.detail ? { ...change, detail: detail as JsonObject } : change;
}
