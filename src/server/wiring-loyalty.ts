import type { Platform } from '../kernel/context.ts';
import type { IdPrefix } from '../kernel/ids.ts';
import type { NodeFinder } from '../kernel/node.resolver.ts';
import { foldFromLoyalty } from '../kpis/customers/kpi-reactions.service.ts';
import { earningPreview } from '../loyalty/earning/preview.service.ts';
import { EnrolmentResolver } from '../loyalty/members/enrolment.resolver.ts';
import { recountBy } from '../loyalty/members/enrolment-recount.service.ts';
import { LoyaltyClock } from '../loyalty/members/loyalty-clock.service.ts';
import { findPoolNode, LoyaltyPoolResolver } from '../loyalty/members/pool.resolver.ts';
import { ReferralResolver } from '../loyalty/members/referral.resolver.ts';
import { TierOverrideResolver } from '../loyalty/members/tier-override.resolver.ts';
import { CheckoutService } from '../loyalty/offers/checkout.service.ts';
import { DecideOfferService } from '../loyalty/offers/decide-offer.service.ts';
import { NextBestOffers } from '../loyalty/offers/next-best-offers.service.ts';
import { findOfferNode, OfferResolver } from '../loyalty/offers/offer.resolver.ts';
import { OfferService } from '../loyalty/offers/offer.service.ts';
import { OfferBook } from '../loyalty/offers/offer-book.service.ts';
import { People } from '../loyalty/offers/people.service.ts';
import { PresentOfferService } from '../loyalty/offers/present-offer.service.ts';
import { releaseExpired as releaseExpiredOffers } from '../loyalty/offers/reservation.service.ts';
import { findPresentationNode, OfferPresentationResolver, TillResolver } from '../loyalty/offers/till.resolver.ts';
import { findLoyaltyProgramNode, LoyaltyProgramResolver } from '../loyalty/programs/program.resolver.ts';
import { ProgramService } from '../loyalty/programs/program.service.ts';
import { LoyaltyProgramFieldsResolver } from '../loyalty/programs/program-fields.resolver.ts';
import { ProgramReader } from '../loyalty/programs/program-reader.service.ts';
import { timedDecisions } from '../loyalty/redeeming/decision-clock.service.ts';
import { createDecisionServices, type DecisionServices } from '../loyalty/redeeming/decision-services.service.ts';
import { offerPoints } from '../loyalty/redeeming/offer-points.service.ts';
import { findLoyaltyDecisionNode, RedeemingResolver } from '../loyalty/redeeming/redeeming.resolver.ts';
import { BenefitReports } from '../loyalty/reports/benefit.service.ts';
import { LiabilityReports } from '../loyalty/reports/liability.service.ts';
import { LoyaltyReportsResolver } from '../loyalty/reports/loyalty-reports.resolver.ts';
import { TierReports } from '../loyalty/reports/tier-reports.service.ts';
import { findRewardNode, RewardResolver } from '../loyalty/rewards/reward.resolver.ts';
import { findVoucherNode, VoucherResolver } from '../loyalty/rewards/voucher.resolver.ts';
import { LeverSimulationResolver } from '../loyalty/simulation/lever-simulation.resolver.ts';
import { LeverSimulator } from '../loyalty/simulation/simulator.service.ts';
import {
  CustomerLoyaltyResolver,
  LoyaltyBalanceResolver,
  LoyaltyMemberResolver,
} from '../loyalty/view/standing.resolver.ts';
import { StandingReader } from '../loyalty/view/standing.service.ts';
import { ruleConditions } from '../segments/rule-conditions.service.ts';
import { furtherFacts } from '../segments/segment-leaves.queries.ts';
import { onLoyaltyMoved } from '../segments/segment-reactions.service.ts';
import { allLeaves, type Engines } from './engines.ts';

/** Loyalty, as the rest of the wiring sees it. */
export interface LoyaltyWiring {
  readonly instances: readonly (readonly [unknown, object])[];
  start(): void;
  stop(): Promise<void>;
}

