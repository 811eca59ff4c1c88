import { registerEnumType } from 'type-graphql';
import type { CapPeriod, Enrolment, Expiry, Phase, Rounding, Wallet } from '../program.ts';
import type { VersionStatus } from './programs.queries.ts';

type Names<T extends string> = { readonly [Name in T]: Name };

export const LoyaltyPhaseEnum = {
  PREPARATION: 'PREPARATION',
  PILOT: 'PILOT',
  LAUNCH: 'LAUNCH',
  LIVE: 'LIVE',
  SUNSET: 'SUNSET',
  CLOSED: 'CLOSED',
} as const satisfies Names<Phase>;

registerEnumType(LoyaltyPhaseEnum, {
  name: 'LoyaltyPhase',
  description: 'How a programme is run. It goes forward, over any number of phases, and back only from SUNSET to LIVE.',
  valuesConfig: {
    PREPARATION: { description: 'It is being written: nothing is earned. Every programme begins here.' },
    PILOT: { description: 'A few people try it: those whom somebody enrolled earn.' },
    LAUNCH: { description: 'It opens to everybody: points are earned.' },
    LIVE: { description: 'Points are earned and redeemed.' },
    SUNSET: { description: 'It is ending: nothing is earned any more, points can still be redeemed.' },
    CLOSED: { description: 'It has ended, for good.' },
  },
});

export const LoyaltyVersionStatusEnum = {
  DRAFT: 'DRAFT',
  PUBLISHED: 'PUBLISHED',
} as const satisfies Names<VersionStatus>;

registerEnumType(LoyaltyVersionStatusEnum, {
  name: 'LoyaltyVersionStatus',
  description: 'Whether a version can still change.',
  valuesConfig: {
    DRAFT: { description: 'It is being worked on, and counts for nobody.' },
    PUBLISHED: { description: 'It never changes again, and counts from `effectiveAt` on until the next one does.' },
  },
});

export const LoyaltyEnrolmentEnum = {
  AUTOMATIC: 'AUTOMATIC',
  EXPLICIT: 'EXPLICIT',
} as const satisfies Names<Enrolment>;

registerEnumType(LoyaltyEnrolmentEnum, {
  name: 'LoyaltyEnrolment',
  description: 'Who is a member.',
  valuesConfig: {
    AUTOMATIC: { description: 'Every identified customer, without doing anything for it.' },
    EXPLICIT: { description: 'Only who was enrolled, from then on.' },
  },
});

export const LoyaltyDebtEnum = {
  OWED: 'OWED',
  WRITTEN_OFF: 'WRITTEN_OFF',
} as const satisfies Names<Wallet['debt']>;

registerEnumType(LoyaltyDebtEnum, {
  name: 'LoyaltyDebt',
  description: 'What happens when a return takes back points that have been spent.',
  valuesConfig: {
    OWED: { description: 'The member owes them: the balance falls below zero, and what is earned next covers it.' },
    WRITTEN_OFF: { description: 'The programme bears them: the balance stays at zero.' },
  },
});

export const LoyaltyRoundingEnum = {
  DOWN: 'DOWN',
  HALF_UP: 'HALF_UP',
  UP: 'UP',
} as const satisfies Names<Rounding>;

registerEnumType(LoyaltyRoundingEnum, {
  name: 'LoyaltyRounding',
  description: 'How a rule makes whole points.',
  valuesConfig: {
    DOWN: { description: 'The fraction is dropped: 9.99 is 9.' },
    HALF_UP: { description: 'To the nearest whole, halves up: 9.5 is 10.' },
    UP: { description: 'To the next whole: 9.01 is 10.' },
  },
});

type RoundedPer = 'LINE' | 'ORDER';

export const LoyaltyRoundedPerEnum = { LINE: 'LINE', ORDER: 'ORDER' } as const satisfies Names<RoundedPer>;

registerEnumType(LoyaltyRoundedPerEnum, {
  name: 'LoyaltyRoundedPer',
  description: 'What is rounded.',
  valuesConfig: {
    LINE: { description: 'The points of each line on their own.' },
    ORDER: { description: 'The points of the order as a whole.' },
  },
});

export const LoyaltyCapPeriodEnum = {
  TOUCHPOINT: 'TOUCHPOINT',
  DAY: 'DAY',
  MONTH: 'MONTH',
  YEAR: 'YEAR',
  EVER: 'EVER',
} as const satisfies Names<CapPeriod>;

registerEnumType(LoyaltyCapPeriodEnum, {
  name: 'LoyaltyCapPeriod',
  description: "For how long a cap counts. Days, months and years are those of the organisation's calendar.",
  valuesConfig: {
    TOUCHPOINT: { description: 'For one purchase or event.' },
    DAY: { description: 'From midnight to midnight.' },
    MONTH: { description: 'A month of the calendar.' },
    YEAR: { description: 'A year of the calendar.' },
    EVER: { description: 'Over all versions that have a rule of this key with such a cap.' },
  },
});

export const LoyaltyExpiryUnitEnum = {
  DAY: 'DAY',
  MONTH: 'MONTH',
  YEAR: 'YEAR',
} as const satisfies Names<Expiry['unit']>;

registerEnumType(LoyaltyExpiryUnitEnum, {
  name: 'LoyaltyExpiryUnit',
  description: "A unit of the organisation's calendar. A month after January 31 is the last day of February.",
  valuesConfig: {
    DAY: { description: 'A day, from midnight to midnight.' },
    MONTH: { description: 'A month.' },
    YEAR: { description: 'A year.' },
  },
});
