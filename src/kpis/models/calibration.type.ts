import { Field, Float, Int, ObjectType } from 'type-graphql';
import { CalendarDate } from '../../kernel/scalars.ts';
import type { CalibrationBin } from '../clv/holdout.ts';
import type { CalibrationReport } from './calibration.service.ts';
import type { FailureReason, ModelKind } from './fit-models.ts';
import { KpiModelFailureEnum, KpiModelKindEnum, KpiModelStatusEnum } from './model.enum.ts';
import { KpiModelParameter } from './model.type.ts';
import type { ModelStatus } from './model-detail.ts';

@ObjectType({ simpleResolvers: true, description: 'Customers who had bought again equally often before the cut-off.' })
export class ClvCalibrationBin {
  @Field(() => Int, { description: 'Purchase days after the first, up to the cut-off.' })
  readonly repeats: number;

  @Field(() => Boolean, { description: 'Customers with more are in it too: the last bin.' })
  readonly orMore: boolean;

  @Field(() => Int, { description: 'How many they are.' })
  readonly customers: number;

  @Field(() => Float, { description: 'Purchase days after the cut-off that the model predicted, of all of them.' })
  readonly predicted: number;

  @Field(() => Int, { description: 'Purchase days after the cut-off that there were.' })
  readonly actual: number;

  constructor({ repeats, orMore, customers, predicted, actual }: CalibrationBin) {
    this.repeats = repeats;
    this.orMore = orMore;
    this.customers = customers;
    this.predicted = predicted;
    this.actual = actual;
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'A model held against what happened: fitted on purchases up to a day, as if nothing later were known, and asked how often ' +
    'those customers would buy after it.',
})
export class ClvCalibration {
  @Field(() => KpiModelKindEnum, { description: 'Which model.' })
  readonly kind: ModelKind;

  @Field(() => KpiModelStatusEnum, { description: 'Whether it could be fitted on the first part.' })
  readonly status: ModelStatus;

  @Field(() => KpiModelFailureEnum, { nullable: true, description: 'Why not; null if it could.' })
  readonly reason: FailureReason | null;

  @Field(() => CalendarDate, { description: 'The last day that it was fitted on.' })
  readonly cutOff: string;

  @Field(() => CalendarDate, { description: 'The last day that it is held against.' })
  readonly until: string;

  @Field(() => Int, { description: 'Days from one to the other.' })
  readonly days: number;

  @Field(() => [KpiModelParameter], { description: 'With which it predicted; empty where it did not converge.' })
  readonly parameters: readonly KpiModelParameter[];

  @Field(() => Int, { description: 'Customers with a purchase up to the cut-off. Later ones are not predicted.' })
  readonly customers: number;

  @Field(() => Float, { nullable: true, description: 'Purchase days predicted, of all; null without a model.' })
  readonly predicted: number | null;

  @Field(() => Int, { nullable: true, description: 'Purchase days that there were; null without a model.' })
  readonly actual: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Mean over customers of the difference, whichever way it is; null without a model, or without customers.',
  })
  readonly meanAbsoluteError: number | null;

  @Field(() => [ClvCalibrationBin], { description: 'By repeats up to the cut-off; empty without a model.' })
  readonly bins: readonly ClvCalibrationBin[];

  constructor({ kind, cutOff, until, days, fit, calibration }: CalibrationReport) {
    this.kind = kind;
    this.status = calibration ? 'CONVERGED' : 'NOT_CONVERGED';
    this.reason = fit.reason;
    this.cutOff = cutOff;
    this.until = until;
    this.days = days;
    this.parameters = Object.entries(fit.parameters).map((parameter) => new KpiModelParameter(parameter));
    this.customers = fit.customers;
    this.predicted = calibration?.predicted ?? null;
    this.actual = calibration?.actual ?? null;
    this.meanAbsoluteError = calibration?.meanAbsoluteError ?? null;
    this.bins = (calibration?.bins ?? []).map((bin) => new ClvCalibrationBin(bin));
  }
}
