import { Field, ID, InputType } from 'type-graphql';
import { keyField, LoyaltyMemberInput, programField, reasonField } from '../redeeming/redeeming.input.ts';

@InputType({ description: 'A pool to create.' })
export class CreateLoyaltyPoolInput {
  @Field(() => ID, programField)
  readonly programId?: string | null;

  @Field(() => LoyaltyMemberInput, { description: 'The first member of it.' })
  readonly member!: LoyaltyMemberInput;

  @Field(() => String, { nullable: true, description: 'What it is called, in up to 200 characters.' })
  readonly name?: string | null;

  @Field(() => String, reasonField)
  readonly reason?: string | null;

  @Field(() => String, keyField)
  readonly idempotencyKey?: string | null;
}

@InputType({ description: 'Who joins or leaves a pool.' })
export class ChangeLoyaltyPoolInput {
  @Field(() => ID, { description: 'The pool, `pool_…`.' })
  readonly poolId!: string;

  @Field(() => LoyaltyMemberInput, { description: 'Who.' })
  readonly member!: LoyaltyMemberInput;

  @Field(() => String, reasonField)
  readonly reason?: string | null;
}
