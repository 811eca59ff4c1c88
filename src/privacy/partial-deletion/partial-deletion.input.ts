import { Field, ID, InputType } from 'type-graphql';
import { DateTime } from '../../kernel/scalars.ts';

@InputType({ description: 'When touchpoints happened: from the first instant on, up to the second without it.' })
export class DeletionPeriodInput {
  @Field(() => DateTime, { nullable: true, description: 'The first instant; left out: from the beginning.' })
  readonly from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'The end, not included; left out: up to now, and later.' })
  readonly to?: Date | null;
}

@InputType({
  description: 'Which touchpoints of a customer to delete, and why. All that is given must hold; give at least one.',
})
export class DeleteTouchpointsInput {
  @Field(() => ID, { description: 'Any id of the customer (`cus_…`): ids of those they were merged with work too.' })
  readonly customerId!: string;

  @Field(() => [String], {
    nullable: true,
    description:
      'Types, such as `page.viewed`; `order.*` means all that begin with `order.`, and `*` all types. Statements about consents ' +
      'and preferences (`consent.*`, `preference.*`) are never meant.',
  })
  readonly types?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Sources, such as `web`.' })
  readonly sources?: string[] | null;

  @Field(() => DeletionPeriodInput, { nullable: true, description: 'When they happened.' })
  readonly period?: DeletionPeriodInput | null;

  @Field(() => String, { description: '1 to 2,000 characters. Kept in the audit log: it must not say who.' })
  readonly reason!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Makes a repeat harmless: the same key and input give the same result. Up to 200 characters.',
  })
  readonly idempotencyKey?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'True: does everything, answers the receipt and takes it all back. Ingestion waits meanwhile.',
  })
  readonly dryRun?: boolean | null;
}
