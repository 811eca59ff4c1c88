import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import {
  AttributionInput,
  CaseResolutionInput,
  ChurnRateInput,
  NpsInput,
  PortfolioInput,
  RetentionCohortsInput,
  TierMigrationInput,
} from './analysis.input.ts';
import type { AttributionReports } from './attribution/attribution.service.ts';
import { Attribution } from './attribution/attribution.type.ts';
import type { ChurnReports } from './churn/churn.service.ts';
import { ChurnRate } from './churn/churn.type.ts';
import type { RetentionReports } from './cohorts/retention.service.ts';
import { RetentionCohorts } from './cohorts/retention.type.ts';
import type { PortfolioReports } from './portfolio/portfolio.service.ts';
import { Portfolio } from './portfolio/portfolio.type.ts';
import type { TierMigrations } from './tiers/tier-migration.service.ts';
import { TierMigration } from './tiers/tier-migration.type.ts';
import type { VoiceReports } from './voice/voice.service.ts';
import { CaseResolutionReport, NpsReport } from './voice/voice.type.ts';

export interface AnalysisParts {
  readonly attribution: AttributionReports;
  readonly churn: ChurnReports;
  readonly portfolio: PortfolioReports;
  readonly retention: RetentionReports;
  readonly tiers: TierMigrations;
  readonly voice: VoiceReports;
}

const scope =
  'Needs the scope `metrics:read`. Codes: `BAD_USER_INPUT` (with `reason: "LIMIT_EXCEEDED"` and the `limit` where it asks for too ' +
  'much), `NOT_FOUND`, `STATEMENT_TOO_SLOW`.';

@Resolver()
export class AnalysesResolver {
  readonly #parts: AnalysisParts;

  constructor(parts: AnalysisParts) {
    this.#parts = parts;
  }

  @Query(() => RetentionCohorts, { description: `How many of those who came stay, by when they came. ${scope}` })
  async retentionCohorts(
    @Ctx() ctx: Context,
    @Arg('input', () => RetentionCohortsInput, { description: 'Which cohorts.' }) input: RetentionCohortsInput,
  ): Promise<RetentionCohorts> {
    return new RetentionCohorts(await this.#parts.retention.cohorts(ctx, withSegments(input)));
  }

  @Query(() => ChurnRate, { description: `How many customers are lost, with the definition of it. ${scope}` })
  async churnRate(
    @Ctx() ctx: Context,
    @Arg('input', () => ChurnRateInput, { description: 'Whose loss.' }) input: ChurnRateInput,
  ): Promise<ChurnRate> {
    return new ChurnRate(await this.#parts.churn.churnRate(ctx, withSegments(input)));
  }

  @Query(() => Attribution, {
    description: `Which channels, campaigns or sources led to orders, by up to seven models side by side. ${scope}`,
  })
  async attribution(
    @Ctx() ctx: Context,
    @Arg('input', () => AttributionInput, { description: 'Which orders.' }) input: AttributionInput,
  ): Promise<Attribution> {
    return new Attribution(await this.#parts.attribution.attribution(ctx, withSegments(input)));
  }

  @Query(() => TierMigration, {
    description: `From which tiers to which members went, as a matrix of probabilities. Needs the scope \`loyalty:read\`, too. ${scope}`,
  })
  async tierMigration(
    @Ctx() ctx: Context,
    @Arg('input', () => TierMigrationInput, { description: 'Which programme, and when.' }) input: TierMigrationInput,
  ): Promise<TierMigration> {
    const programId = fromPublicId('prg', input.programId, 'input.programId');
    return new TierMigration(await this.#parts.tiers.migration(ctx, { ...input, programId }));
  }

  @Query(() => Portfolio, {
    description: `Who the customers are: ABC classes, RFM segments and stages, with what they brought. ${scope}`,
  })
  async portfolio(
    @Ctx() ctx: Context,
    @Arg('input', () => PortfolioInput, { nullable: true, description: 'Left out: all customers, now.' })
    input: PortfolioInput | null,
  ): Promise<Portfolio> {
    return new Portfolio(await this.#parts.portfolio.portfolio(ctx, withSegments(input ?? {})));
  }

  @Query(() => NpsReport, { description: `The net promoter score, with how sure it is. ${scope}` })
  async nps(
    @Ctx() ctx: Context,
    @Arg('input', () => NpsInput, { description: 'Whose answers.' }) input: NpsInput,
  ): Promise<NpsReport> {
    return new NpsReport(await this.#parts.voice.nps(ctx, withSegments(input)));
  }

  @Query(() => CaseResolutionReport, { description: `How long it takes to resolve cases. ${scope}` })
  async caseResolution(
    @Ctx() ctx: Context,
    @Arg('input', () => CaseResolutionInput, { description: 'Which cases.' }) input: CaseResolutionInput,
  ): Promise<CaseResolutionReport> {
    return new CaseResolutionReport(await this.#parts.voice.caseResolution(ctx, withSegments(input)));
  }
}

function withSegments<T extends { readonly segments?: readonly string[] | null }>(input: T) {
  const { segments, ...rest } = input;
  return { ...rest, segmentIds: segments?.map((id) => fromPublicId('seg', id, 'input.segments')) };
}
