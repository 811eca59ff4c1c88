import { Field, Float, Int, ObjectType } from 'type-graphql';
import { DateTime } from '../../../kernel/scalars.ts';
import type { CaseResolution as Resolution } from './case-resolution.ts';
import type { SurvivalStep } from './kaplan-meier.ts';
import type { Nps } from './nps.ts';
import type { VoiceAnswer, VoiceBucket } from './voice.service.ts';

const few = 'too few customers for a key without `pii:read`';
const noScore = `Null: there is no answer, or ${few}.`;

@ObjectType({
  simpleResolvers: true,
  description: 'How likely customers are to recommend us. Of each customer the latest answer in the period counts.',
})
export class NpsResult {
  @Field(() => Int, { nullable: true, description: `Answers. Null: ${few}.` })
  readonly responses: number | null;

  @Field(() => Int, { nullable: true, description: `Answers 9 and 10. Null: ${few}.` })
  readonly promoters: number | null;

  @Field(() => Int, { nullable: true, description: `Answers 7 and 8. Null: ${few}.` })
  readonly passives: number | null;

  @Field(() => Int, { nullable: true, description: `Answers 0 to 6. Null: ${few}.` })
  readonly detractors: number | null;

  @Field(() => Float, { nullable: true, description: `% of promoters less % of detractors, −100 to 100. ${noScore}` })
  readonly score: number | null;

  @Field(() => Float, {
    nullable: true,
    description: `Standard error in points: 100·√((p+d−(p−d)²)/n). ${noScore}`,
  })
  readonly standardError: number | null;

  @Field(() => Float, { nullable: true, description: `The lower end of the 95 % confidence interval. ${noScore}` })
  readonly lowest: number | null;

  @Field(() => Float, { nullable: true, description: `Its upper end. ${noScore}` })
  readonly highest: number | null;

  @Field(() => Boolean, { description: 'Fewer than 30 answers: chance may say more than customers do.' })
  readonly few: boolean;

  @Field(() => Boolean, { description: `Whether the numbers are withheld: ${few}.` })
  readonly suppressed: boolean;

  constructor({ responses, counts, score, standardError, lowest, highest, few: isFew, suppressed }: Nps) {
    this.responses = suppressed ? null : responses;
    this.promoters = counts?.promoters ?? null;
    this.passives = counts?.passives ?? null;
    this.detractors = counts?.detractors ?? null;
    this.score = score;
    this.standardError = standardError;
    this.lowest = lowest;
    this.highest = highest;
    this.few = isFew;
    this.suppressed = suppressed;
  }
}

@ObjectType({ simpleResolvers: true, description: 'NPS of a part of the period.' })
export class NpsBucket extends NpsResult {
  @Field(() => DateTime, { description: 'When it begins.' })
  readonly from: Date;

  @Field(() => DateTime, { description: 'When it ends.' })
  readonly to: Date;

  constructor(bucket: Nps & VoiceBucket) {
    super(bucket);
    this.from = bucket.from;
    this.to = bucket.to;
  }
}

@ObjectType({ simpleResolvers: true, description: 'The net promoter score of a period.' })
export class NpsReport {
  @Field(() => DateTime, { description: 'From when on.' })
  readonly from: Date;

  @Field(() => DateTime, { description: 'Until when; this instant no longer belongs to it.' })
  readonly to: Date;

  @Field(() => DateTime, { description: 'When this was counted.' })
  readonly asOf: Date;

  @Field(() => NpsResult, { description: 'Of the whole period: counted anew, as who answered twice counts once.' })
  readonly total: NpsResult;

  @Field(() => [NpsBucket], { description: 'By bucket, the earliest first. Empty unless a grain was asked for.' })
  readonly buckets: readonly NpsBucket[];

  constructor({ from, to, asOf, total, buckets }: VoiceAnswer<Nps>) {
    this.from = from;
    this.to = to;
    this.asOf = asOf;
    this.total = new NpsResult(total);
    this.buckets = buckets.map((bucket) => new NpsBucket(bucket));
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'A step of the curve of open cases: a time at which some were resolved.',
})
export class ResolutionStep {
  @Field(() => Float, { description: 'Hours since they were opened.' })
  readonly hours: number;

