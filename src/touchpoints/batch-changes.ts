import type { IdentityOutcome } from '../identity/evidence.service.ts';
import type { NewChange } from '../kernel/changes.queries.ts';
import { isoInstant } from '../kernel/iso-day.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { BatchFold } from './fold.ts';
import type { AcceptedTouchpoint } from './touchpoint.ts';
import type { RecordedBatch } from './touchpoints.events.ts';

type Recorded = Pick<RecordedBatch, 'touchpoints' | 'customerOf' | 'customerIds' | 'absorbed'>;

/** Why a customer changed; several may hold at once. */
export type ChangeReason = 'TOUCHPOINTS' | 'ORDERS' | 'TRAITS' | 'IDENTITY';

/** The lines of the change feed for a batch: who merged or parted, then each touchpoint, then each customer once. */
export function changesOf(batch: Recorded, fold: BatchFold, identity: IdentityOutcome): NewChange[] {
  const { absorbed, split } = identity.regrouping;
  return [
    ...absorbed.map(({ id, into }) => customerChange('customer.merged', id, { into })),
    ...split.map(({ id, from }) => customerChange('customer.split', id, { from })),
    ...identity.created.map((id) => customerChange('customer.created', id, null)),
    ...batch.touchpoints
      .toSorted(byTime)
      .map((touchpoint) => recorded(touchpoint, batch.customerOf.get(touchpoint.recordId) ?? null)),
    ...changedCustomers(batch, fold, identity),
  ];
}

/** What happened first comes first, also where it came in one call. */
function byTime(a: AcceptedTouchpoint, b: AcceptedTouchpoint): number {
  return a.occurredAt.getTime() - b.occurredAt.getTime() || (a.id < b.id ? -1 : 1);
}

function customerChange(topic: NewChange['topic'], id: string, detail: JsonObject | null): NewChange {
  return { topic, customerId: id, subjectId: id, detail };
}

/** What a reader can filter by without reading the touchpoint. No personal values. */
function recorded(touchpoint: AcceptedTouchpoint, customerId: string | null): NewChange {
  const { id, recordId, occurredAt, type, source, channel, direction, campaign } = touchpoint;
  const detail = { recordId, occurredAt: isoInstant(occurredAt), type, source, channel, direction, campaign };
  return { topic: 'touchpoint.recorded', customerId, subjectId: id, detail };
}

function changedCustomers(batch: Recorded, fold: BatchFold, identity: IdentityOutcome): NewChange[] {
  const ownersOf = (items: readonly { recordId: string }[]) =>
    new Set(items.map(({ recordId }) => batch.customerOf.get(recordId)));
  const holders: [ChangeReason, ReadonlySet<string | null | undefined>][] = [
    ['IDENTITY', identity.regrouping.concerned.union(identity.claimed)],
    ['TOUCHPOINTS', ownersOf(batch.touchpoints)],
    ['ORDERS', ownersOf(fold.revenue)],
    ['TRAITS', ownersOf(fold.traits)],
  ];
  const created = new Set(identity.created);
  return batch.customerIds
    .filter((id) => !created.has(id))
    .map((id) => {
      const reasons = holders.filter(([, ids]) => ids.has(id)).map(([reason]) => reason);
      return customerChange('customer.changed', id, { reasons });
    });
}
