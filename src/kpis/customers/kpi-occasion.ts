import type { AcceptedTouchpoint } from '../../touchpoints/touchpoint.ts';
import type { RecordedBatch } from '../../touchpoints/touchpoints.events.ts';
import { isSignalType } from '../facts/signal.ts';

export interface BatchConcern {
  /** Customers whose history is another one now, as far as KPIs look. */
  readonly concerned: ReadonlySet<string>;
  /** All others who were only seen: for most of them it makes no difference. */
  readonly touched: readonly TouchedCustomer[];
}

export interface TouchedCustomer {
  readonly customerId: string;
  /** They have not been seen before this. */
  readonly isEarliest: boolean;
  /** They have been seen after it, in the same batch perhaps. */
  readonly isLate: boolean;
}

type Batch = Pick<
  RecordedBatch,
  'touchpoints' | 'customerOf' | 'regrouped' | 'moved' | 'claimed' | 'antedated' | 'seenOf' | 'changes' | 'customerIds'
>;

export function concernedBy(batch: Batch): BatchConcern {
  const { touchpoints, customerOf, regrouped, moved, claimed, antedated, customerIds } = batch;
  const known = new Set(customerIds);
  const concerned = new Set([...moved, ...movedTiers(batch)].filter((id) => known.has(id)));
  for (const touchpoint of touchpoints) {
    const customerId = customerOf.get(touchpoint.recordId);
    if (!customerId || concerned.has(customerId)) continue;
    const isNew = regrouped.has(customerId) || claimed.has(customerId) || antedated.has(customerId);
    if (isFact(touchpoint) || (isNew && namesPerson(touchpoint))) concerned.add(customerId);
  }
  return { concerned, touched: touchedOf(batch, concerned) };
}

/** Loyalty has reacted before. */
function movedTiers({ changes }: Batch): string[] {
  return changes.flatMap(({ topic, customerId }) =>
    topic === 'loyalty.tier_changed' && customerId ? [customerId] : [],
  );
}

/** Whoever is new and unknown has no stage yet that a touchpoint could change. */
function touchedOf({ touchpoints, customerOf, regrouped, seenOf }: Batch, concerned: ReadonlySet<string>) {
  const firstOf = new Map<string, Date>();
  for (const { recordId, occurredAt } of touchpoints) {
    const customerId = customerOf.get(recordId);
    if (!customerId || concerned.has(customerId) || regrouped.has(customerId)) continue;
    const first = firstOf.get(customerId);
    if (!first || occurredAt < first) firstOf.set(customerId, occurredAt);
  }
  return [...firstOf].map(([customerId, firstAt]): TouchedCustomer => {
    // Of whom it is not known, since a new record of theirs has made them be counted anew, anything may be.
    const seen = seenOf.get(customerId);
    return { customerId, isEarliest: !seen || seen.firstAt >= firstAt, isLate: !seen || firstAt < seen.lastAt };
  });
}

/** Whether it is a purchase or a signal, see `facts`. */
function isFact({ type, valueMinor }: AcceptedTouchpoint): boolean {
  return isSignalType(type) || (valueMinor !== null && (type === 'order.completed' || type === 'order.returned'));
}

function namesPerson({ identifiers }: AcceptedTouchpoint): boolean {
  return identifiers.some((identifier) => identifier.namesPerson && !identifier.blocked);
}
