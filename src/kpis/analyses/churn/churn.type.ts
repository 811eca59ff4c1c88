import { Field, Float, Int, ObjectType } from 'type-graphql';
import { DateTime } from '../../../kernel/scalars.ts';
import { AnalysisGrainEnum, ChurnDefinitionEnum } from '../analysis.enum.ts';
import type { AnalysisGrain } from '../period.ts';
import type { ChurnAnswer } from './churn.service.ts';
import { type ChurnCount, type ChurnDefinition, describeChurn } from './churn.ts';

const nothing =
  'Null: the bucket is not over, no model was in force (P_ALIVE), or too few customers for a key without `pii:read`.';

@ObjectType({ simpleResolvers: true, description: 'How many customers were lost between two instants.' })
export class ChurnBucket {
  @Field(() => DateTime, { description: 'When it begins.' })
  readonly from: Date;

  @Field(() => DateTime, { description: 'When it ends.' })
  readonly to: Date;

  @Field(() => Int, { nullable: true, description: `Who was a customer when it began. ${nothing}` })
  readonly activeAtStart: number | null;

  @Field(() => Int, { nullable: true, description: `Of them, those who were none any more when it ended. ${nothing}` })
  readonly lost: number | null;

  @Field(() => Float, {
    nullable: true,
    description: '`lost` ÷ `activeAtStart`, from 0 to 1. Null: as these, or there was nobody.',
  })
  readonly rate: number | null;

  @Field(() => Boolean, { description: 'Whether it is over.' })
  readonly complete: boolean;

  @Field(() => Boolean, {
    description: 'Whether the numbers are withheld: too few customers for a key without `pii:read`.',
  })
  readonly suppressed: boolean;

  @Field(() => Int, { description: 'Version of the settings in force at its end; 0: the defaults.' })
  readonly settingsVersion: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Of P_ALIVE: version of the model by which its end was judged. Null: none.',
  })
  readonly modelVersion: number | null;

  constructor({ from, to, active, lost, rate, complete, suppressed, settingsVersion, modelVersion }: ChurnCount) {
    this.from = from;
    this.to = to;
    this.activeAtStart = active;
    this.lost = lost;
    this.rate = rate;
    this.complete = complete;
    this.suppressed = suppressed;
    this.settingsVersion = settingsVersion;
    this.modelVersion = modelVersion;
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'Customers lost ÷ customers at the beginning, bucket by bucket, with the definition by which that is so: without it the number ' +
    'says nothing.',
})
export class ChurnRate {
  @Field(() => ChurnDefinitionEnum, { description: 'When a customer counts as lost.' })
  readonly definition: ChurnDefinition;

  @Field(() => String, { description: 'The same in words, with its numbers.' })
  readonly definitionText: string;

  @Field(() => Float, {
    nullable: true,
    description:
      'Of P_ALIVE: the threshold that was asked for. Null: the lever `lostProbability`, as it was at the time.',
  })
  readonly threshold: number | null;

  @Field(() => AnalysisGrainEnum, { description: 'How long buckets are.' })
  readonly grain: AnalysisGrain;

  @Field(() => String, { description: 'IANA time zone of the buckets. Days of silence are those of the organisation.' })
  readonly timezone: string;

  @Field(() => DateTime, { description: 'When this was counted.' })
  readonly asOf: Date;

  @Field(() => [ChurnBucket], { description: 'The earliest first.' })
  readonly buckets: readonly ChurnBucket[];

  @Field(() => ChurnBucket, {
    description:
      'From the beginning of the first to the end of the last that is over, counted anew: who was lost in between and came back is ' +
      'not lost.',
  })
  readonly total: ChurnBucket;

  constructor({ definition, threshold, latestModel, grain, timezone, asOf, buckets, total }: ChurnAnswer) {
    this.definition = definition;
    this.definitionText = describeChurn({ definition, threshold, latestModel });
    this.threshold = threshold;
    this.grain = grain;
    this.timezone = timezone;
    this.asOf = asOf;
    this.buckets = buckets.map((bucket) => new ChurnBucket(bucket));
    this.total = new ChurnBucket(total);
  }
}
