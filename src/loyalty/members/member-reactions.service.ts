import type { CustomersRegrouped } from '../../identity/identity.events.ts';
import type { AcceptedTouchpoint } from '../../touchpoints/touchpoint.ts';
import type { RecordedBatch, TouchpointsRecorded } from '../../touchpoints/touchpoints.events.ts';
import type { EarningFact } from '../earning/purchase.ts';
import type { MemberFolder } from './member-folder.service.ts';
import type { Concerned } from './member-occasion.ts';

/** A batch of touchpoints: purchases earn and returns take back in the same commit. */
export function earnFromTouchpoints(folder: MemberFolder): TouchpointsRecorded {
  return (tx, batch) => {
    const facts = factsOf(batch);
    const mergedInto = new Map(batch.absorbed.map(({ id, into }) => [into, id]));
    return folder.fold(tx, {
      at: batch.at,
      customers: batch.customerIds.map((customerId) => concern(customerId, { batch, facts, mergedInto })),
      absorbed: batch.absorbed.map(({ id }) => id),
      alongside: batch.alongside,
    });
  };
}

/** Customers who were merged or taken apart by a decision or by other rules. */
export function earnFromRegrouping(folder: MemberFolder): CustomersRegrouped {
  return (tx, { at, customerIds, absorbed }) => {
    const mergedInto = new Map(absorbed.map(({ id, into }) => [into, id]));
    return folder.fold(tx, {
      at,
      customers: customerIds.map((customerId) => {
        const other = mergedInto.get(customerId) ?? null;
        return { customerId, facts: [], since: 'ANEW', cause: other === null ? 'UNMERGE' : 'MERGE', causeId: other };
      }),
      absorbed: absorbed.map(({ id }) => id),
    });
  };
}

function concern(
  customerId: string,
  {
    batch,
    facts,
    mergedInto,
  }: {
    batch: RecordedBatch;
    facts: ReadonlyMap<string, readonly EarningFact[]>;
    mergedInto: ReadonlyMap<string, string>;
  },
): Concerned {
  const own = facts.get(customerId) ?? [];
  const other = mergedInto.get(customerId);
  const since = batch.moved.has(customerId) ? 'ANEW' : batch.regrouped.has(customerId) ? 'FIRST' : 'LAST';
  if (other !== undefined) return { customerId, facts: own, since, cause: 'MERGE', causeId: other };
  return { customerId, facts: own, since, cause: 'EVENT', causeId: own.at(-1)?.id ?? null };
}

function factsOf({ touchpoints, customerOf }: RecordedBatch): Map<string, EarningFact[]> {
  const facts = new Map<string, EarningFact[]>();
  for (const touchpoint of touchpoints) {
    const customerId = customerOf.get(touchpoint.recordId);
    if (!customerId) continue;
    const own = facts.get(customerId);
    if (own) own.push(toFact(touchpoint));
    else facts.set(customerId, [toFact(touchpoint)]);
  }
  for (const own of facts.values()) own.sort(inOrder);
  return facts;
}

function inOrder(a: EarningFact, b: EarningFact): number {
  return a.occurredAt.getTime() - b.occurredAt.getTime() || (a.id < b.id ? -1 : 1);
}

function toFact(touchpoint: AcceptedTouchpoint): EarningFact {
  return {
    id: touchpoint.id,
    recordId: touchpoint.recordId,
    occurredAt: touchpoint.occurredAt,
    type: touchpoint.type,
    source: touchpoint.source,
    channel: touchpoint.channel,
    direction: touchpoint.direction,
    campaign: touchpoint.campaign,
    valueMinor: touchpoint.valueMinor,
    currency: touchpoint.currency,
    properties: touchpoint.properties,
    lines: touchpoint.lines,
    traits: null,
  };
}