export const loyaltyNodes: readonly (readonly [IdPrefix, NodeFinder])[] = [
  ['prg', findLoyaltyProgramNode],
  ['ldc', findLoyaltyDecisionNode],
  ['rwd', findRewardNode],
  ['vch', findVoucherNode],
  ['pool', findPoolNode],
  ['off', findOfferNode],
  ['prs', findPresentationNode],
];

export function wireLoyalty(
  platform: Platform,
  { evaluator, book, ledger, folder, kpis }: Engines,
  settings: { readonly idSecret: string; readonly defaultRegion: string },
): LoyaltyWiring {
  const conditions = ruleConditions(evaluator.language);
  const reader = new StandingReader(book, folder.calendar);
  const reactions = [foldFromLoyalty(kpis.folder), onLoyaltyMoved(evaluator)];
  const offerBook = new OfferBook({ leaves: allLeaves, timeZone: evaluator.timeZone, further: furtherFacts });
  const people = new People(settings);
  const sources = { book: offerBook, programs: book };
  const preview = earningPreview({ book, calendar: folder.calendar, eligibility: folder.eligibility });
  const grant = offerPoints({ book, ledger, reactions });
  const { timeZone } = evaluator;
  const simulator = new LeverSimulator(book, timeZone);
  const reports = {
    liability: new LiabilityReports(book, timeZone),
    tiers: new TierReports(book, timeZone),
    benefit: new BenefitReports(book, timeZone),
  };
  const { calendar } = folder;
  const decisions = createDecisionServices({
    ...settings,
    book,
    ledger,
    calendar,
    recount: recountBy(folder),
    reactions,
  });
  const clock = new LoyaltyClock(platform, {
    book,
    ledger,
    folder,
    reactions,
    further: [...timedDecisions(platform, decisions, calendar), async () => (await releaseExpiredOffers(platform)) > 0],
  });
  return {
    instances: [
      [LoyaltyProgramResolver, new LoyaltyProgramResolver(new ProgramService(conditions))],
      [LoyaltyProgramFieldsResolver, new LoyaltyProgramFieldsResolver(new ProgramReader(conditions))],
      [CustomerLoyaltyResolver, new CustomerLoyaltyResolver(reader)],
      [LoyaltyMemberResolver, new LoyaltyMemberResolver(reader)],
      [LoyaltyBalanceResolver, new LoyaltyBalanceResolver(reader)],
      ...decisionInstances(decisions),
      [LoyaltyReportsResolver, new LoyaltyReportsResolver(reports)],
      [LeverSimulationResolver, new LeverSimulationResolver(simulator)],
      [OfferResolver, new OfferResolver(new OfferService(book, conditions), conditions)],
      [
        TillResolver,
        new TillResolver(new NextBestOffers(sources, people), new CheckoutService(sources, people, preview)),
      ],
      [
        OfferPresentationResolver,
        new OfferPresentationResolver(
          new PresentOfferService(sources, people),
          new DecideOfferService(offerBook, grant),
        ),
      ],
    ],
    start: () => clock.start(),
    async stop() {
      simulator.stop();
      await clock.stop();
    },
  };
}

function decisionInstances(decisions: DecisionServices): readonly (readonly [unknown, object])[] {
  return [
    [RedeemingResolver, new RedeemingResolver(decisions)],
    [RewardResolver, new RewardResolver(decisions.rewards, decisions.rewardDesk)],
    [VoucherResolver, new VoucherResolver(decisions.vouchers, decisions.voucherDesk)],
    [EnrolmentResolver, new EnrolmentResolver(decisions.enrolment)],
    [LoyaltyPoolResolver, new LoyaltyPoolResolver(decisions.pools)],
    [ReferralResolver, new ReferralResolver(decisions.referrals, decisions.desk)],
    [TierOverrideResolver, new TierOverrideResolver(decisions.tiers)],
  ];
}
