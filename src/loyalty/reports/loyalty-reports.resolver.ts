import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { CurrencyCode, DateTime, Decimal } from '../../kernel/scalars.ts';
import type { BenefitReports } from './benefit.service.ts';
import { LoyaltyCostBenefit, LoyaltyPartnerSettlement, LoyaltyRedemptionRate } from './benefit.type.ts';
import type { LiabilityReports } from './liability.service.ts';
import { LoyaltyLiabilityReport, LoyaltyVintagesReport } from './liability.type.ts';
import { LoyaltyLift } from './lift.type.ts';
import type { TierReports } from './tier-reports.service.ts';
import { LoyaltyTierDistribution, LoyaltyTierMigration } from './tier-reports.type.ts';

export interface LoyaltyReportParts {
  readonly liability: LiabilityReports;
  readonly tiers: TierReports;
  readonly benefit: BenefitReports;
}

const scope = 'Needs the scope `loyalty:read`. Codes: `NOT_FOUND`, `BAD_USER_INPUT`, `STATEMENT_TOO_SLOW`.';
const ofProgram = 'The programme, `prg_…`. It has to be published.';
const asOf = 'The instant; now, if left out. Of the past: what the ledger said then.';
const until = 'Until when; now, if left out. This instant no longer belongs to the period.';

@Resolver()
export class LoyaltyReportsResolver {
  readonly #reports: LoyaltyReportParts;

  constructor(reports: LoyaltyReportParts) {
    this.#reports = reports;
  }

  @Query(() => LoyaltyLiabilityReport, {
    description: `What a programme owes its members: points that can still be spent, and what they are worth. ${scope}`,
  })
  async loyaltyLiability(
    @Ctx() ctx: Context,
    @Arg('programId', () => ID, { description: ofProgram }) programId: string,
    @Arg('at', () => DateTime, { nullable: true, description: asOf }) at: Date | null,
  ): Promise<LoyaltyLiabilityReport> {
    return new LoyaltyLiabilityReport(
      await this.#reports.liability.liability(ctx, { programId: uuidOf(programId), at }),
    );
  }

  @Query(() => LoyaltyVintagesReport, {
    description:
      'What became of points, by the month in which they were earned, and what is to be expected of the rest; reconciled to ' +
      `the ledger. ${scope}`,
  })
  async loyaltyVintages(
    @Ctx() ctx: Context,
    @Arg('programId', () => ID, { description: ofProgram }) programId: string,
    @Arg('at', () => DateTime, { nullable: true, description: asOf }) at: Date | null,
  ): Promise<LoyaltyVintagesReport> {
    return new LoyaltyVintagesReport(await this.#reports.liability.vintages(ctx, { programId: uuidOf(programId), at }));
  }

  @Query(() => LoyaltyTierDistribution, { description: `How members are spread over the tiers. ${scope}` })
  async loyaltyTierDistribution(
    @Ctx() ctx: Context,
    @Arg('programId', () => ID, { description: ofProgram }) programId: string,
    @Arg('at', () => DateTime, {
      nullable: true,
      description: 'The instant; now, if left out. Of the past: by the log of tiers.',
    })
    at: Date | null,
  ): Promise<LoyaltyTierDistribution> {
    return new LoyaltyTierDistribution(
      await this.#reports.tiers.distribution(ctx, { programId: uuidOf(programId), at }),
    );
  }

  @Query(() => LoyaltyTierMigration, {
    description: `From which tiers to which members went between two instants, by the log of tiers. ${scope}`,
  })
  async loyaltyTierMigration(
    @Ctx() ctx: Context,
    @Arg('programId', () => ID, { description: ofProgram }) programId: string,
    @Arg('from', () => DateTime, { description: 'The earlier instant.' }) from: Date,
    @Arg('to', () => DateTime, { nullable: true, description: 'The later one; now, if left out.' }) to: Date | null,
  ): Promise<LoyaltyTierMigration> {
    return new LoyaltyTierMigration(
      await this.#reports.tiers.migration(ctx, { programId: uuidOf(programId), from, to }),
    );
  }

  @Query(() => LoyaltyRedemptionRate, {
    description: `Points redeemed by points issued, by month of the organisation's calendar. ${scope}`,
  })
  async loyaltyRedemptionRate(
    @Ctx() ctx: Context,
    @Arg('programId', () => ID, { description: ofProgram }) programId: string,
    @Arg('from', () => DateTime, { description: 'From when on.' }) from: Date,
    @Arg('to', () => DateTime, { nullable: true, description: until }) to: Date | null,
  ): Promise<LoyaltyRedemptionRate> {
    const input = { programId: uuidOf(programId), from, to };
    return new LoyaltyRedemptionRate(await this.#reports.benefit.redemptionRate(ctx, input));
  }

  @Query(() => LoyaltyCostBenefit, {
    description: `What a programme cost in a period, and what its members bought. ${scope}`,
  })
  async loyaltyCostBenefit(
    @Ctx() ctx: Context,
    @Arg('programId', () => ID, { description: ofProgram }) programId: string,
    @Arg('from', () => DateTime, { description: 'From when on.' }) from: Date,
    @Arg('to', () => DateTime, { nullable: true, description: until }) to: Date | null,
    @Arg('marginRate', () => Decimal, {
      nullable: true,
      description: 'Which part of revenue is margin, from 0 to 1. Rundum does not know what goods cost.',
    })
    marginRate: string | null,
  ): Promise<LoyaltyCostBenefit> {
    const input = { programId: uuidOf(programId), from, to, marginRate };
    return new LoyaltyCostBenefit(await this.#reports.benefit.costBenefit(ctx, input));
  }

  @Query(() => LoyaltyLift, {
    description: `What a programme brings in, measured by customers who are held out. ${scope}`,
  })
  async loyaltyLift(
    @Ctx() ctx: Context,
    @Arg('programId', () => ID, { description: ofProgram }) programId: string,
    @Arg('from', () => DateTime, { description: 'From when on.' }) from: Date,
    @Arg('to', () => DateTime, { nullable: true, description: until }) to: Date | null,
    @Arg('currency', () => CurrencyCode, { description: 'Which revenue to compare. ISO 4217.' }) currency: string,
  ): Promise<LoyaltyLift> {
    const input = { programId: uuidOf(programId), from, to, currency };
    return new LoyaltyLift(await this.#reports.benefit.lift(ctx, input));
  }

  @Query(() => LoyaltyPartnerSettlement, {
    description: `What partners pay for the points of rules that name them, by month. ${scope}`,
  })
  async loyaltyPartnerSettlement(
    @Ctx() ctx: Context,
    @Arg('programId', () => ID, { description: ofProgram }) programId: string,
    @Arg('from', () => DateTime, { description: 'From when on; by when the points were earned.' }) from: Date,
    @Arg('to', () => DateTime, { nullable: true, description: until }) to: Date | null,
  ): Promise<LoyaltyPartnerSettlement> {
    const input = { programId: uuidOf(programId), from, to };
    return new LoyaltyPartnerSettlement(await this.#reports.benefit.partnerSettlement(ctx, input));
  }
}

function uuidOf(programId: string): string {
  return fromPublicId('prg', programId, 'programId');
}
