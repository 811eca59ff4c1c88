import { badInput } from '../../kernel/errors.ts';
import { noOffer, refused } from './offer-errors.ts';
import type { OfferTerms } from './offer-terms.ts';
import { type Presentation, statusAt } from './presentation.ts';

/** An offer by itself, or as it was presented. */
export type NamedOffer = { readonly offerId: string } | { readonly presentationId: string };

/**
 * The offers that a till names, each once. Throws `NOT_FOUND` for what there isn't, `OFFER_REFUSED` for a presentation that can't
 * be used any more: the till shows something that is not so.
 */
export function chooseOffers(
  named: readonly NamedOffer[],
  { offers, presentations, at }: { offers: readonly OfferTerms[]; presentations: readonly Presentation[]; at: Date },
): OfferTerms[] {
  const terms = new Map(offers.map((one) => [one.offer.id, one]));
  const known = new Map(presentations.map((one) => [one.id, one]));
  const chosen = new Map<string, OfferTerms>();
  for (const [index, one] of named.entries()) {
    const offerId =
      'offerId' in one ? one.offerId : offerOf(known.get(one.presentationId), at, `input.offers[${index}]`);
    const found = terms.get(offerId);
    if (!found) throw noOffer(offerId);
    if ('presentationId' in one) chosen.set(offerId, asReserved(found));
    else if (!chosen.has(offerId)) chosen.set(offerId, found);
  }
  return [...chosen.values()];
}

function offerOf(presentation: Presentation | undefined, at: Date, field: string): string {
  if (!presentation) throw badInput('There is no such presentation.', field);
  const status = statusAt(presentation, at);
  if (status === 'PRESENTED' || status === 'ACCEPTED') return presentation.offerId;
  throw refused(presentation.offerId, status === 'REDEEMED' ? 'ALREADY_REDEEMED' : status);
}

/**
 * Whoever was shown an offer may use it while it is held for them: who they are was looked at then, and it has its place in
 * budget and limit. What the basket is like and what margin it leaves is still to be judged.
 */
function asReserved(terms: OfferTerms): OfferTerms {
  const { offer } = terms;
  const definition = { ...offer.definition, eligibility: null, tiers: null, limits: [], budget: null };
  return { ...terms, validFrom: null, validTo: null, holdout: 0, offer: { ...offer, status: 'LIVE', definition } };
}
