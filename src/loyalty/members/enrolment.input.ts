import { Field, ID, InputType } from 'type-graphql';
import { DateTime } from '../../kernel/scalars.ts';
import { LoyaltyMemberInput, programField, reasonField } from '../redeeming/redeeming.input.ts';
import { LoyaltyEnrolmentWay } from './enrolment.enum.ts';
import type { EnrolmentWay } from './enrolment.queries.ts';

@InputType({ description: 'Who is to become a member.' })
export class EnrollMemberInput {
  @Field(() => ID, programField)
  readonly programId?: string | null;

  @Field(() => LoyaltyMemberInput, {
    description: 'Who. The record by which they are named carries the membership: name them by their card.',
  })
  readonly member!: LoyaltyMemberInput;

  @Field(() => LoyaltyEnrolmentWay, { defaultValue: 'EXPLICIT', description: 'How they became one.' })
  readonly how!: EnrolmentWay;

  @Field(() => DateTime, {
    nullable: true,
    description: 'Since when: what they buy counts from then on. Now, if left out; never in the future.',
  })
  readonly enrolledAt?: Date | null;

  @Field(() => String, reasonField)
  readonly reason?: string | null;
}

@InputType({ description: 'Who is to be a member no more.' })
export class LeaveProgramInput {
  @Field(() => ID, programField)
  readonly programId?: string | null;

  @Field(() => LoyaltyMemberInput, { description: 'Who.' })
  readonly member!: LoyaltyMemberInput;

  @Field(() => String, reasonField)
  readonly reason?: string | null;
}

@InputType({ description: 'One membership of another system.' })
export class ImportedMembershipInput {
  @Field(() => LoyaltyMemberInput, { description: 'Whose.' })
  readonly member!: LoyaltyMemberInput;

  @Field(() => DateTime, { nullable: true, description: 'Since when; now, if left out.' })
  readonly enrolledAt?: Date | null;
}

@InputType({ description: 'Memberships of another system.' })
export class ImportMembershipsInput {
  @Field(() => ID, programField)
  readonly programId?: string | null;

  @Field(() => [ImportedMembershipInput], { description: '1 to 1000.' })
  readonly memberships!: ImportedMembershipInput[];

  @Field(() => String, reasonField)
  readonly reason?: string | null;
}
