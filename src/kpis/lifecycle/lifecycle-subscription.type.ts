import { Field, Float, ID, ObjectType } from 'type-graphql';
import { LifecycleStageEnum, RiskBandEnum } from '../../conditions/kpi-condition.enum.ts';
import type { Change } from '../../kernel/change-feed-page.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { Cursor, DateTime } from '../../kernel/scalars.ts';
import { LifecycleCauseEnum } from './lifecycle.enum.ts';
import type { LifecycleCause, LifecycleStage, RiskBand } from './stage.ts';

@ObjectType({ simpleResolvers: true, description: 'That a customer came into another stage of the life cycle.' })
export class LifecycleEvent {
  /** For the resolvers of further fields. */
  readonly change: Change;

  @Field(() => Cursor, { description: 'Subscribe `after` it to go on behind this event. Keep the latest.' })
  readonly cursor: string;

  @Field(() => DateTime, { description: 'When it became known, by the clock of this platform.' })
  readonly at: Date;

  @Field(() => ID, { description: 'Who (`cus_…`), by the id of that time.' })
  readonly customerId: string;

  @Field(() => LifecycleStageEnum, { description: 'The stage before.' })
  readonly from: LifecycleStage;

  @Field(() => LifecycleStageEnum, { description: 'The stage since `since`.' })
  readonly to: LifecycleStage;

  @Field(() => DateTime, { description: 'Since when: earlier than `at` where something became known late.' })
  readonly since: Date;

  @Field(() => LifecycleCauseEnum, { description: 'Why.' })
  readonly cause: LifecycleCause;

  @Field(() => Boolean, {
    description:
      'Something late has rewritten the past: transitions that were told of before may not be true any more.',
  })
  readonly corrected: boolean;

  constructor(change: Change) {
    const detail = change.detail as unknown as {
      from: LifecycleStage;
      to: LifecycleStage;
      at: string;
      cause: LifecycleCause;
      corrected?: true;
    };
    this.change = change;
    this.cursor = change.cursor;
    this.at = change.at;
    this.customerId = toPublicId('cus', change.customerId!);
    this.from = detail.from;
    this.to = detail.to;
    this.since = new Date(detail.at);
    this.cause = detail.cause;
    this.corrected = detail.corrected ?? false;
  }
}

@ObjectType({ simpleResolvers: true, description: "That a customer's churn risk rose into a higher band." })
export class ChurnRiskEvent {
  /** For the resolvers of further fields. */
  readonly change: Change;

  @Field(() => Cursor, { description: 'Subscribe `after` it to go on behind this event. Keep the latest.' })
  readonly cursor: string;

  @Field(() => DateTime, { description: 'When, by the clock of this platform.' })
  readonly at: Date;

  @Field(() => ID, { description: 'Who (`cus_…`), by the id of that time.' })
  readonly customerId: string;

  @Field(() => RiskBandEnum, { description: 'The band before.' })
  readonly from: RiskBand;

  @Field(() => RiskBandEnum, { description: 'The band since then.' })
  readonly to: RiskBand;

  @Field(() => Float, { description: 'The risk at `at`, from 0 to 1.' })
  readonly risk: number;

  @Field(() => String, {
    nullable: true,
    description:
      'Their home store at `at`: that of their latest order that names one (`properties.store`). Null: none does.',
  })
  readonly storeId: string | null;

  constructor(change: Change) {
    const detail = change.detail as unknown as { from: RiskBand; to: RiskBand; risk: number; store?: string };
    this.change = change;
    this.cursor = change.cursor;
    this.at = change.at;
    this.customerId = toPublicId('cus', change.customerId!);
    this.from = detail.from;
    this.to = detail.to;
    this.risk = detail.risk;
    this.storeId = detail.store ?? null;
  }
}
