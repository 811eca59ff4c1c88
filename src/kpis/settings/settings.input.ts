import { Field, Float, InputType, Int } from 'type-graphql';
import { ConditionInput } from '../../conditions/condition.input.ts';
import { collaborativeText, groupText, leverGroupText, leverText, rfmText } from './lever-words.ts';
import { AbcBasisEnum, RfmBinningEnum } from './settings.enum.ts';

@InputType({ description: 'Scores from one to another, both included.' })
export class KpiScoreRangeInput {
  @Field(() => Int, { description: rfmText.least })
  readonly least!: number;

  @Field(() => Int, { description: rfmText.most })
  readonly most!: number;
}

@InputType({ description: 'A box of scores, and what customers in it are called.' })
export class KpiRfmSegmentInput {
  @Field(() => String, { description: rfmText.key })
  readonly key!: string;

  @Field(() => String, { description: rfmText.name })
  readonly name!: string;

  @Field(() => KpiScoreRangeInput, { description: rfmText.recency })
  readonly recency!: KpiScoreRangeInput;

  @Field(() => KpiScoreRangeInput, { description: rfmText.frequency })
  readonly frequency!: KpiScoreRangeInput;

  @Field(() => KpiScoreRangeInput, { description: rfmText.monetary })
  readonly monetary!: KpiScoreRangeInput;
}

@InputType({ description: groupText.rfm })
export class KpiRfmSettingsInput {
  @Field(() => RfmBinningEnum, { nullable: true, description: rfmText.binning })
  readonly binning?: 'SHARE' | 'QUANTILES' | null;

  @Field(() => [KpiRfmSegmentInput], {
    nullable: true,
    description: `${rfmText.segments} All of them: they take the place of those before.`,
  })
  readonly segments?: readonly KpiRfmSegmentInput[] | null;

  @Field(() => String, { nullable: true, description: rfmText.otherwise })
  readonly otherwise?: string | null;
}

@InputType({ description: groupText.abc })
export class KpiAbcSettingsInput {
  @Field(() => AbcBasisEnum, { nullable: true, description: 'What customers are classed by.' })
  readonly basis?: 'MARGIN' | 'REVENUE' | null;

  @Field(() => Float, { nullable: true, description: leverText('abc', 'a') })
  readonly a?: number | null;

  @Field(() => Float, { nullable: true, description: leverText('abc', 'b') })
  readonly b?: number | null;
}

@InputType({ description: groupText.clv })
export class KpiClvSettingsInput {
  @Field(() => Int, { nullable: true, description: leverText('clv', 'months') })
  readonly months?: number | null;

  @Field(() => Float, { nullable: true, description: leverText('clv', 'discountRate') })
  readonly discountRate?: number | null;

  @Field(() => Float, { nullable: true, description: leverText('clv', 'marginRate') })
  readonly marginRate?: number | null;

  @Field(() => Float, { nullable: true, description: leverText('clv', 'costPerCase') })
  readonly costPerCase?: number | null;
}

@InputType({ description: groupText.lifecycle })
export class KpiLifecycleSettingsInput {
  @Field(() => Int, { nullable: true, description: leverText('lifecycle', 'prospectDays') })
  readonly prospectDays?: number | null;

  @Field(() => Int, { nullable: true, description: leverText('lifecycle', 'overdueDays') })
  readonly overdueDays?: number | null;

  @Field(() => Int, { nullable: true, description: leverText('lifecycle', 'dormantDays') })
  readonly dormantDays?: number | null;

  @Field(() => Int, { nullable: true, description: leverText('lifecycle', 'ownGaps') })
  readonly ownGaps?: number | null;

  @Field(() => Float, { nullable: true, description: leverText('lifecycle', 'lostProbability') })
  readonly lostProbability?: number | null;

  @Field(() => Int, { nullable: true, description: leverText('lifecycle', 'lostDays') })
  readonly lostDays?: number | null;

  @Field(() => Int, { nullable: true, description: leverText('lifecycle', 'loyalRecency') })
  readonly loyalRecency?: number | null;

  @Field(() => Int, { nullable: true, description: leverText('lifecycle', 'loyalFrequency') })
  readonly loyalFrequency?: number | null;

  @Field(() => Int, { nullable: true, description: leverText('lifecycle', 'loyalTier') })
  readonly loyalTier?: number | null;

