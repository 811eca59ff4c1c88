import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { Condition } from '../../conditions/condition.ts';
import { DateTime } from '../../kernel/scalars.ts';
import { ever } from './kpi-levers.ts';
import type {
  AbcSettings,
  ChurnSettings,
  ClvSettings,
  LifecycleSettings,
  RfmSegment,
  RfmSettings,
  ScoreRange,
} from './kpi-settings.ts';
import { KpiLeverGroup } from './lever-group.type.ts';
import { collaborativeText, groupText, leverGroupText, leverText, rfmText } from './lever-words.ts';
import { AbcBasisEnum, RfmBinningEnum } from './settings.enum.ts';
import type { SettingsView } from './settings.queries.ts';

@ObjectType({ simpleResolvers: true, description: 'Scores from one to another, both included.' })
export class KpiScoreRange {
  @Field(() => Int, { description: rfmText.least })
  readonly least: number;

  @Field(() => Int, { description: rfmText.most })
  readonly most: number;

  constructor([least, most]: ScoreRange) {
    this.least = least;
    this.most = most;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A box of scores, and what customers in it are called.' })
export class KpiRfmSegment {
  @Field(() => String, { description: rfmText.key })
  readonly key: string;

  @Field(() => String, { description: rfmText.name })
  readonly name: string;

  @Field(() => KpiScoreRange, { description: rfmText.recency })
  readonly recency: KpiScoreRange;

  @Field(() => KpiScoreRange, { description: rfmText.frequency })
  readonly frequency: KpiScoreRange;

  @Field(() => KpiScoreRange, { description: rfmText.monetary })
  readonly monetary: KpiScoreRange;

  constructor({ key, name, recency, frequency, monetary }: RfmSegment) {
    this.key = key;
    this.name = name;
    this.recency = new KpiScoreRange(recency);
    this.frequency = new KpiScoreRange(frequency);
    this.monetary = new KpiScoreRange(monetary);
  }
}

@ObjectType({ simpleResolvers: true, description: groupText.rfm })
export class KpiRfmSettings {
  @Field(() => RfmBinningEnum, { description: rfmText.binning })
  readonly binning: RfmSettings['binning'];

  @Field(() => [KpiRfmSegment], { description: rfmText.segments })
  readonly segments: readonly KpiRfmSegment[];

  @Field(() => String, { description: rfmText.otherwise })
  readonly otherwise: string;

  constructor({ binning, segments, otherwise }: RfmSettings) {
    this.binning = binning;
    this.segments = segments.map((segment) => new KpiRfmSegment(segment));
    this.otherwise = otherwise;
  }
}

@ObjectType({ simpleResolvers: true, description: groupText.abc })
export class KpiAbcSettings implements AbcSettings {
  @Field(() => AbcBasisEnum, { description: 'What customers are classed by.' })
  readonly basis: AbcSettings['basis'];

  @Field(() => Float, { description: leverText('abc', 'a') })
  readonly a: number;

  @Field(() => Float, { description: leverText('abc', 'b') })
  readonly b: number;

  constructor(settings: AbcSettings) {
    this.basis = settings.basis;
    this.a = settings.a;
    this.b = settings.b;
  }
}

@ObjectType({ simpleResolvers: true, description: groupText.clv })
export class KpiClvSettings implements ClvSettings {
  @Field(() => Int, { description: leverText('clv', 'months') })
  readonly months: number;

  @Field(() => Float, { description: leverText('clv', 'discountRate') })
  readonly discountRate: number;

  @Field(() => Float, { nullable: true, description: leverText('clv', 'marginRate') })
  readonly marginRate: number | null;

  @Field(() => Float, { description: leverText('clv', 'costPerCase') })
  readonly costPerCase: number;

  constructor(settings: ClvSettings) {
    this.months = settings.months;
    this.discountRate = settings.discountRate;
    this.marginRate = settings.marginRate;
    this.costPerCase = settings.costPerCase;
  }
}

@ObjectType({ simpleResolvers: true, description: groupText.lifecycle })
export class KpiLifecycleSettings implements LifecycleSettings {
  @Field(() => Int, { description: leverText('lifecycle', 'prospectDays') })
  readonly prospectDays: number;

  @Field(() => Int, { description: leverText('lifecycle', 'overdueDays') })
  readonly overdueDays: number;

  @Field(() => Int, { description: leverText('lifecycle', 'dormantDays') })
  readonly dormantDays: number;

  @Field(() => Int, { description: leverText('lifecycle', 'ownGaps') })
  readonly ownGaps: number;

  @Field(() => Float, { description: leverText('lifecycle', 'lostProbability') })
  readonly lostProbability: number;

  @Field(() => Int, { description: leverText('lifecycle', 'lostDays') })
  readonly lostDays: number;

  @Field(() => Int, { description: leverText('lifecycle', 'loyalRecency') })
  readonly loyalRecency: number;

  @Field(() => Int, { description: leverText('lifecycle', 'loyalFrequency') })
  readonly loyalFrequency: number;

  @Field(() => Int, { description: leverText('lifecycle', 'loyalTier') })
  readonly loyalTier: number;

  @Field(() => Int, { description: leverText('lifecycle', 'loyalEvaluations') })
  readonly loyalEvaluations: number;

  @Field(() => Int, { description: leverText('lifecycle', 'advocateDays') })
  readonly advocateDays: number;

  constructor(settings: LifecycleSettings) {
    this.prospectDays = settings.prospectDays;
    this.overdueDays = settings.overdueDays;
    this.dormantDays = settings.dormantDays;
    this.ownGaps = settings.ownGaps;
    this.lostProbability = settings.lostProbability;
    this.lostDays = settings.lostDays;
    this.loyalRecency = settings.loyalRecency;
    this.loyalFrequency = settings.loyalFrequency;
    this.loyalTier = settings.loyalTier;
    this.loyalEvaluations = settings.loyalEvaluations;
    this.advocateDays = settings.advocateDays;
  }
}

@ObjectType({ simpleResolvers: true, description: groupText.churn })
export class KpiChurnSettings implements ChurnSettings {
  @Field(() => Float, { description: leverText('churn', 'elevated') })
  readonly elevated: number;

  @Field(() => Float, { description: leverText('churn', 'high') })
  readonly high: number;

  @Field(() => Float, { description: leverText('churn', 'overdueWeight') })
  readonly overdueWeight: number;

  @Field(() => Float, { description: leverText('churn', 'detractorWeight') })
  readonly detractorWeight: number;

  @Field(() => Float, { description: leverText('churn', 'complaintWeight') })
  readonly complaintWeight: number;

  @Field(() => Float, { description: leverText('churn', 'contractWeight') })
  readonly contractWeight: number;

  @Field(() => Int, { description: leverText('churn', 'contractDays') })
  readonly contractDays: number;

  @Field(() => Int, { description: leverText('churn', 'detractorDays') })
  readonly detractorDays: number;

  @Field(() => Float, { description: leverText('churn', 'engagementWeight') })
  readonly engagementWeight: number;

  @Field(() => Int, { description: leverText('churn', 'engagementDays') })
  readonly engagementDays: number;

  @Field(() => Float, { description: leverText('churn', 'tierDropWeight') })
  readonly tierDropWeight: number;

  @Field(() => Int, { description: leverText('churn', 'tierDropDays') })
  readonly tierDropDays: number;

  constructor(settings: ChurnSettings) {
    this.elevated = settings.elevated;
    this.high = settings.high;
    this.overdueWeight = settings.overdueWeight;
    this.detractorWeight = settings.detractorWeight;
    this.complaintWeight = settings.complaintWeight;
    this.contractWeight = settings.contractWeight;
    this.contractDays = settings.contractDays;
    this.detractorDays = settings.detractorDays;
    this.engagementWeight = settings.engagementWeight;
    this.engagementDays = settings.engagementDays;
    this.tierDropWeight = settings.tierDropWeight;
    this.tierDropDays = settings.tierDropDays;
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'The levers of KPIs. Each change is a version that counts from its time on: what is derived for an instant of the past is ' +
    'derived with what counted then.',
})
export class KpiSettings {
  @Field(() => Int, { description: '0: nobody has changed anything yet.' })
  readonly version: number;

  @Field(() => DateTime, { nullable: true, description: 'From when on it counts; null: it has since ever.' })
  readonly effectiveFrom: Date | null;

  @Field(() => String, { nullable: true, description: 'Why, in the words of who changed it; null if they gave none.' })
  readonly reason: string | null;

  @Field(() => KpiRfmSettings, { description: groupText.rfm })
  readonly rfm: KpiRfmSettings;

  @Field(() => KpiAbcSettings, { description: groupText.abc })
  readonly abc: KpiAbcSettings;

  @Field(() => KpiClvSettings, { description: groupText.clv })
  readonly clv: KpiClvSettings;

  @Field(() => KpiLifecycleSettings, { description: groupText.lifecycle })
  readonly lifecycle: KpiLifecycleSettings;

  @Field(() => KpiChurnSettings, { description: groupText.churn })
  readonly churn: KpiChurnSettings;

  @Field(() => Int, { description: collaborativeText })
  readonly collaborativePurchases: number;

  @Field(() => [KpiLeverGroup], { description: leverGroupText.groups })
  readonly groups: readonly KpiLeverGroup[];

  constructor({ version, effectiveFrom, reason, settings }: SettingsView, isHidden: (condition: Condition) => boolean) {
    this.version = version;
    this.effectiveFrom = effectiveFrom.getTime() === ever.getTime() ? null : effectiveFrom;
    this.reason = reason;
    this.rfm = new KpiRfmSettings(settings.rfm);
    this.abc = new KpiAbcSettings(settings.abc);
    this.clv = new KpiClvSettings(settings.clv);
    this.lifecycle = new KpiLifecycleSettings(settings.lifecycle);
    this.churn = new KpiChurnSettings(settings.churn);
    this.collaborativePurchases = settings.collaborativePurchases;
    this.groups = settings.groups.map((group) => new KpiLeverGroup(group, isHidden));
  }
}

@ObjectType({ simpleResolvers: true, description: 'The settings that are in force now.' })
export class KpiSettingsPayload {
  @Field(() => KpiSettings, { description: 'As they are now.' })
  readonly settings: KpiSettings;

  constructor(settings: KpiSettings) {
    this.settings = settings;
  }
}
