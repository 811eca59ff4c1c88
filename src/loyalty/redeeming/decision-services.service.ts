import { EnrolmentService } from '../members/enrolment.service.ts';
import { PoolService } from '../members/pool.service.ts';
import { ReferralService } from '../members/referral.service.ts';
import { TierOverrideService } from '../members/tier-override.service.ts';
import { RewardDesk, undoRewards } from '../rewards/redeem-reward.service.ts';
import { VoucherDesk } from '../rewards/redeem-voucher.service.ts';
import { RewardService } from '../rewards/reward.service.ts';
import { VoucherService } from '../rewards/voucher.service.ts';
import { AdjustmentService } from './adjust.service.ts';
import { BirthdayService } from './birthday.service.ts';
import { DecisionDesk, type DecisionDeskSettings } from './decide.service.ts';
import { RedeemingService } from './redeem.service.ts';
import { ReversalService } from './reversal.service.ts';
import { TransferService } from './transfer.service.ts';

/** Everything that decides about members and their points, at one desk. */
export interface DecisionServices {
  readonly desk: DecisionDesk;
  readonly redeeming: RedeemingService;
  readonly reversal: ReversalService;
  readonly adjustments: AdjustmentService;
  readonly transfers: TransferService;
  readonly birthdays: BirthdayService;
  readonly rewards: RewardService;
  readonly rewardDesk: RewardDesk;
  readonly vouchers: VoucherService;
  readonly voucherDesk: VoucherDesk;
  readonly enrolment: EnrolmentService;
  readonly pools: PoolService;
  readonly referrals: ReferralService;
  readonly tiers: TierOverrideService;
}

export function createDecisionServices(settings: DecisionDeskSettings): DecisionServices {
  const desk = new DecisionDesk(settings);
  const reversal = new ReversalService(desk, undoRewards);
  return {
    desk,
    reversal,
    redeeming: new RedeemingService(desk),
    adjustments: new AdjustmentService(desk),
    transfers: new TransferService(desk),
    birthdays: new BirthdayService(desk),
    rewards: new RewardService(desk),
    rewardDesk: new RewardDesk(desk),
    vouchers: new VoucherService(desk),
    voucherDesk: new VoucherDesk(desk, reversal),
    enrolment: new EnrolmentService(desk),
    pools: new PoolService(desk),
    referrals: new ReferralService(desk),
    tiers: new TierOverrideService(desk),
  };
}
