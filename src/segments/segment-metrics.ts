import type { Dimension } from '../kpis/metrics/catalogue/dimension.ts';

/** What segments add to the catalogue of metrics. */
export const segmentDimension: Dimension = {
  key: 'SEGMENT',
  title: 'Segment',
  description:
    'Name of a segment that the customer is in now; null: none. Who is in several counts in each, and once in totals. Needs the ' +
    'scope `segments:read`.',
  owner: 'CRM',
  values: `select distinct segment.name as value
    from segment_states state join segments segment on segment.id = state.segment_id
    where state.customer_id = c.id and state.member`,
  topics: ['segment.entered', 'segment.left', 'segment.changed'],
  scope: 'segments:read',
};
