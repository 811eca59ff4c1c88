import { badInput } from '../kernel/errors.ts';
import type { Channel, Direction } from './touchpoint.ts';

/**
 * Which touchpoints. Everything given must hold; within a list one match is enough. Ids are UUIDs. Built from facts
 * that the change feed carries too, so that a list and a subscription with the same filter agree.
 */
export interface TouchpointFilter {
  readonly types?: readonly string[] | null;
  readonly sources?: readonly string[] | null;
  readonly channels?: readonly Channel[] | null;
  readonly directions?: readonly Direction[] | null;
  readonly campaigns?: readonly string[] | null;
  readonly customerId?: string | null;
  readonly recordId?: string | null;
  /** Half-open: `from` belongs to it, `to` does not. */
  readonly occurred?: { readonly from?: Date | null; readonly to?: Date | null } | null;
}

/** What a filter looks at. */
export interface TouchpointFacts {
  readonly type: string;
  readonly source: string;
  readonly channel: string;
  readonly direction: string;
  readonly campaign: string | null;
  readonly customerId: string | null;
  readonly recordId: string;
  readonly occurredAt: Date;
}

export function matchesTouchpoint(filter: TouchpointFilter, facts: TouchpointFacts): boolean {
  return (
    isListed(filter.types, facts.type) &&
    isListed(filter.sources, facts.source) &&
    isListed(filter.channels, facts.channel) &&
    isListed(filter.directions, facts.direction) &&
    isListed(filter.campaigns, facts.campaign) &&
    (filter.customerId == null || filter.customerId === facts.customerId) &&
    (filter.recordId == null || filter.recordId === facts.recordId) &&
    (filter.occurred?.from == null || facts.occurredAt >= filter.occurred.from) &&
    (filter.occurred?.to == null || facts.occurredAt < filter.occurred.to)
  );
}

function isListed(list: readonly string[] | null | undefined, value: string | null): boolean {
  return list == null || (value !== null && list.includes(value));
}

const toldBy = {
  types: 'Touchpoint.type',
  sources: 'Touchpoint.source',
  channels: 'Touchpoint.channel',
  directions: 'Touchpoint.direction',
  campaigns: 'Touchpoint.campaign',
  customerId: 'Touchpoint.customer',
  recordId: 'Touchpoint.record',
  occurred: 'Touchpoint.occurredAt',
} as const satisfies Record<keyof TouchpointFilter, string>;

/** Fields of the schema that a filter looks at. */
export function fieldsOfFilter(filter: TouchpointFilter): string[] {
  return (Object.keys(toldBy) as (keyof TouchpointFilter)[])
    .filter((name) => filter[name] != null)
    .map((name) => toldBy[name]);
}

const longestList = 100;

/** Refuses lists that no screen needs and a period that holds nothing. `field` is where the filter was given. */
export function checkTouchpointFilter(filter: TouchpointFilter, field = 'filter'): void {
  for (const name of ['types', 'sources', 'channels', 'directions', 'campaigns'] as const) {
    const length = filter[name]?.length ?? 0;
    if (length > longestList)
      throw badInput(`Expected at most ${longestList} ${name}, got ${length}.`, `${field}.${name}`);
  }
  const { from, to } = filter.occurred ?? {};
  if (from && to && from >= to) throw badInput('Expected `from` before `to`.', `${field}.occurred.to`);
}
