import { registerEnumType } from 'type-graphql';
import type { LimitPeriod, OfferDefinition, OfferStatus, Reason, Rejection } from './offer.ts';
import type { PresentationStatus } from './presentation.ts';
import type { VoucherOutcome } from './voucher-terms.ts';

type Names<T extends string> = { readonly [Name in T]: Name };

export const OfferStatusEnum = {
  DRAFT: 'DRAFT',
  LIVE: 'LIVE',
  PAUSED: 'PAUSED',
  ENDED: 'ENDED',
} as const satisfies Names<OfferStatus>;

registerEnumType(OfferStatusEnum, {
  name: 'OfferStatus',
  description: 'Whether an offer is made.',
  valuesConfig: {
    DRAFT: { description: 'It is being written. Every offer begins here.' },
    LIVE: { description: 'It is made, within its validity.' },
    PAUSED: { description: 'It is not made at the moment. Whoever was shown it can still use it.' },
    ENDED: { description: 'It is not made any more, for good. Whoever was shown it can still use it.' },
  },
});

export const OfferLimitPeriodEnum = {
  DAY: 'DAY',
  WEEK: 'WEEK',
  MONTH: 'MONTH',
  YEAR: 'YEAR',
  EVER: 'EVER',
} as const satisfies Names<LimitPeriod>;

registerEnumType(OfferLimitPeriodEnum, {
  name: 'OfferLimitPeriod',
  description: "A period of the organisation's calendar.",
  valuesConfig: {
    DAY: { description: 'From midnight to midnight.' },
    WEEK: { description: 'From Monday on.' },
    MONTH: { description: 'A month of the calendar.' },
    YEAR: { description: 'A year of the calendar.' },
    EVER: { description: 'Without end.' },
  },
});

export const UnknownCostsEnum = {
  REFUSE: 'REFUSE',
  ALLOW: 'ALLOW',
} as const satisfies Names<NonNullable<OfferDefinition['margin']>['ifUnknown']>;

registerEnumType(UnknownCostsEnum, {
  name: 'OfferUnknownCosts',
  description: 'What a margin guard does where the basket does not tell what its lines cost.',
  valuesConfig: {
    REFUSE: { description: 'The offer is not made.' },
    ALLOW: { description: 'The offer is made.' },
  },
});

export const OfferRejectionEnum = {
  STATUS: 'STATUS',
  VALIDITY: 'VALIDITY',
  CHANNEL: 'CHANNEL',
  STORE: 'STORE',
  CURRENCY: 'CURRENCY',
  BASKET: 'BASKET',
  UNKNOWN_PERSON: 'UNKNOWN_PERSON',
  TIER: 'TIER',
  NOT_ELIGIBLE: 'NOT_ELIGIBLE',
  HOLDOUT: 'HOLDOUT',
  LIMIT: 'LIMIT',
  BUDGET: 'BUDGET',
  MARGIN: 'MARGIN',
  NO_VALUE: 'NO_VALUE',
  STACKED_OUT: 'STACKED_OUT',
  BEYOND_FIRST: 'BEYOND_FIRST',
} as const satisfies Names<Rejection>;

registerEnumType(OfferRejectionEnum, {
  name: 'OfferRejection',
  description: 'Why an offer is not made. Of several reasons the first one in this order.',
  valuesConfig: {
    STATUS: { description: 'It is not live.' },
    VALIDITY: { description: 'Its time has not come, or is over.' },
    CHANNEL: { description: 'It is for other channels.' },
    STORE: { description: 'It is for other stores.' },
    CURRENCY: { description: 'Its amounts are in another currency.' },
    BASKET: { description: 'The basket does not fulfil its condition, or takes nothing off.' },
    UNKNOWN_PERSON: { description: 'It tests something about the customer, and nobody knows who it is.' },
    TIER: { description: 'It is for other tiers.' },
    NOT_ELIGIBLE: { description: 'The customer does not fulfil its condition.' },
    HOLDOUT: { description: 'The customer belongs to those who never get it, by which its effect is measured.' },
    LIMIT: { description: 'The customer has used it as often as they may.' },
    BUDGET: { description: 'Nothing is left of its budget.' },
    MARGIN: { description: 'Too little margin would be left, or nobody knows how much.' },
    NO_VALUE: { description: 'It would cost more than it brings.' },
    STACKED_OUT: { description: 'It does not go with one that comes before it.' },
    BEYOND_FIRST: { description: 'Others are worth more, and no more were asked for.' },
  },
});

