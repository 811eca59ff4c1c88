import { Field, ID, InputType, Int } from 'type-graphql';
import { DecisionInput } from '../stewardship/decision.input.ts';
import { MatchFieldKind } from './match.enum.ts';
import type { FieldKind } from './match-model.ts';

/** What makes a request harmless to repeat. */
@InputType()
abstract class RepeatableInput {
  @Field(() => String, {
    nullable: true,
    description:
      'Up to 200 characters. The same key with the same input asks once and answers the same; with another input, ' +
      '`IDEMPOTENCY_CONFLICT`.',
  })
  readonly idempotencyKey?: string | null;
}

@InputType({ description: 'A field to compare people by, and where its value is found.' })
export class MatchFieldInput {
  @Field(() => String, { description: 'What to call it, such as `familyName`.' })
  readonly name!: string;

  @Field(() => MatchFieldKind, { description: 'What it means: how values are compared.' })
  readonly kind!: FieldKind;

  @Field(() => [String], {
    defaultValue: [],
    description: 'Traits that hold it, the preferred first. `address.city` is a member of a trait that is an object.',
  })
  readonly traits!: string[];

  @Field(() => String, { nullable: true, description: 'A kind of identifier that is preferred to traits: `email`.' })
  readonly identifier?: string | null;
}

@InputType({ description: 'What to train.' })
export class TrainMatchModelInput extends RepeatableInput {
  @Field(() => [MatchFieldInput], {
    nullable: true,
    description:
      'The fields to compare. Left out: names, date of birth, e-mail, telephone, address and company, under the names ' +
      'that traits usually have (see the documentation). Fields that no record has are left out of the model.',
  })
  readonly fields?: MatchFieldInput[] | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Use the model at once: links are made without anybody having looked at it.',
  })
  readonly activate!: boolean;
}

@InputType({ description: 'A run over all records.' })
export class RunMatchingInput extends RepeatableInput {}

@InputType({ description: 'Which model to use.' })
export class ActivateMatchModelInput extends RepeatableInput {
  @Field(() => Int, { description: 'Its version.' })
  readonly version!: number;
}

@InputType({ description: 'What a steward decides about a candidate.' })
export class MatchDecisionInput extends DecisionInput {
  @Field(() => ID, { description: 'The candidate, `mc_…`.' })
  readonly candidateId!: string;
}
