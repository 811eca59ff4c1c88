import { Field, InputType } from 'type-graphql';
import { CurrencyCode } from '../kernel/scalars.ts';
import { DurationInput, NumberTestInput } from './condition-parts.input.ts';
import { KpiNameEnum, LifecycleStageEnum, RiskBandEnum } from './kpi-condition.enum.ts';
import type { KpiName, LifecycleStage, RiskBand } from './kpi-names.ts';

@InputType({ description: 'A KPI of the customer: `{ kpi: CHURN_RISK, comparison: AT_LEAST, value: "0.6" }`.' })
export class KpiConditionInput extends NumberTestInput {
  @Field(() => KpiNameEnum, { description: 'Which one.' })
  readonly kpi!: KpiName;

  @Field(() => CurrencyCode, {
    nullable: true,
    description:
      'For NET_REVENUE, MARGIN, AVERAGE_ORDER_VALUE and CLV: of customers who mostly pay in another currency, no comparison ' +
      'holds. Else left out.',
  })
  readonly currency?: string | null;
}

@InputType({
  description:
    'Where the customer is. Give exactly one of `stages`, `riskBands`, `rfmSegments` and `abcClasses`: ' +
    '`{ stages: [NEW], inStageFor: { count: 30, unit: DAY } }`.',
})
export class LifecycleConditionInput {
  @Field(() => [LifecycleStageEnum], { nullable: true, description: 'In one of these stages of the life cycle.' })
  readonly stages?: LifecycleStage[] | null;

  @Field(() => DurationInput, {
    nullable: true,
    description: 'Only beside `stages`: in the present one for so long or longer.',
  })
  readonly inStageFor?: DurationInput | null;

  @Field(() => [RiskBandEnum], { nullable: true, description: 'The churn risk is in one of these bands.' })
  readonly riskBands?: RiskBand[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'In one of these RFM segments, by key, as of the last scoring: at most 100.',
  })
  readonly rfmSegments?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'In one of these ABC classes (`A`, `B`, `C`), as of the last scoring.',
  })
  readonly abcClasses?: string[] | null;
}
