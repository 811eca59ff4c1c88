import { Field, ID, InputType } from 'type-graphql';
import { LoyaltyMemberInput, programField, reasonField } from '../redeeming/redeeming.input.ts';

@InputType({ description: 'Who brought whom.' })
export class RegisterReferralInput {
  @Field(() => ID, programField)
  readonly programId?: string | null;

  @Field(() => LoyaltyMemberInput, { description: 'Who was brought. They need not be a member yet.' })
  readonly friend!: LoyaltyMemberInput;

  @Field(() => LoyaltyMemberInput, { description: 'The member who brought them.' })
  readonly referrer!: LoyaltyMemberInput;

  @Field(() => String, reasonField)
  readonly reason?: string | null;
}