export const OfferReasonEnum = {
  ELIGIBLE: 'ELIGIBLE',
  TIER: 'TIER',
  CHANNEL: 'CHANNEL',
  STORE: 'STORE',
  BASKET: 'BASKET',
  LIMITED_TIME: 'LIMITED_TIME',
  MARGIN_KEPT: 'MARGIN_KEPT',
  LEARNED_ACCEPTANCE: 'LEARNED_ACCEPTANCE',
} as const satisfies Names<Reason>;

registerEnumType(OfferReasonEnum, {
  name: 'OfferReason',
  description: 'What speaks for an offer.',
  valuesConfig: {
    ELIGIBLE: { description: 'The customer fulfils its condition.' },
    TIER: { description: "It is for the customer's tier." },
    CHANNEL: { description: 'It is for this channel.' },
    STORE: { description: 'It is for this store.' },
    BASKET: { description: 'The basket fulfils its condition.' },
    LIMITED_TIME: { description: 'It ends at some time.' },
    MARGIN_KEPT: { description: 'It leaves the margin that it has to.' },
    LEARNED_ACCEPTANCE: { description: 'Answers to it were counted for how likely it is accepted.' },
  },
});

export const OfferPresentationStatusEnum = {
  PRESENTED: 'PRESENTED',
  ACCEPTED: 'ACCEPTED',
  DECLINED: 'DECLINED',
  REDEEMED: 'REDEEMED',
  EXPIRED: 'EXPIRED',
} as const satisfies Names<PresentationStatus>;

registerEnumType(OfferPresentationStatusEnum, {
  name: 'OfferPresentationStatus',
  description: 'What came of an offer that was shown to somebody.',
  valuesConfig: {
    PRESENTED: { description: 'It was shown, and is held for a while.' },
    ACCEPTED: { description: 'It was accepted, and is held until it is used.' },
    DECLINED: { description: 'Not wanted.' },
    REDEEMED: { description: 'It was used.' },
    EXPIRED: { description: 'Its time ran out.' },
  },
});

export const VoucherOutcomeEnum = {
  APPLIED: 'APPLIED',
  UNKNOWN: 'UNKNOWN',
  CANCELLED: 'CANCELLED',
  USED_UP: 'USED_UP',
  NOT_YET_VALID: 'NOT_YET_VALID',
  EXPIRED: 'EXPIRED',
  OTHER_CUSTOMER: 'OTHER_CUSTOMER',
  OTHER_CURRENCY: 'OTHER_CURRENCY',
  NOT_FOR_BASKETS: 'NOT_FOR_BASKETS',
  REPEATED: 'REPEATED',
  NOTHING_TO_TAKE_OFF: 'NOTHING_TO_TAKE_OFF',
} as const satisfies Names<VoucherOutcome>;

registerEnumType(VoucherOutcomeEnum, {
  name: 'CheckoutVoucherOutcome',
  description: 'What a voucher does to a basket.',
  valuesConfig: {
    APPLIED: { description: 'It takes something off.' },
    UNKNOWN: { description: 'There is no such code.' },
    CANCELLED: { description: 'It was cancelled.' },
    USED_UP: { description: 'It was used as often as it can be.' },
    NOT_YET_VALID: { description: 'Its time has not come.' },
    EXPIRED: { description: 'Its time is over.' },
    OTHER_CUSTOMER: { description: 'It belongs to somebody else.' },
    OTHER_CURRENCY: { description: 'It is worth an amount of another currency.' },
    NOT_FOR_BASKETS: { description: 'It is worth something that takes nothing off a basket.' },
    REPEATED: { description: 'The code was given more often than it can be used.' },
    NOTHING_TO_TAKE_OFF: { description: 'Nothing is left that it could take something off.' },
  },
});
