import { Field, Float, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { Node } from '../../kernel/node.type.ts';
import { connectionType } from '../../kernel/paging.type.ts';
import { DateTime } from '../../kernel/scalars.ts';
import type { Sight } from '../masking.ts';
import { IdentityDecisionPayload } from '../stewardship/decision.type.ts';
import { MatchCandidateStatus } from './match.enum.ts';
import type { Breakdown } from './match-breakdown.loader.ts';
import type { CandidateDecided } from './match-candidate.service.ts';
import type { CandidateStatus } from './match-candidate.ts';
import type { CandidateRow } from './match-candidates.queries.ts';
import { probabilityOf } from './score-pair.ts';

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description: 'Two records that may be one person, and what has become of that.',
})
export class MatchCandidate implements Node {
  readonly id: string;
  /** For the resolvers of further fields. */
  readonly row: CandidateRow;

  @Field(() => MatchCandidateStatus, { description: 'What has become of it.' })
  readonly status: CandidateStatus;

  @Field(() => Float, {
    description: 'log2 of the odds that both are one person: 0 is one to one, 10 a thousand to one.',
  })
  readonly weight: number;

  @Field(() => Float, { description: 'The same as a probability from 0 to 1.' })
  readonly probability: number;

  @Field(() => Int, { description: 'The version of the model that says so.' })
  readonly modelVersion: number;

  @Field(() => DateTime, { description: 'When the pair was first found.' })
  readonly foundAt: Date;

  @Field(() => DateTime, { description: 'When its weight was last computed.' })
  readonly scoredAt: Date;

  @Field(() => DateTime, { nullable: true, description: 'When somebody accepted or rejected it.' })
  readonly decidedAt: Date | null;

  constructor(row: CandidateRow) {
    this.id = toPublicId('mc', row.id);
    this.row = row;
    this.status = row.status;
    this.weight = row.weight;
    this.probability = probabilityOf(row.weight);
    this.modelVersion = row.modelVersion;
    this.foundAt = row.foundAt;
    this.scoredAt = row.scoredAt;
    this.decidedAt = row.decidedAt;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of candidates, the likeliest first.' })
export class MatchCandidateConnection extends connectionType(MatchCandidate, 'MatchCandidate') {
  /** For the resolver of the count. */
  readonly status!: CandidateStatus;
}

@ObjectType({ simpleResolvers: true, description: 'The values of a field on both records.' })
export class MatchFieldValues {
  @Field(() => String, { description: 'The name of the field.' })
  readonly field: string;

  @Field(() => String, { nullable: true, description: 'On the first record. Masked without `pii:read`.' })
  readonly first: string | null;

  @Field(() => String, { nullable: true, description: 'On the second record. Masked without `pii:read`.' })
  readonly second: string | null;

  constructor(field: string, [first, second]: readonly [string | null, string | null], sight: Sight) {
    this.field = field;
    this.first = first && sight.identifier(first);
    this.second = second && sight.identifier(second);
  }
}

@ObjectType({ simpleResolvers: true, description: 'What one comparison adds to the weight.' })
export class MatchBreakdownStep {
  @Field(() => String, { description: 'The comparison.' })
  readonly comparison!: string;

  @Field(() => [MatchFieldValues], { description: 'What was compared.' })
  readonly values!: MatchFieldValues[];

  @Field(() => String, { description: 'How far they agree; `unknown` where a value is missing.' })
  readonly agreement!: string;

  @Field(() => Float, { description: 'Probability that records of one person agree so.' })
  readonly m!: number;

  @Field(() => Float, { description: 'Probability that records of two people agree so.' })
  readonly u!: number;

  @Field(() => Float, { description: 'Bits that it adds: log2(m/u) and the adjustment for the frequency.' })
  readonly weight!: number;

  @Field(() => Float, { description: 'Bits of it for how rare (+) or common (−) the value is.' })
  readonly frequencyAdjustment!: number;
}

@ObjectType({
  simpleResolvers: true,
  description: '`prior` plus the weights of the steps plus `household` is `weight`: by what is stored now.',
})
export class MatchBreakdown {
  @Field(() => Float, { description: 'Bits before anything is compared: how rarely two records are one person.' })
  readonly prior: number;

  @Field(() => [MatchBreakdownStep], { description: 'What each comparison adds.' })
  readonly steps: readonly MatchBreakdownStep[];

  @Field(() => Float, { description: 'Bits (≤ 0) lost because members of one household would agree in this as well.' })
  readonly household: number;

  @Field(() => Float, { description: 'The sum.' })
  readonly weight: number;

  @Field(() => Float, { description: 'The same as a probability from 0 to 1.' })
  readonly probability: number;

  constructor({ waterfall, values }: Breakdown, sight: Sight) {
    const { prior, household, weight, probability, steps } = waterfall;
    this.prior = prior;
    this.household = household;
    this.weight = weight;
    this.probability = probability;
    this.steps = steps.map(({ comparison, fields, label, m, u, weight, frequencyAdjustment }) => ({
      comparison,
      values: fields.map((field) => new MatchFieldValues(field, values.get(field) ?? [null, null], sight)),
      agreement: label,
      m,
      u,
      weight,
      frequencyAdjustment,
    }));
  }
}

@ObjectType({ simpleResolvers: true, description: 'What was decided about a candidate, and what has become of it.' })
export class MatchDecisionPayload extends IdentityDecisionPayload {
  @Field(() => MatchCandidate, { description: 'The candidate, as it is now.' })
  readonly candidate: MatchCandidate;

  constructor(decided: CandidateDecided) {
    super(decided);
    this.candidate = new MatchCandidate(decided.candidate);
  }
}
