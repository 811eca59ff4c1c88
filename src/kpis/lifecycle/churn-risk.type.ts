import { Field, Float, Int, ObjectType } from 'type-graphql';
import { RiskBandEnum } from '../../conditions/kpi-condition.enum.ts';
import type { ChurnContribution, ChurnFactor, ChurnRisk } from './churn-risk.ts';
import { ChurnFactorEnum } from './lifecycle.enum.ts';
import type { RiskBand } from './stage.ts';

@ObjectType('ChurnContribution', { simpleResolvers: true, description: 'What something adds to a churn risk.' })
export class ChurnContributionType {
  @Field(() => ChurnFactorEnum, { description: 'What.' })
  readonly factor: ChurnFactor;

  @Field(() => Float, { description: 'What it adds to the logarithm of the odds; of BASE, where that starts.' })
  readonly logOdds: number;

  @Field(() => Float, {
    description: 'By how much the risk would be lower without it; of BASE, the risk by the model alone.',
  })
  readonly effect: number;

  constructor({ factor, logOdds, effect }: ChurnContribution) {
    this.factor = factor;
    this.logOdds = logOdds;
    this.effect = effect;
  }
}

@ObjectType('ChurnRisk', {
  simpleResolvers: true,
  description:
    'The risk that a customer never buys again, as of this moment: by the model, adjusted for what else is known. How well such ' +
    'risks have come true is told by the query `churnCalibration`.',
})
export class ChurnRiskType {
  @Field(() => Float, { description: 'From 0 to 1.' })
  readonly risk: number;

  @Field(() => RiskBandEnum, { description: 'Its band, by the settings.' })
  readonly band: RiskBand;

  @Field(() => [ChurnContributionType], { description: 'What it is made of: BASE first, then what adds something.' })
  readonly contributions: readonly ChurnContributionType[];

  @Field(() => Int, { description: 'Version of the model.' })
  readonly modelVersion: number;

  constructor({ risk, band, contributions, modelVersion }: ChurnRisk) {
    this.risk = risk;
    this.band = band;
    this.contributions = contributions.map((contribution) => new ChurnContributionType(contribution));
    this.modelVersion = modelVersion;
  }
}
