import { registerEnumType } from 'type-graphql';
import type { DecisionKind, DecisionStatus } from './decision.ts';

export const LoyaltyDecisionKind = {
  REDEMPTION: 'REDEMPTION',
  REWARD: 'REWARD',
  RESERVATION: 'RESERVATION',
  ADJUSTMENT: 'ADJUSTMENT',
  BONUS: 'BONUS',
  TRANSFER: 'TRANSFER',
  WELCOME: 'WELCOME',
  BIRTHDAY: 'BIRTHDAY',
  REFERRAL: 'REFERRAL',
  VOUCHER: 'VOUCHER',
} as const satisfies { [Kind in DecisionKind]: Kind };

registerEnumType(LoyaltyDecisionKind, {
  name: 'LoyaltyDecisionKind',
  description: 'What was decided about points.',
  valuesConfig: {
    REDEMPTION: { description: 'Points were spent: something was paid with them.' },
    REWARD: { description: 'Points were spent on a reward of the catalogue.' },
    RESERVATION: { description: 'Points were held; once confirmed, they are spent.' },
    ADJUSTMENT: { description: 'Somebody corrected the balance by hand.' },
    BONUS: { description: 'Somebody gave points by hand.' },
    TRANSFER: { description: 'Points were given to another member.' },
    WELCOME: { description: 'A bonus for joining.' },
    BIRTHDAY: { description: 'A bonus on a birthday.' },
    REFERRAL: { description: 'A bonus for bringing a friend, or for having been brought.' },
    VOUCHER: { description: 'Points of a voucher.' },
  },
});

export const LoyaltyDecisionStatus = {
  DONE: 'DONE',
  RESERVED: 'RESERVED',
  RELEASED: 'RELEASED',
  REVERSED: 'REVERSED',
} as const satisfies { [Status in DecisionStatus]: Status };

registerEnumType(LoyaltyDecisionStatus, {
  name: 'LoyaltyDecisionStatus',
  description: 'What became of a decision about points.',
  valuesConfig: {
    DONE: { description: 'It stands. Of a reservation: it was confirmed.' },
    RESERVED: { description: 'Points are held, until `expiresAt` at the longest.' },
    RELEASED: { description: 'A reservation that was released, or whose time was up.' },
    REVERSED: { description: 'It was undone.' },
  },
});
