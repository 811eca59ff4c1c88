import type { CustomersRegrouped, TraitsRefolded } from '../identity/identity.events.ts';
import type { KpisMoved } from '../kpis/kpis.events.ts';
import type { LoyaltyMoved } from '../loyalty/members/loyalty-clock.service.ts';
import { consentTypes } from '../privacy/consents/consent-touchpoint.ts';
import type { ConsentsMoved } from '../privacy/consents/consents.events.ts';
import type { AcceptedTouchpoint } from '../touchpoints/touchpoint.ts';
import type { RecordedBatch, TouchpointsRecorded } from '../touchpoints/touchpoints.events.ts';
import type { Touch } from './segment-book.ts';
import type { Caused, SegmentCause } from './segment-cause.ts';
import type { SegmentEvaluator } from './segment-evaluator.service.ts';

/** A batch of touchpoints: whom it touched, and in what. */
export function onTouchpoints(evaluator: SegmentEvaluator): TouchpointsRecorded {
  return (tx, batch) => {
    const own = touchpointsOf(batch);
    const mergedInto = new Map(batch.absorbed.map(({ id, into }) => [into, id]));
    return evaluator.evaluate(tx, {
      at: batch.at,
      touches: batch.customerIds.map((customerId) => touchOf(customerId, batch, own)),
      absorbed: batch.absorbed,
      causeOf: (customerId) => causeOf(customerId, { mergedInto, own }),
      alongside: batch.alongside,
    });
  };
}

type Own = ReadonlyMap<string, readonly AcceptedTouchpoint[]>;

function touchpointsOf({ touchpoints, customerOf }: RecordedBatch): Own {
  const own = new Map<string, AcceptedTouchpoint[]>();
  for (const touchpoint of touchpoints) {
    const customerId = customerOf.get(touchpoint.recordId);
    if (!customerId) continue;
    const others = own.get(customerId);
    if (others) others.push(touchpoint);
    else own.set(customerId, [touchpoint]);
  }
  return own;
}

function touchOf(customerId: string, { regrouped, claimed }: RecordedBatch, own: Own): Touch {
  const touchpoints = own.get(customerId);
  if (!touchpoints || regrouped.has(customerId)) return { customerId, what: null };
  const types = newestByType(touchpoints);
  const traits = new Set(touchpoints.flatMap((touchpoint) => Object.keys(touchpoint.traits ?? {})));
  const identity = claimed.has(customerId);
  // Loyalty and KPIs have reacted before: what the touchpoints earned and moved is there.
  return { customerId, what: { ...nothingTouched, types, traits, identity, loyalty: true, kpis: true } };
}

function newestByType(touchpoints: readonly AcceptedTouchpoint[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const { type, occurredAt } of touchpoints) {
    const at = occurredAt.getTime();
    if (at > (newest.get(type) ?? Number.NEGATIVE_INFINITY)) newest.set(type, at);
  }
  return newest;
}

function causeOf(
  customerId: string,
  { mergedInto, own }: { mergedInto: ReadonlyMap<string, string>; own: Own },
): Caused {
  const other = mergedInto.get(customerId);
  if (other !== undefined) return { cause: 'MERGE', causeId: other };
  const last = own.get(customerId)?.at(-1);
  return last ? { cause: 'EVENT', causeId: last.id } : { cause: 'UNMERGE', causeId: null };
}

/** Customers who were merged, taken apart or given other records by a decision or by other rules. */
export function onRegrouping(evaluator: SegmentEvaluator): CustomersRegrouped {
  return (tx, { at, customerIds, absorbed }) => {
    const mergedInto = new Map(absorbed.map(({ id, into }) => [into, id]));
    return evaluator.evaluate(tx, {
      at,
      touches: customerIds.map((customerId) => ({ customerId, what: null })),
      absorbed,
      causeOf: (customerId) => {
        const other = mergedInto.get(customerId);
        return other === undefined ? because('UNMERGE') : { cause: 'MERGE', causeId: other };
      },
    });
  };
}

/** Customers who have another golden trait by another strategy. */
export function onRefolding(evaluator: SegmentEvaluator): TraitsRefolded {
  return (tx, { at, customerIds, trait }) => {
    const what = { ...nothingTouched, traits: new Set([trait]) };
    return evaluator.evaluate(tx, {
      at,
      touches: customerIds.map((customerId) => ({ customerId, what })),
      causeOf: () => because('TRAITS'),
    });
  };
}

/** Customers whose points, tier or membership something else than a touchpoint has moved: a decision, time, a programme. */
export function onLoyaltyMoved(evaluator: SegmentEvaluator): LoyaltyMoved {
  // A stage of the life cycle may follow from a tier.
  const what = { ...nothingTouched, loyalty: true, kpis: true };
  return (tx, { at, customerIds }) =>
    evaluator.evaluate(tx, {
      at,
      touches: customerIds.map((customerId) => ({ customerId, what })),
      causeOf: () => because('LOYALTY'),
    });
}

/** Customers whose scores, stage or churn risk something else than a touchpoint has moved: time, a scoring, other settings. */
export function onKpisMoved(evaluator: SegmentEvaluator): KpisMoved {
  const what = { ...nothingTouched, kpis: true };
  return (tx, { at, customerIds }) =>
    evaluator.evaluate(tx, {
      at,
      touches: customerIds.map((customerId) => ({ customerId, what })),
      causeOf: () => because('KPIS'),
    });
}

/** Customers of whom somebody has said what they allow, as touchpoints can. */
export function onConsentsMoved(evaluator: SegmentEvaluator): ConsentsMoved {
  // As if just now and later: nobody says when.
  const types = new Map([...consentTypes].map((type) => [type, Number.POSITIVE_INFINITY]));
  const what = { ...nothingTouched, types };
  return (tx, { at, customerIds }) =>
    evaluator.evaluate(tx, {
      at,
      touches: customerIds.map((customerId) => ({ customerId, what })),
      causeOf: () => because('CONSENT'),
    });
}

export const nothingTouched: NonNullable<Touch['what']> = {
  types: new Map(),
  traits: new Set(),
  identity: false,
  members: false,
  list: false,
  loyalty: false,
  kpis: false,
};

export function because(cause: SegmentCause): Caused {
  return { cause, causeId: null };
}
