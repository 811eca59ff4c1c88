import { Field, ID, InputType } from 'type-graphql';
import { DateTime } from '../../kernel/scalars.ts';
import { LoyaltyMemberInput, programField } from '../redeeming/redeeming.input.ts';

@InputType({ description: 'A tier to take back.' })
export class RevokeTierInput {
  @Field(() => ID, programField)
  readonly programId?: string | null;

  @Field(() => LoyaltyMemberInput, { description: 'Whose.' })
  readonly member!: LoyaltyMemberInput;

  @Field(() => String, { description: 'Why, in 1 to 500 characters.' })
  readonly reason!: string;
}

@InputType({ description: 'A tier to give.' })
export class SetTierInput extends RevokeTierInput {
  @Field(() => String, { description: 'Key of the tier.' })
  readonly tier!: string;

  @Field(() => DateTime, {
    description:
      'The first instant at which it does not hold any more, within five years. Then what was earned counts again.',
  })
  readonly until!: Date;
}
