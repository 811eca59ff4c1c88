import { Field, ID, InputType } from 'type-graphql';
import { IdentifierInput } from '../identity/identifier.input.ts';

@InputType({ description: 'Customers of a list: 1 to 1,000 in a call, by id, by identifier or both.' })
export class SegmentListInput {
  @Field(() => ID, { description: 'The list: a segment of the kind LIST, `seg_…`.' })
  readonly segmentId!: string;

  @Field(() => [ID], { nullable: true, description: 'Any ids (`cus_…`) that customers ever had.' })
  readonly customerIds?: string[] | null;

  @Field(() => [IdentifierInput], {
    nullable: true,
    description: 'What customers are known by. Of several who share one, the one who was seen with it first is meant.',
  })
  readonly identifiers?: IdentifierInput[] | null;

  @Field(() => String, { nullable: true, description: 'Why, in up to 500 characters, for the audit log.' })
  readonly reason?: string | null;
}
