import { Field, ID, InputType, Int } from 'type-graphql';
import type { Json } from '../../kernel/json.ts';
import { JsonValue } from '../../kernel/scalars.ts';
import { PreferenceKindEnum } from './preference.enum.ts';
import type { PreferenceKind } from './preference-definition.ts';

@InputType({ description: 'What a customer prefers.' })
export class SetPreferenceInput {
  @Field(() => ID, { description: 'Any id that the customer ever had (`cus_…`).' })
  readonly customerId!: string;

  @Field(() => String, { description: 'Name of the preference, such as `shoeSize`.' })
  readonly name!: string;

  @Field(() => JsonValue, {
    nullable: true,
    description: 'Any JSON of up to 2,000 characters. Null or left out: what was said before counts no more.',
  })
  readonly value?: Json;

  @Field(() => Boolean, {
    nullable: true,
    description: 'False: you have concluded it. True when left out: the customer said so.',
  })
  readonly declared?: boolean | null;

  @Field(() => String, { nullable: true, description: 'Where it was said; `api` when left out.' })
  readonly source?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'A repeat with the same key changes nothing; with another input it is an `IDEMPOTENCY_CONFLICT`.',
  })
  readonly idempotencyKey?: string | null;
}

@InputType({ description: 'What customers are asked. All of it: what is left out is as by default.' })
export class DefinePreferenceInput {
  @Field(() => String, { description: 'Name of the preference, such as `language`.' })
  readonly name!: string;

  @Field(() => String, { description: 'As customers read it: up to 1,000 characters.' })
  readonly label!: string;

  @Field(() => String, { nullable: true, description: 'What it is good for, as customers read it.' })
  readonly description?: string | null;

  @Field(() => PreferenceKindEnum, { description: 'How they answer.' })
  readonly kind!: PreferenceKind;

  @Field(() => [String], { nullable: true, description: 'For ONE_OF and SOME_OF, which need it: up to 100.' })
  readonly options?: string[] | null;
}

@InputType({ description: 'Whom a link is for.' })
export class CreatePreferenceLinkInput {
  @Field(() => ID, { description: 'Any id that the customer ever had (`cus_…`).' })
  readonly customerId!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'For how many days it opens something: 1 to 730; 90 when left out.',
  })
  readonly validDays?: number | null;
}

@InputType({ description: 'Which links: exactly one of these.' })
export class RevokePreferenceLinksInput {
  @Field(() => String, { nullable: true, description: 'The token of one link.' })
  readonly token?: string | null;

  @Field(() => ID, { nullable: true, description: 'All links of this customer (`cus_…`).' })
  readonly customerId?: string | null;
}
