import { activityPeriod } from './view-data.ts';

/** The 360° view: everything of one customer that a service desk has on its screen. */
export const viewQuery = `query View($id: ID!, $from: Date!, $to: Date!) {
  customer(id: $id) {
    id identified firstSeenAt lastSeenAt touchpointCount
    records { source key firstAt lastAt touchpointCount }
    identifiers { kind value firstSeenAt lastSeenOn recordCount }
    traits { name value }
    touchpoints(first: 20) {
      nodes {
        type channel direction source occurredAt value { amount currency }
        lines { sku name quantity price { amount currency } } properties
      }
      pageInfo { hasNextPage }
    }
    orders {
      orders returns firstOrderAt lastOrderAt
      revenue { currency orders gross { amount currency } net { amount currency } averageOrderValue { amount currency } }
    }
    activity(from: $from, to: $to) { day touchpoints orders }
  }
}`;

export function viewRequest(id: string): string {
  return JSON.stringify({ query: viewQuery, variables: { id, ...activityPeriod } });
}
