import { DomainError, notFound } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import type { Rejection } from './offer.ts';
import type { StepRefusal } from './presentation.ts';

/** Why a till's wish about an offer is refused. */
export type Refusal = Rejection | StepRefusal;

const meanings: Readonly<Record<Refusal, string>> = {
  STATUS: 'it is not live',
  VALIDITY: 'it is not valid at that time',
  CHANNEL: 'it is not made on this channel',
  STORE: 'it is not made in this store',
  CURRENCY: 'it is in another currency',
  BASKET: 'the basket does not fulfil its condition',
  UNKNOWN_PERSON: 'it is only for people who are known',
  TIER: 'it is for other tiers',
  NOT_ELIGIBLE: 'the customer does not fulfil its condition',
  HOLDOUT: 'the customer belongs to those who do not get it, to measure its effect',
  LIMIT: 'the customer has used it as often as they may',
  BUDGET: 'its budget is used up',
  MARGIN: 'it would leave too little margin',
  NO_VALUE: 'it would cost more than it brings',
  STACKED_OUT: 'it does not go with another offer',
  BEYOND_FIRST: 'others are worth more',
  EXPIRED: 'its time is over',
  DECLINED: 'it was declined',
  ALREADY_REDEEMED: 'it was redeemed',
  OTHER_AMOUNT: 'it was redeemed for another amount',
  TOO_EARLY: 'that was before it was presented',
};

export function refused(offerId: string, reason: Refusal): DomainError {
  return new DomainError('OFFER_REFUSED', `The offer ${toPublicId('off', offerId)} is refused: ${meanings[reason]}.`, {
    reason,
  });
}

export function noOffer(id: string): DomainError {
  return notFound('offer', toPublicId('off', id));
}
