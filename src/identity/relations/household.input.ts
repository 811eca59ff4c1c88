import { Field, ID, InputType } from 'type-graphql';
import { DateTime } from '../../kernel/scalars.ts';
import type { Said } from './relation-statement.service.ts';

/** What every mutation of households and accounts is told beside the change itself. */
@InputType()
export abstract class SaidInput implements Said {
  @Field(() => String, { description: 'Why, in up to 500 characters. Kept with the time and the name of the API key.' })
  readonly reason!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Up to 200 characters. The same key with the same input has an effect once; with another input, ' +
      '`IDEMPOTENCY_CONFLICT`.',
  })
  readonly idempotencyKey?: string | null;
}

@InputType({ description: 'The household to make.' })
export class CreateHouseholdInput extends SaidInput {
  @Field(() => String, { nullable: true, description: 'Up to 200 characters.' })
  readonly name?: string | null;
}

@InputType({ description: 'How a household is to be called.' })
export class UpdateHouseholdInput extends SaidInput {
  @Field(() => ID, { description: 'The household, `hh_…`.' })
  readonly householdId!: string;

  @Field(() => String, { nullable: true, description: 'Up to 200 characters; null takes the name away.' })
  readonly name!: string | null;
}

@InputType({ description: 'Who is in a household, and from when to when.' })
export class AddHouseholdMemberInput extends SaidInput {
  @Field(() => ID, { description: 'The household, `hh_…`.' })
  readonly householdId!: string;

  @Field(() => ID, { description: 'Any id (`cus_…`) that the customer ever had.' })
  readonly customerId!: string;

  @Field(() => String, {
    defaultValue: 'MEMBER',
    description: 'Such as `HEAD`, `PARTNER`, `CHILD`, `MEMBER`: capitals, digits and `_`, up to 40.',
  })
  readonly role!: string;

  @Field(() => DateTime, { nullable: true, description: 'The first instant at which it holds; now, if left out.' })
  readonly validFrom?: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'The first instant at which it no longer holds; open, if left out.',
  })
  readonly validTo?: Date | null;
}

@InputType({ description: 'Who is no longer in a household.' })
export class RemoveHouseholdMemberInput extends SaidInput {
  @Field(() => ID, { description: 'The household, `hh_…`.' })
  readonly householdId!: string;

  @Field(() => ID, { description: 'Any id (`cus_…`) that the customer ever had.' })
  readonly customerId!: string;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'The first instant at which they are no member any more; now, if left out. A membership by rule ends at once.',
  })
  readonly at?: Date | null;
}
