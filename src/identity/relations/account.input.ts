import { Field, ID, InputType } from 'type-graphql';
import { DateTime } from '../../kernel/scalars.ts';
import type { ExternalKey } from './account.queries.ts';
import { SaidInput } from './household.input.ts';

@InputType({ description: 'What another system calls an account.' })
export class AccountKeyInput implements ExternalKey {
  @Field(() => String, { description: 'The system, such as `crm` or `erp`. Up to 200 characters.' })
  readonly source!: string;

  @Field(() => String, { description: 'Its key of the account. Up to 200 characters.' })
  readonly key!: string;
}

@InputType({ description: 'An account to create or to change. What is left out stays as it is.' })
export class UpsertAccountInput extends SaidInput {
  @Field(() => ID, {
    nullable: true,
    description:
      'The account (`acc_…`) to change. Left out: the one with the external key or, if there is none, a new one.',
  })
  readonly accountId?: string | null;

  @Field(() => AccountKeyInput, {
    nullable: true,
    description: 'By which to find the account. With `accountId`: a further key that it is to have.',
  })
  readonly externalKey?: AccountKeyInput | null;

  @Field(() => String, { nullable: true, description: 'Up to 200 characters. A new account needs one.' })
  readonly name?: string | null;

  @Field(() => [String], { nullable: true, description: 'All its internet domains: up to 50, replacing those before.' })
  readonly domains?: string[] | null;
}

@InputType({ description: 'Under which account another one stands.' })
export class SetAccountParentInput extends SaidInput {
  @Field(() => ID, { description: 'The account (`acc_…`) to move, with all that is below it.' })
  readonly accountId!: string;

  @Field(() => ID, { nullable: true, description: 'The account above it; null: none, it is at the top.' })
  readonly parentId?: string | null;
}

@InputType({ description: 'Who acts for an account, how, and from when to when.' })
export class AddAccountMemberInput extends SaidInput {
  @Field(() => ID, { description: 'The account, `acc_…`.' })
  readonly accountId!: string;

  @Field(() => ID, { description: 'Any id (`cus_…`) that the customer ever had.' })
  readonly customerId!: string;

  @Field(() => String, {
    description: 'Such as `BUYER`, `DECISION_MAKER`, `CONTACT`, `USER`: capitals, digits and `_`, up to 40.',
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

@InputType({ description: 'Who no longer acts for an account.' })
export class EndAccountMembershipInput extends SaidInput {
  @Field(() => ID, { description: 'The account, `acc_…`.' })
  readonly accountId!: string;

  @Field(() => ID, { description: 'Any id (`cus_…`) that the customer ever had.' })
  readonly customerId!: string;

  @Field(() => String, { nullable: true, description: 'In this role; in all, if left out.' })
  readonly role?: string | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'The first instant at which it no longer holds; now, if left out.',
  })
  readonly at?: Date | null;
}
