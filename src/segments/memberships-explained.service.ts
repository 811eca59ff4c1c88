import { requireScope } from '../access/scopes.ts';
import type { Context } from '../kernel/context.ts';
import { toPublicId } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import { findMembershipsOf } from './memberships-explained.queries.ts';
import type { SegmentExplainer } from './segment-explanation.service.ts';

/** Of which segments somebody is a member, since when, and by what: every part of each definition with what it found. */
export async function explainMemberships(ctx: Context, explainer: SegmentExplainer, customerId: string): Promise<Json> {
  requireScope(ctx, 'segments:read');
  const explained: Json[] = [];
  for (const segmentId of await findMembershipsOf(ctx.pool, customerId)) {
    const { segment, version, stored, verdict, judgements } = await explainer.explain(ctx, { customerId, segmentId });
    explained.push({
      segment: toPublicId('seg', segmentId),
      name: segment.name,
      version,
      since: stored?.since?.toISOString() ?? null,
      verdict,
      because: judgements.map(({ path, text, kind, verdict: holds, found }) => ({ path, kind, text, holds, found })),
    });
  }
  return explained;
}
