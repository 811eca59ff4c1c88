import { Field, ID, InputType } from 'type-graphql';
import type { DecisionBase } from '../decision-input.ts';
import { IdentifierInput } from '../identifier.input.ts';

/** What every decision is told beside what it is about. */
@InputType()
export abstract class DecisionInput implements DecisionBase {
  @Field(() => String, {
    description: 'Why, in up to 2,000 characters, for those who come later. Kept for ever: write no personal data.',
  })
  readonly reason!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Up to 200 characters. The same key with the same input decides once and answers the same; with another input, ' +
      '`IDEMPOTENCY_CONFLICT`.',
  })
  readonly idempotencyKey?: string | null;
}

@InputType({ description: 'The customers who are one person.' })
export class MergeCustomersInput extends DecisionInput {
  @Field(() => [ID], { description: 'Two to 50 ids (`cus_…`), of any that the customers ever had.' })
  readonly customerIds!: string[];
}

@InputType({
  description: 'What to take apart: a merge of the customer, or chosen records of theirs. Exactly one of them.',
})
export class UnmergeCustomerInput extends DecisionInput {
  @Field(() => ID, { description: 'Any id (`cus_…`) that the customer ever had.' })
  readonly customerId!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'The merge to undo (`mrg_…`), from `Customer.regroupings` or `explainIdentity`.',
  })
  readonly mergeId?: string | null;

  @Field(() => [ID], {
    nullable: true,
    description: 'The records (`rec_…`) to take out of the customer: up to 1,000, and not all of them.',
  })
  readonly recordIds?: string[] | null;
}

@InputType({ description: 'The records that are one person.' })
export class LinkRecordsInput extends DecisionInput {
  @Field(() => [ID], { description: "Two to 1,000 records (`rec_…`), at least one of which is somebody's." })
  readonly recordIds!: string[];
}

@InputType({ description: 'The records whose links are to be taken back.' })
export class UnlinkRecordsInput extends DecisionInput {
  @Field(() => [ID], { description: 'Two to 1,000 records (`rec_…`).' })
  readonly recordIds!: string[];
}

@InputType({ description: 'The two records that are never one person.' })
export class VetoMatchInput extends DecisionInput {
  @Field(() => ID, { description: 'The one (`rec_…`).' })
  readonly recordId!: string;

  @Field(() => ID, { description: 'The other (`rec_…`).' })
  readonly otherRecordId!: string;
}

@InputType({ description: 'The identifier that a customer has wrongly.' })
export class RemoveIdentifierInput extends DecisionInput {
  @Field(() => ID, { description: 'Any id (`cus_…`) that the customer ever had.' })
  readonly customerId!: string;

  @Field(() => IdentifierInput, { description: 'The identifier, in any usual spelling.' })
  readonly identifier!: IdentifierInput;
}

@InputType({ description: 'The decision to take back.' })
export class RevokeDecisionInput extends DecisionInput {
  @Field(() => ID, { description: 'Which (`dec_…`).' })
  readonly decisionId!: string;
}
