import { Field, ID, InputType, Int } from 'type-graphql';
import { RetentionAct } from './retention.enum.ts';
import type { RetentionAct as Act } from './retention-policy.ts';

@InputType({ description: 'A retention policy to look at.' })
export class RetentionTermsInput {
  @Field(() => String, {
    description:
      'The types of touchpoints that it is about: `page.viewed`, `order.*` for all that begin with `order.`, or `*` for all. Of ' +
      'several that mean a type the longest counts.',
  })
  readonly types!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'For how many days they are kept after they happened, 1 to 36,500; null: for ever.',
  })
  readonly keepDays?: number | null;

  @Field(() => RetentionAct, { nullable: true, description: 'What becomes of them then; `DELETE` where left out.' })
  readonly what?: Act | null;
}

@InputType({ description: 'The retention policy to set for some types.' })
export class SetRetentionPolicyInput extends RetentionTermsInput {
  @Field(() => String, { description: 'Why, for those who come later: 1 to 500 characters.' })
  readonly reason!: string;
}

@InputType({ description: 'The retention policy to take back.' })
export class RemoveRetentionPolicyInput {
  @Field(() => ID, { description: 'Its id (`ret_…`).' })
  readonly id!: string;

  @Field(() => String, { description: 'Why, for those who come later: 1 to 500 characters.' })
  readonly reason!: string;
}
