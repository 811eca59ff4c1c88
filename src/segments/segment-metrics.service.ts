import { requireScope } from '../access/scopes.ts';
import type { SegmentScope } from '../kpis/segment-scope.queries.ts';
import { noSegment } from './segment.service.ts';
import { selectMembers } from './segment-metrics.queries.ts';
import { findSegment } from './segment-reader.service.ts';

/** Lets numbers be of segments: KPIs come before segments, and are given this when a server is put together. */
export const segmentScope: SegmentScope = {
  async check(ctx, segmentIds) {
    requireScope(ctx, 'segments:read');
    for (const id of segmentIds) if (!(await findSegment(ctx, id))) throw noSegment(id);
  },
  members: selectMembers,
};
