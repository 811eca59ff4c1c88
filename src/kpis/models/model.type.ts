import { Field, Float, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { Node } from '../../kernel/node.type.ts';
import { connectionType } from '../../kernel/paging.type.ts';
import { CalendarDate, CurrencyCode, DateTime } from '../../kernel/scalars.ts';
import type { FailureReason, ModelKind } from './fit-models.ts';
import { KpiModelFailureEnum, KpiModelKindEnum, KpiModelStatusEnum, KpiModelWarningCodeEnum } from './model.enum.ts';
import type { ModelStatus, SpendDetail } from './model-detail.ts';
import { type ModelWarningCode, type ModelWarningView, warningsOf } from './model-warnings.ts';
import type { KpiModelRow } from './models.queries.ts';

@ObjectType({ simpleResolvers: true, description: 'A number that a model is made of.' })
export class KpiModelParameter {
  @Field(() => String, { description: 'Such as `alpha`.' })
  readonly name: string;

  @Field(() => Float, {
    description:
      '`alpha` and `beta` of models of purchases are days, `gamma` is minor units of its currency; all others are numbers.',
  })
  readonly value: number;

  constructor([name, value]: [string, number]) {
    this.name = name;
    this.value = value;
  }
}

const parametersOf = (parameters: Readonly<Record<string, number>>) =>
  Object.entries(parameters).map((parameter) => new KpiModelParameter(parameter));

@ObjectType({ simpleResolvers: true, description: 'Gamma-Gamma: what a purchase in a currency is worth.' })
export class KpiSpendModel {
  @Field(() => CurrencyCode, { description: 'Of the purchases.' })
  readonly currency: string;

  @Field(() => KpiModelStatusEnum, { description: 'Whether it has parameters.' })
  readonly status: ModelStatus;

  @Field(() => KpiModelFailureEnum, { nullable: true, description: 'Why it has none; null if it has.' })
  readonly reason: FailureReason | null;

  @Field(() => [KpiModelParameter], { description: '`p`, `q` and `gamma`; empty where it did not converge.' })
  readonly parameters: readonly KpiModelParameter[];

  @Field(() => Float, { nullable: true, description: 'Natural logarithm, of densities per minor unit.' })
  readonly logLikelihood: number | null;

  @Field(() => Int, { description: 'Customers with repeats in this currency.' })
  readonly customers: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'Of repeats and their mean worth, over customers: near 0 where the model holds. Null: one does not vary.',
  })
  readonly correlation: number | null;

  constructor(spend: SpendDetail) {
    this.currency = spend.currency;
    this.status = spend.status;
    this.reason = spend.reason;
    this.parameters = parametersOf(spend.parameters);
    this.logLikelihood = spend.logLikelihood;
    this.customers = spend.customers;
    this.correlation = spend.correlation;
  }
}

@ObjectType({ simpleResolvers: true, description: 'What to know before one trusts a model.' })
export class KpiModelWarning {
  @Field(() => KpiModelWarningCodeEnum, { description: 'For programs.' })
  readonly code: ModelWarningCode;

  @Field(() => CurrencyCode, { nullable: true, description: 'Of the model of spend that it is about; null: of all.' })
  readonly currency: string | null;

  @Field(() => String, { description: 'For people.' })
  readonly message: string;

  constructor({ code, currency, message }: ModelWarningView) {
    this.code = code;
    this.currency = currency;
    this.message = message;
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'By some day after the first purchase day, how many had not bought again.',
})
export class KpiSurvivalStep {
  @Field(() => Int, { description: 'Days after the first purchase day.' })
  readonly days: number;

  @Field(() => Float, { description: 'The part of 1 that had not bought again by then.' })
  readonly survival: number;

  constructor(days: number, survival: number) {
    this.days = days;
    this.survival = survival;
  }
}

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description: 'A fit of a model to what customers have bought. Never changed; another fit is another model.',
})
export class KpiModel implements Node {
  readonly id: string;

  @Field(() => Int, { description: 'Fits are numbered in their order, from 1.' })
  readonly version: number;

  @Field(() => KpiModelKindEnum, { description: 'Which model.' })
  readonly kind: ModelKind;

  @Field(() => KpiModelStatusEnum, { description: 'Whether it has parameters.' })
  readonly status: ModelStatus;

  @Field(() => KpiModelFailureEnum, { nullable: true, description: 'Why it has none; null if it has.' })
  readonly reason: FailureReason | null;

  @Field(() => [String], { description: 'Parameters that ran to where they make no sense any more, if that is why.' })
  readonly atBound: readonly string[];

  @Field(() => DateTime, {
    nullable: true,
    description: 'From when on predictions are made with it, until another takes its place; null: never.',
  })
  readonly effectiveFrom: Date | null;

  @Field(() => DateTime, { description: 'When it was fitted.' })
  readonly fittedAt: Date;

  @Field(() => CalendarDate, {
    description: 'The last day of the purchases that it knows, in the time zone of the organisation.',
  })
  readonly cutOff: string;

  @Field(() => Int, { description: 'Customers with a purchase up to the cut-off.' })
  readonly customers: number;

  @Field(() => Int, { description: 'Those of them who had bought on more than one day.' })
  readonly repeaters: number;

  @Field(() => [KpiModelParameter], {
    description: '`r`, `alpha`, `a`, `b`, or `r`, `alpha`, `s`, `beta`; empty where it did not converge.',
  })
  readonly parameters: readonly KpiModelParameter[];

  @Field(() => Float, {
    nullable: true,
    description: 'Natural logarithm, of densities per day. Models of the same purchases can be compared by it.',
  })
  readonly logLikelihood: number | null;

  @Field(() => [KpiSpendModel], { description: 'What purchases are worth, by currency; empty for PARETO_NBD.' })
  readonly spends: readonly KpiSpendModel[];

  @Field(() => [KpiSurvivalStep], {
    description:
      'How long customers wait for their second purchase day (Kaplan-Meier), as steps; empty for PARETO_NBD, and for what ' +
      'did not converge.',
  })
  readonly secondOrder: readonly KpiSurvivalStep[];

  @Field(() => [KpiModelWarning], { description: 'What to know before one trusts it.' })
  readonly warnings: readonly KpiModelWarning[];

  constructor({ detail, ...row }: KpiModelRow) {
    this.id = toPublicId('mdl', row.id);
    this.version = row.version;
    this.kind = row.kind;
    this.status = row.status;
    this.reason = detail.reason;
    this.atBound = detail.atBound;
    this.effectiveFrom = row.effectiveFrom;
    this.fittedAt = row.fittedAt;
    this.cutOff = detail.cutOffDay;
    this.customers = detail.customers;
    this.repeaters = detail.repeaters;
    this.parameters = parametersOf(detail.parameters);
    this.logLikelihood = detail.logLikelihood;
    this.spends = detail.spends.map((spend) => new KpiSpendModel(spend));
    const { days = [], survival = [] } = detail.model?.secondOrder ?? {};
    this.secondOrder = days.map((day, step) => new KpiSurvivalStep(day, survival[step]!));
    this.warnings = warningsOf(detail).map((warning) => new KpiModelWarning(warning));
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of fits of models.' })
export class KpiModelConnection extends connectionType(KpiModel, 'KpiModel') {}

@ObjectType({ simpleResolvers: true, description: 'The fits that were made.' })
export class FitKpiModelsPayload {
  @Field(() => [KpiModel], { description: 'In the order of the kinds asked for.' })
  readonly models: readonly KpiModel[];

  constructor(models: readonly KpiModel[]) {
    this.models = models;
  }
}
