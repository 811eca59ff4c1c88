import type { ApiClient } from './api-client.ts';
import { formatCount } from './progress.ts';

/** What a retailer would keep, in words. */
const segments = [
  {
    name: 'Regulars',
    text: 'regularly order.completed in at least 3 of the last 6 months',
  },
  {
    name: 'Good customers who are drifting away',
    text: 'number of orders is at least 3 and days since last order is more than 90 and count of session.started in the last 30 days is less than 1',
  },
  {
    name: 'Left a cart behind',
    text: 'after cart.updated in the last 7 days came no order.completed within 1 day',
  },
  {
    name: 'Looking right now',
    text: 'count of product.viewed in the last 15 minutes is at least 2',
  },
  {
    name: 'Complained, and not back since',
    text: 'count of case.opened where complaint is true in the last 90 days is at least 1 and count of order.completed in the last 30 days is less than 1',
  },
] as const;

const mutation = `mutation CreateSegment($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }`;

/** Creates them once: a second start repeats the request, and nothing comes of it. */
export async function createSegments(api: ApiClient, signal: AbortSignal): Promise<void> {
  for (const segment of segments) {
    const input = { ...segment, idempotencyKey: `demo ${segment.name}` };
    await api.requestPatiently(mutation, { input }, signal);
  }
}

interface Counted {
  readonly segments: { readonly nodes: readonly { readonly name: string; readonly memberCount: number }[] };
}

/** How many are in each. */
export async function describeSegments(api: ApiClient): Promise<string> {
  const { segments: found } = await api.request<Counted>(`query Segments { segments { nodes { name memberCount } } }`);
  const lines = found.nodes.map(({ name, memberCount }) => `    ${formatCount(memberCount).padStart(7)}  ${name}`);
  return `  Segments, kept true while touchpoints come in and time goes by\n${lines.join('\n')}`;
}
