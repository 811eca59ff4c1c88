import { Field, Int, ObjectType } from 'type-graphql';
import { LifecycleStageEnum, RiskBandEnum } from '../../conditions/kpi-condition.enum.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { connectionType } from '../../kernel/paging.type.ts';
import { DateTime, JsonObjectValue } from '../../kernel/scalars.ts';
import { LifecycleCauseEnum } from './lifecycle.enum.ts';
import type { LifecycleView } from './lifecycle-reader.service.ts';
import type { LifecycleCause, LifecycleStage, RiskBand } from './stage.ts';
import type { LifecycleTransition } from './transition.ts';

@ObjectType('LifecycleTransition', { simpleResolvers: true, description: 'That a customer came into another stage.' })
export class LifecycleTransitionType {
  @Field(() => DateTime, { description: 'When that was, by what is known now: not when it became known.' })
  readonly at: Date;

  @Field(() => LifecycleStageEnum, { nullable: true, description: 'The stage before; null: the beginning.' })
  readonly from: LifecycleStage | null;

  @Field(() => LifecycleStageEnum, { description: 'The stage since then.' })
  readonly to: LifecycleStage;

  @Field(() => LifecycleCauseEnum, { description: 'Why.' })
  readonly cause: LifecycleCause;

  @Field(() => JsonObjectValue, { description: 'The numbers that it follows from, see `LifecycleCause`.' })
  readonly evidence: JsonObject;

  @Field(() => Int, { description: 'Version of the settings that were in force; 0: nobody had changed any.' })
  readonly settingsVersion: number;

  constructor({ at, from, to, cause, evidence, settingsVersion }: LifecycleTransition) {
    this.at = at;
    this.from = from;
    this.to = to;
    this.cause = cause;
    this.evidence = evidence;
    this.settingsVersion = settingsVersion;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of transitions, the latest first.' })
export class LifecycleTransitionConnection extends connectionType(LifecycleTransitionType, 'LifecycleTransition') {}

@ObjectType('CustomerLifecycle', {
  simpleResolvers: true,
  description:
    'Where a customer is in their life cycle. It follows from what happened and when: a late touchpoint can rewrite how they ' +
    'got there. Stages that change by time do so within seconds.',
})
export class CustomerLifecycleType {
  /** For resolvers of further fields. */
  readonly view: LifecycleView;

  @Field(() => LifecycleStageEnum, { description: 'The stage.' })
  readonly stage: LifecycleStage;

  @Field(() => DateTime, { description: 'Since when.' })
  readonly since: Date;

  @Field(() => RiskBandEnum, {
    nullable: true,
    description: 'Band of the churn risk; null for who has bought nothing or is anonymous, and without a model.',
  })
  readonly riskBand: RiskBand | null;

  @Field(() => DateTime, { nullable: true, description: 'Since when it is in this band.' })
  readonly riskSince: Date | null;

  constructor(view: LifecycleView) {
    this.view = view;
    this.stage = view.stage;
    this.since = view.since;
    this.riskBand = view.band;
    this.riskSince = view.riskSince;
  }
}

@ObjectType({ simpleResolvers: true, description: 'How many customers are in a stage.' })
export class LifecycleStageCount {
  @Field(() => LifecycleStageEnum, { description: 'The stage.' })
  readonly stage: LifecycleStage;

  @Field(() => Int, {
    nullable: true,
    description: 'How many. Null: fewer than five, and you lack the scope `pii:read`.',
  })
  readonly customers: number | null;

  constructor({ stage, customers }: { stage: LifecycleStage; customers: number | null }) {
    this.stage = stage;
    this.customers = customers;
  }
}

@ObjectType({ simpleResolvers: true, description: 'How customers are spread over the stages of the life cycle.' })
export class LifecycleStages {
  @Field(() => DateTime, { description: 'The moment that it is of.' })
  readonly asOf: Date;

  @Field(() => [LifecycleStageCount], { description: 'Every stage, in the order of `LifecycleStage`.' })
  readonly stages: readonly LifecycleStageCount[];

  constructor(asOf: Date, stages: readonly { stage: LifecycleStage; customers: number | null }[]) {
    this.asOf = asOf;
    this.stages = stages.map((one) => new LifecycleStageCount(one));
  }
}
