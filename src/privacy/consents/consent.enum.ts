import { registerEnumType } from 'type-graphql';
import type { ConsentOrigin, LegalBasis, StatedStatus } from './consent.ts';

type Names<Name extends string> = { readonly [Key in Name]: Key };

export const StatedStatusEnum = {
  GRANTED: 'GRANTED',
  DENIED: 'DENIED',
  WITHDRAWN: 'WITHDRAWN',
  PENDING: 'PENDING',
} as const satisfies Names<StatedStatus>;

registerEnumType(StatedStatusEnum, {
  name: 'StatedConsent',
  description: 'What can be said about a consent.',
  valuesConfig: {
    GRANTED: { description: 'It is given.' },
    DENIED: { description: 'It was asked for, and refused.' },
    WITHDRAWN: { description: 'It was given, and is taken back.' },
    PENDING: { description: 'It was asked for: to be confirmed, as in a double opt-in.' },
  },
});

export const LegalBasisEnum = {
  CONSENT: 'CONSENT',
  CONTRACT: 'CONTRACT',
  LEGAL_OBLIGATION: 'LEGAL_OBLIGATION',
  VITAL_INTERESTS: 'VITAL_INTERESTS',
  PUBLIC_TASK: 'PUBLIC_TASK',
  LEGITIMATE_INTEREST: 'LEGITIMATE_INTEREST',
} as const satisfies Names<LegalBasis>;

registerEnumType(LegalBasisEnum, {
  name: 'LegalBasis',
  description: 'Why it is lawful: article 6 (1) of the GDPR.',
  valuesConfig: {
    CONSENT: { description: 'a: the person has said yes.' },
    CONTRACT: { description: 'b: a contract with the person needs it.' },
    LEGAL_OBLIGATION: { description: 'c: the law demands it.' },
    VITAL_INTERESTS: { description: 'd: it protects lives.' },
    PUBLIC_TASK: { description: 'e: a task in the public interest needs it.' },
    LEGITIMATE_INTEREST: { description: "f: an interest that the person's own do not outweigh." },
  },
});

export const ConsentOriginEnum = {
  TOUCHPOINT: 'TOUCHPOINT',
  DECISION: 'DECISION',
  CONFIRMATION: 'CONFIRMATION',
  PREFERENCE_CENTER: 'PREFERENCE_CENTER',
} as const satisfies Names<ConsentOrigin>;

registerEnumType(ConsentOriginEnum, {
  name: 'ConsentOrigin',
  description: 'How a statement came to be.',
  valuesConfig: {
    TOUCHPOINT: { description: 'A touchpoint of a reserved type said so, of one record.' },
    DECISION: { description: '`setConsent`, for all records that the customer had then.' },
    CONFIRMATION: { description: '`confirmConsent`: the second half of a double opt-in.' },
    PREFERENCE_CENTER: { description: 'The customer, in the preference centre.' },
  },
});
