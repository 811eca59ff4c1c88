import { Field, Float, Int, ObjectType } from 'type-graphql';
import { DateTime } from '../../kernel/scalars.ts';
import type { ChurnCalibrationReport } from './churn-calibration.service.ts';
import type { ChurnDecile } from './churn-calibration.ts';

@ObjectType('ChurnCalibrationDecile', {
  simpleResolvers: true,
  description: 'A tenth of the customers, by their risk.',
})
export class ChurnCalibrationDecileType {
  @Field(() => Int, {
    description: '1: the tenth with the lowest risks. Equal risks are in one tenth, so that some may be missing.',
  })
  readonly decile: number;

  @Field(() => Int, { description: 'How many they are.' })
  readonly customers: number;

  @Field(() => Float, { description: 'The lowest risk among them.' })
  readonly lowest: number;

  @Field(() => Float, { description: 'The highest risk among them.' })
  readonly highest: number;

  @Field(() => Float, { description: 'Their mean risk.' })
  readonly predicted: number;

  @Field(() => Float, { description: 'The part of 1 that did not buy again until `until`.' })
  readonly actual: number;

  constructor({ decile, customers, lowest, highest, predicted, actual }: ChurnDecile) {
    this.decile = decile;
    this.customers = customers;
    this.lowest = lowest;
    this.highest = highest;
    this.predicted = predicted;
    this.actual = actual;
  }
}

@ObjectType('ChurnCalibration', {
  simpleResolvers: true,
  description:
    'Churn risks held against what happened: told at a cut-off from what was known by then, and judged by whether those ' +
    'customers bought again. A risk is about never buying again: the shorter the time since, the more will look lost who are not.',
})
export class ChurnCalibrationType {
  @Field(() => DateTime, { description: 'When the risks were told.' })
  readonly cutOff: Date;

  @Field(() => DateTime, { description: 'Until when they are judged.' })
  readonly until: Date;

  @Field(() => Int, { nullable: true, description: 'Version of the model that told them; null: there is none.' })
  readonly modelVersion: number | null;

  @Field(() => Boolean, {
    description:
      'The model was fitted on purchases behind the cut-off, as none was in use by then: expect it to look better than it is.',
  })
  readonly knewBetter: boolean;

  @Field(() => Int, { description: 'How many customers were looked at.' })
  readonly customers: number;

  @Field(() => Float, { nullable: true, description: 'Their mean risk; null without customers.' })
  readonly predicted: number | null;

  @Field(() => Float, { nullable: true, description: 'The part of 1 that did not buy again; null without customers.' })
  readonly actual: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Brier score: the mean of (risk − what happened)²; 0 is perfect. Null without customers.',
  })
  readonly brier: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Brier score of saying `actual` of everybody: what the risks have to be better than.',
  })
  readonly brierOfActual: number | null;

  @Field(() => [ChurnCalibrationDecileType], { description: 'By tenths, the lowest risks first.' })
  readonly deciles: readonly ChurnCalibrationDecileType[];

  constructor(report: ChurnCalibrationReport) {
    this.cutOff = report.cutOff;
    this.until = report.until;
    this.modelVersion = report.modelVersion;
    this.knewBetter = report.knewBetter;
    this.customers = report.customers;
    this.predicted = report.predicted;
    this.actual = report.actual;
    this.brier = report.brier;
    this.brierOfActual = report.brierOfActual;
    this.deciles = report.deciles.map((decile) => new ChurnCalibrationDecileType(decile));
  }
}
