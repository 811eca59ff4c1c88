import { Field, ID, InputType } from 'type-graphql';
import type { JsonObject } from '../../kernel/json.ts';
import { DateTime, JsonObjectValue } from '../../kernel/scalars.ts';
import type { Channel } from '../../touchpoints/touchpoint.ts';
import { ChannelEnum } from '../../touchpoints/touchpoint.type.ts';
import { LegalBasisEnum, StatedStatusEnum } from './consent.enum.ts';
import type { LegalBasis, StatedStatus } from './consent.ts';

@InputType({ description: "What is to be said about a customer's consent." })
export class SetConsentInput {
  @Field(() => ID, { description: 'Any id that the customer ever had (`cus_…`).' })
  readonly customerId!: string;

  @Field(() => String, {
    description:
      'Name of the purpose, such as `newsletter`. One that nobody has defined waits for a review, and works.',
  })
  readonly purpose!: string;

  @Field(() => ChannelEnum, { nullable: true, description: 'Over this channel. Left out: over every channel.' })
  readonly channel?: Channel | null;

  @Field(() => StatedStatusEnum, {
    description: 'PENDING: asked for; `confirmConsent` with the `confirmationToken` of the statement makes it GRANTED.',
  })
  readonly status!: StatedStatus;

  @Field(() => LegalBasisEnum, { nullable: true, description: 'CONSENT when left out.' })
  readonly legalBasis?: LegalBasis | null;

  @Field(() => String, { nullable: true, description: 'Where it was said, such as `store 12`; `api` when left out.' })
  readonly source?: string | null;

  @Field(() => JsonObjectValue, {
    nullable: true,
    description: 'What proves it: version of the wording, form, address. Up to 16,000 characters.',
  })
  readonly evidence?: JsonObject | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When it was said, if that was earlier. Left out: now, and it counts before all that was said so far.',
  })
  readonly statedAt?: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'Of GRANTED: until when it counts. Of PENDING: until when it can be confirmed. Left out: for ever.',
  })
  readonly expiresAt?: Date | null;

  @Field(() => String, { nullable: true, description: 'Why, for the history and the audit log: up to 500 characters.' })
  readonly reason?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'A repeat with the same key changes nothing; with another input it is an `IDEMPOTENCY_CONFLICT`.',
  })
  readonly idempotencyKey?: string | null;
}

@InputType({ description: 'What confirms a consent that was asked for.' })
export class ConfirmConsentInput {
  @Field(() => String, { description: '`confirmationToken` of the statement.' })
  readonly token!: string;

  @Field(() => DateTime, { nullable: true, description: 'Until when the consent counts. Left out: for ever.' })
  readonly expiresAt?: Date | null;

  @Field(() => JsonObjectValue, {
    nullable: true,
    description: 'What proves the confirmation, such as address and time of the click. Up to 16,000 characters.',
  })
  readonly evidence?: JsonObject | null;
}

@InputType({ description: 'What a purpose is. All of it: what is left out is as by default.' })
export class DefineConsentPurposeInput {
  @Field(() => String, { description: 'What statements call it, such as `newsletter`.' })
  readonly name!: string;

  @Field(() => String, { description: 'As customers read it: up to 1,000 characters.' })
  readonly label!: string;

  @Field(() => String, { nullable: true, description: 'What is done with it, as customers read it.' })
  readonly description?: string | null;

  @Field(() => [ChannelEnum], {
    nullable: true,
    description: 'Over which channels it can be given on its own. Left out: one consent for all of them.',
  })
  readonly channels?: Channel[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Customers are asked for it in the preference centre: by default, yes.',
  })
  readonly offered?: boolean | null;
}
