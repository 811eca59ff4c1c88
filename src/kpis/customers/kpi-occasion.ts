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
  readonly firstAt: Date;
  /** The earliest touchpoint that says who they are. */
  readonly namedAt: Date | null;
}

type Batch = Pick<RecordedBatch, 'touchpoints' | 'customerOf' | 'regrouped' | 'moved' | 'claimed' | 'customerIds'>;

export function concernedBy(batch: Batch): BatchConcern {
  const { touchpoints, customerOf, regrouped, moved, claimed, customerIds } = batch;
  const known = new Set(customerIds);
  const concerned = new Set([...moved].filter((id) => known.has(id)));
  for (const touchpoint of touchpoints) {
    const customerId = customerOf.get(touchpoint.recordId);
    if (!customerId || concerned.has(customerId)) continue;
    const isNew = regrouped.has(customerId) || claimed.has(customerId);
    if (isFact(touchpoint) || (isNew && namesPerson(touchpoint))) concerned.add(customerId);
  }
  return { concerned, touched: touchedOf(batch, concerned) };
}

/** Whoever is new and unknown has no stage yet that a touchpoint could change. */
function touchedOf({ touchpoints, customerOf, regrouped }: Batch, concerned: ReadonlySet<string>): TouchedCustomer[] {
  const touched = new Map<string, TouchedCustomer>();
  for (const touchpoint of touchpoints) {
    const customerId = customerOf.get(touchpoint.recordId);
    if (!customerId || concerned.has(customerId) || regrouped.has(customerId)) continue;
    const { firstAt, namedAt } = touched.get(customerId) ?? { firstAt: touchpoint.occurredAt, namedAt: null };
    const named = namesPerson(touchpoint) ? touchpoint.occurredAt : null;
    touched.set(customerId, {
      customerId,
      firstAt: earlier(firstAt, touchpoint.occurredAt),
      namedAt: namedAt && named ? earlier(namedAt, named) : (named ?? namedAt),
    });
  }
  return [...touched.values()];
}

function earlier(a: Date, b: Date): Date {
  return b < a ? b : a;
}

/** Whether it is a purchase or a signal, see `facts`. */
function isFact({ type, valueMinor }: AcceptedTouchpoint): boolean {
  return isSignalType(type) || (valueMinor !== null && (type === 'order.completed' || type === 'order.returned'));
}

function namesPerson({ identifiers }: AcceptedTouchpoint): boolean {
  return identifiers.some((identifier) => identifier.namesPerson && !identifier.blocked);
}
