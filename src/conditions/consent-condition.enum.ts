import { registerEnumType } from 'type-graphql';
import type { ConsentStatus } from './consent-names.ts';

export const ConsentStatusEnum = {
  GRANTED: 'GRANTED',
  PENDING: 'PENDING',
  EXPIRED: 'EXPIRED',
  DENIED: 'DENIED',
  WITHDRAWN: 'WITHDRAWN',
} as const satisfies { readonly [Status in ConsentStatus]: Status };

registerEnumType(ConsentStatusEnum, {
  name: 'ConsentStatus',
  description: 'What counts as the consent of a customer. Only GRANTED allows anything.',
  valuesConfig: {
    GRANTED: { description: 'Given, and still in force.' },
    PENDING: { description: 'Asked for, and not confirmed yet: the first half of a double opt-in.' },
    EXPIRED: { description: 'Was given, or asked for, until a time that is over.' },
    DENIED: { description: 'Asked for, and refused.' },
    WITHDRAWN: { description: 'Was given, and has been taken back.' },
  },
});
