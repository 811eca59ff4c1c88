import { registerEnumType } from 'type-graphql';
import type { RewardKind } from './reward.ts';
import type { VoucherStatus } from './voucher.ts';

export const LoyaltyRewardKind = {
  PRODUCT: 'PRODUCT',
  VOUCHER: 'VOUCHER',
} as const satisfies { [Kind in RewardKind]: Kind };

registerEnumType(LoyaltyRewardKind, {
  name: 'LoyaltyRewardKind',
  description: 'What a reward is.',
  valuesConfig: {
    PRODUCT: { description: 'Something that is handed over.' },
    VOUCHER: { description: 'A voucher, which redeeming the reward issues.' },
  },
});

export const LoyaltyVoucherStatus = {
  ACTIVE: 'ACTIVE',
  USED_UP: 'USED_UP',
  CANCELLED: 'CANCELLED',
} as const satisfies { [Status in VoucherStatus]: Status };

registerEnumType(LoyaltyVoucherStatus, {
  name: 'LoyaltyVoucherStatus',
  description: 'Whether a voucher can still be used.',
  valuesConfig: {
    ACTIVE: { description: 'It can be used, within its time.' },
    USED_UP: { description: 'It has been used as often as it can be.' },
    CANCELLED: { description: 'Somebody has taken it out of use.' },
  },
});

export const LoyaltyVoucherUseStatus = { USED: 'USED', REVERSED: 'REVERSED' } as const;

registerEnumType(LoyaltyVoucherUseStatus, {
  name: 'LoyaltyVoucherUseStatus',
  description: 'Whether a use of a voucher counts.',
  valuesConfig: {
    USED: { description: 'It counts.' },
    REVERSED: { description: 'It was taken back and counts no more.' },
  },
});
