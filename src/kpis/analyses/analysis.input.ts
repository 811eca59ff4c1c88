import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { CurrencyCode, DateTime } from '../../kernel/scalars.ts';
import {
  AnalysisGrainEnum,
  AttributionKeyEnum,
  AttributionModelEnum,
  ChurnDefinitionEnum,
  CohortBasisEnum,
} from './analysis.enum.ts';
import type { AttributionModel } from './attribution/attribution.ts';
import type { ChurnDefinition } from './churn/churn.ts';
import type { AnalysisGrain } from './period.ts';

const segments = 'Only customers who are in all of these segments now, `seg_…`. Needs the scope `segments:read`, too.';

/** What questions about a period have in common. */
@InputType()
abstract class AnalysisPeriodInput {
  @Field(() => String, {
    description:
      'From when on: a date such as `2026-03-01`, which stands for the beginning of that day in the time zone, or an RFC 3339 instant.',
  })
  readonly from!: string;

  @Field(() => String, { description: 'Until when, likewise; this instant no longer belongs to the period.' })
  readonly to!: string;

  @Field(() => String, {
    nullable: true,
    description: "IANA time zone, such as `Europe/Zurich`. Default: the organisation's.",
  })
  readonly timezone?: string | null;

  @Field(() => [ID], { nullable: true, description: segments })
  readonly segments?: string[] | null;
}

@InputType({ description: 'Which cohorts to follow. Periods are taken to whole buckets.' })
export class RetentionCohortsInput extends AnalysisPeriodInput {
  @Field(() => AnalysisGrainEnum, { description: 'How long cohorts and periods are.' })
  readonly grain!: AnalysisGrain;

  @Field(() => CohortBasisEnum, { nullable: true, description: 'What counts. Default: `ORDER`.' })
  readonly by?: 'ORDER' | 'ACTIVITY' | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'The last period to look at, 0 to 120: 0 is the one in which a cohort came. Default: 12. Cohorts times periods are 10,000 at most.',
  })
  readonly periods?: number | null;
}

@InputType({ description: 'Whose loss to count. The period is taken to whole buckets.' })
export class ChurnRateInput extends AnalysisPeriodInput {
  @Field(() => AnalysisGrainEnum, { description: 'How long buckets are.' })
  readonly grain!: AnalysisGrain;

  @Field(() => ChurnDefinitionEnum, {
    nullable: true,
    description: 'When a customer counts as lost. Default: `SILENT`.',
  })
  readonly definition?: ChurnDefinition | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Of P_ALIVE: lost below this probability, between 0 and 1. Default: the lever `lostProbability`, as it was at the time.',
  })
  readonly threshold?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Of P_ALIVE: look at all of the past by the latest model. Otherwise by the one in force at the time, and buckets before the ' +
      'first one are null.',
  })
  readonly latestModel?: boolean | null;
}

@InputType({ description: 'Which orders to give credit for, and to what.' })
export class AttributionInput extends AnalysisPeriodInput {
  @Field(() => [AttributionModelEnum], { nullable: true, description: 'Left out: all of them, side by side.' })
  readonly models?: AttributionModel[] | null;

  @Field(() => AttributionKeyEnum, { nullable: true, description: 'What credit is shared by. Default: `CHANNEL`.' })
  readonly by?: 'CHANNEL' | 'CAMPAIGN' | 'SOURCE' | null;

  @Field(() => Int, {
    nullable: true,
    description: 'How many days (of 24 hours) before an order touchpoints count, 1 to 365. Default: 30.',
  })
  readonly lookbackDays?: number | null;

  @Field(() => Float, { nullable: true, description: 'Of TIME_DECAY: above 0. Default: 7.' })
  readonly halfLifeDays?: number | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Types of touchpoints that count, such as `newsletter.clicked`. Left out: all but those that tell of dealings (`order.…`, ' +
      '`case.…`, `survey.…`, `contract.…`, `customer.…`, `reference.…`, `referral.…`, `profile.…`, `consent.…`, `loyalty.…`, ' +
      '`offer.…`). Orders and returns never count.',
  })
  readonly touchTypes?: string[] | null;

  @Field(() => CurrencyCode, { nullable: true, description: 'Only orders in this currency.' })
  readonly currency?: string | null;
}

@InputType({ description: 'Whose answers to count, and from when.' })
export class NpsInput extends AnalysisPeriodInput {
  @Field(() => AnalysisGrainEnum, {
    nullable: true,
    description: 'Also by bucket. Left out: the period as a whole only.',
  })
  readonly grain?: AnalysisGrain | null;

  @Field(() => String, {
    nullable: true,
    description: 'Only answers to this variant of the survey. Left out: to any.',
  })
  readonly variant?: string | null;
}

@InputType({ description: 'Which cases to look at: those that were opened in the period.' })
export class CaseResolutionInput extends AnalysisPeriodInput {
  @Field(() => AnalysisGrainEnum, {
    nullable: true,
    description: 'Also by bucket. Left out: the period as a whole only.',
  })
  readonly grain?: AnalysisGrain | null;
}

@InputType({ description: 'Whose portfolio, and when.' })
export class PortfolioInput {
  @Field(() => DateTime, {
    nullable: true,
    description:
      'The instant, up to now: purchases and stages up to then, settings and bins in force then, for customers as they are now. ' +
      'Left out: now, by the scores that customers have.',
  })
  readonly asOf?: Date | null;

  @Field(() => [ID], { nullable: true, description: segments })
  readonly segments?: string[] | null;
}

@InputType({ description: 'Between which instants to compare tiers.' })
export class TierMigrationInput {
  @Field(() => ID, { description: 'The programme, `prg_…`. It has to be published.' })
  readonly programId!: string;

  @Field(() => DateTime, { description: 'The earlier instant.' })
  readonly from!: Date;

  @Field(() => DateTime, { nullable: true, description: 'The later one; now, if left out.' })
  readonly to?: Date | null;
}
