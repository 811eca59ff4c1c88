import { Field, ID, InputType } from 'type-graphql';

@InputType({ description: 'Whose data to hand over, and why.' })
export class CreateAccessExportInput {
  @Field(() => ID, { description: 'Any id of the customer (`cus_…`): ids of those they were merged with work too.' })
  readonly customerId!: string;

  @Field(() => String, { description: '1 to 2,000 characters. Kept in the audit log: it must not say who.' })
  readonly reason!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Makes a repeat harmless: the same key and input give the same export. Up to 200 characters.',
  })
  readonly idempotencyKey?: string | null;
}
