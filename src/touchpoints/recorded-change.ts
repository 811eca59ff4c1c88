import type { ChangeLine } from '../kernel/changes.queries.ts';
import type { TouchpointFacts } from './touchpoint-filter.ts';

/** What a `touchpoint.recorded` change tells of its touchpoint: what filters look at. */
export function recordedFacts({ customerId, detail }: ChangeLine): TouchpointFacts {
  const text = (name: string) => String(detail?.[name]);
  return {
    type: text('type'),
    source: text('source'),
    channel: text('channel'),
    direction: text('direction'),
    campaign: typeof detail?.campaign === 'string' ? detail.campaign : null,
    customerId,
    recordId: text('recordId'),
    occurredAt: new Date(text('occurredAt')),
  };
}