  @Field(() => Int, { nullable: true, description: leverText('lifecycle', 'loyalEvaluations') })
  readonly loyalEvaluations?: number | null;

  @Field(() => Int, { nullable: true, description: leverText('lifecycle', 'advocateDays') })
  readonly advocateDays?: number | null;
}

@InputType({ description: groupText.churn })
export class KpiChurnSettingsInput {
  @Field(() => Float, { nullable: true, description: leverText('churn', 'elevated') })
  readonly elevated?: number | null;

  @Field(() => Float, { nullable: true, description: leverText('churn', 'high') })
  readonly high?: number | null;

  @Field(() => Float, { nullable: true, description: leverText('churn', 'overdueWeight') })
  readonly overdueWeight?: number | null;

  @Field(() => Float, { nullable: true, description: leverText('churn', 'detractorWeight') })
  readonly detractorWeight?: number | null;

  @Field(() => Float, { nullable: true, description: leverText('churn', 'complaintWeight') })
  readonly complaintWeight?: number | null;

  @Field(() => Float, { nullable: true, description: leverText('churn', 'contractWeight') })
  readonly contractWeight?: number | null;

  @Field(() => Int, { nullable: true, description: leverText('churn', 'contractDays') })
  readonly contractDays?: number | null;

  @Field(() => Int, { nullable: true, description: leverText('churn', 'detractorDays') })
  readonly detractorDays?: number | null;

  @Field(() => Float, { nullable: true, description: leverText('churn', 'engagementWeight') })
  readonly engagementWeight?: number | null;

  @Field(() => Int, { nullable: true, description: leverText('churn', 'engagementDays') })
  readonly engagementDays?: number | null;

  @Field(() => Float, { nullable: true, description: leverText('churn', 'tierDropWeight') })
  readonly tierDropWeight?: number | null;

  @Field(() => Int, { nullable: true, description: leverText('churn', 'tierDropDays') })
  readonly tierDropDays?: number | null;
}

@InputType({
  description: 'Customers for whom other thresholds count. Give `condition` or `conditionText`.',
})
export class KpiLeverGroupInput {
  @Field(() => String, { description: leverGroupText.key })
  readonly key!: string;

  @Field(() => String, { description: leverGroupText.name })
  readonly name!: string;

  @Field(() => ConditionInput, { nullable: true, description: leverGroupText.condition })
  readonly condition?: ConditionInput | null;

  @Field(() => String, { nullable: true, description: 'The same in words, such as `lifecycle abc class is A`.' })
  readonly conditionText?: string | null;

  @Field(() => KpiLifecycleSettingsInput, { nullable: true, description: leverGroupText.lifecycle })
  readonly lifecycle?: KpiLifecycleSettingsInput | null;

  @Field(() => KpiChurnSettingsInput, { nullable: true, description: leverGroupText.churn })
  readonly churn?: KpiChurnSettingsInput | null;
}

@InputType({ description: 'Levers to turn, now. What is left out stays as it is.' })
export class UpdateKpiSettingsInput {
  @Field(() => KpiRfmSettingsInput, { nullable: true, description: groupText.rfm })
  readonly rfm?: KpiRfmSettingsInput | null;

  @Field(() => KpiAbcSettingsInput, { nullable: true, description: groupText.abc })
  readonly abc?: KpiAbcSettingsInput | null;

  @Field(() => KpiClvSettingsInput, { nullable: true, description: groupText.clv })
  readonly clv?: KpiClvSettingsInput | null;

  @Field(() => KpiLifecycleSettingsInput, { nullable: true, description: groupText.lifecycle })
  readonly lifecycle?: KpiLifecycleSettingsInput | null;

  @Field(() => KpiChurnSettingsInput, { nullable: true, description: groupText.churn })
  readonly churn?: KpiChurnSettingsInput | null;

  @Field(() => Int, { nullable: true, description: collaborativeText })
  readonly collaborativePurchases?: number | null;

  @Field(() => [KpiLeverGroupInput], {
    nullable: true,
    description: `${leverGroupText.groups} All of them: they take the place of those before.`,
  })
  readonly groups?: readonly KpiLeverGroupInput[] | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The `version` that you know: `VERSION_CONFLICT` with `currentVersion` if there is a later one.',
  })
  readonly expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: 'Why, for the history and the audit log.' })
  readonly reason?: string | null;
}