  @Field(() => Int, { description: 'Cases that had taken no less.' })
  readonly atRisk: number;

  @Field(() => Int, { description: 'Of them, those that were resolved then.' })
  readonly resolved: number;

  @Field(() => Float, { description: 'Which part of all cases takes longer, from 1 to 0.' })
  readonly openShare: number;

  constructor({ time, atRisk, ended, survival }: SurvivalStep) {
    this.hours = time;
    this.atRisk = atRisk;
    this.resolved = ended;
    this.openShare = survival;
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'How long it took to resolve the cases that were opened: hours for which we were at work on them. Time in which we waited for ' +
    'the customer does not count; a case that is reopened goes on. Open cases count for as long as they have been watched ' +
    '(Kaplan–Meier), so that slow ones are not left out.',
})
export class CaseResolutionResult {
  @Field(() => Int, { nullable: true, description: `Cases opened. Null: ${few}.` })
  readonly opened: number | null;

  @Field(() => Int, { nullable: true, description: `Of them, those that are resolved by now. Null: ${few}.` })
  readonly resolved: number | null;

  @Field(() => Int, { nullable: true, description: `Of them, those that are open. Null: ${few}.` })
  readonly open: number | null;

  @Field(() => Int, { nullable: true, description: `Of them, those that were reopened some time. Null: ${few}.` })
  readonly reopened: number | null;

  @Field(() => Float, {
    nullable: true,
    description: `Hours after which half of them are resolved. Null: not so many are yet, there is none, or ${few}.`,
  })
  readonly medianHours: number | null;

  @Field(() => Float, { nullable: true, description: 'Hours after which nine of ten are. Null: likewise.' })
  readonly p90Hours: number | null;

  @Field(() => [ResolutionStep], { description: 'The curve behind it, for a chart: 200 steps at most.' })
  readonly curve: readonly ResolutionStep[];

  @Field(() => Boolean, { description: `Whether the numbers are withheld: ${few}.` })
  readonly suppressed: boolean;

  constructor({ opened, resolved, open, reopened, median, p90, curve, suppressed }: Resolution) {
    this.opened = suppressed ? null : opened;
    this.resolved = suppressed ? null : resolved;
    this.open = suppressed ? null : open;
    this.reopened = suppressed ? null : reopened;
    this.medianHours = median;
    this.p90Hours = p90;
    this.curve = curve.map((step) => new ResolutionStep(step));
    this.suppressed = suppressed;
  }
}

@ObjectType({ simpleResolvers: true, description: 'Cases that were opened in a part of the period.' })
export class CaseResolutionBucket extends CaseResolutionResult {
  @Field(() => DateTime, { description: 'When it begins.' })
  readonly from: Date;

  @Field(() => DateTime, { description: 'When it ends.' })
  readonly to: Date;

  constructor(bucket: Resolution & VoiceBucket) {
    super(bucket);
    this.from = bucket.from;
    this.to = bucket.to;
  }
}

@ObjectType({ simpleResolvers: true, description: 'How long the cases of a period took.' })
export class CaseResolutionReport {
  @Field(() => DateTime, { description: 'From when on cases were opened.' })
  readonly from: Date;

  @Field(() => DateTime, { description: 'Until when; this instant no longer belongs to it.' })
  readonly to: Date;

  @Field(() => DateTime, { description: 'Until when they were watched.' })
  readonly asOf: Date;

  @Field(() => CaseResolutionResult, { description: 'All of them.' })
  readonly total: CaseResolutionResult;

  @Field(() => [CaseResolutionBucket], {
    description: 'By when they were opened, the earliest first. Empty unless a grain was asked for.',
  })
  readonly buckets: readonly CaseResolutionBucket[];

  @Field(() => Int, {
    description: 'Cases without a `caseId`: nothing can be said to resolve them, so they stay open.',
  })
  readonly nameless: number;

  constructor({ from, to, asOf, total, buckets, nameless }: VoiceAnswer<Resolution> & { nameless: number }) {
    this.from = from;
    this.to = to;
    this.asOf = asOf;
    this.total = new CaseResolutionResult(total);
    this.buckets = buckets.map((bucket) => new CaseResolutionBucket(bucket));
    this.nameless = nameless;
  }
}
