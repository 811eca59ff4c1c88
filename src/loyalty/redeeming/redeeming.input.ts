import { Extensions, Field, ID, InputType, Int } from 'type-graphql';
import { IdentifierInput } from '../../identity/identifier.input.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { DateTime } from '../../kernel/scalars.ts';
import { Points } from '../points.type.ts';
import type { GivenMember } from './parties.service.ts';

export const programField = {
  nullable: true,
  description: "The programme, `prg_…`. Left out: the membership's, or the only one there is.",
} as const;

export const keyField = {
  nullable: true,
  description:
    'Up to 200 characters. The same key with the same input answers what was decided first; with another input, ' +
    '`IDEMPOTENCY_CONFLICT`. Always give one from a till.',
} as const;

export const reasonField = { nullable: true, description: 'Why, in up to 500 characters, for the audit log.' } as const;

export const occurredField = {
  nullable: true,
  description:
    'When it took place, of a till that was offline: at most 30 days ago, never in the future. It is not part of what the ' +
    'idempotency key stands for.',
} as const;

@InputType({ description: 'A member: exactly one of these.' })
@Extensions({ oneOf: true })
export class LoyaltyMemberInput {
  @Field(() => ID, { nullable: true, description: 'The membership, `mem_…`: what is on the card.' })
  readonly membershipId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Any id (`cus_…`) that the customer ever had.' })
  readonly customerId?: string | null;

  @Field(() => IdentifierInput, {
    nullable: true,
    description: 'What they are known by. Of several who share one, the one who was seen with it first is meant.',
  })
  readonly identifier?: IdentifierInput | null;
}

@InputType({ description: 'What the requests of a till have in common.' })
export class TillInput {
  @Field(() => ID, programField)
  readonly programId?: string | null;

  @Field(() => LoyaltyMemberInput, { description: 'Whose points.' })
  readonly member!: LoyaltyMemberInput;

  @Field(() => String, reasonField)
  readonly reason?: string | null;

  @Field(() => String, keyField)
  readonly idempotencyKey?: string | null;
}

@InputType({ description: 'Points to take.' })
export class RedeemPointsInput extends TillInput {
  @Field(() => String, { nullable: true, description: 'Key of the wallet; the only one there is, if left out.' })
  readonly wallet?: string | null;

  @Field(() => Points, { description: 'How many: 1 or more.' })
  readonly points!: bigint;

  @Field(() => DateTime, occurredField)
  readonly occurredAt?: Date | null;
}

@InputType({ description: 'Points to hold.' })
export class ReservePointsInput extends RedeemPointsInput {
  @Field(() => Int, { nullable: true, description: 'For how long: 1 to 10080; 15 when left out.' })
  readonly minutes?: number | null;
}

@InputType({ description: 'A reservation of points.' })
export class ReservationInput {
  @Field(() => ID, { description: 'The decision of the kind RESERVATION, `ldc_…`.' })
  readonly decisionId!: string;
}

@InputType({ description: 'What is to be undone.' })
export class ReverseLoyaltyDecisionInput {
  @Field(() => ID, { description: 'The decision, `ldc_…`.' })
  readonly decisionId!: string;

  @Field(() => String, { description: 'Why, in 1 to 500 characters.' })
  readonly reason!: string;
}

@InputType({ description: 'Points to give or to take away by hand.' })
export class GivePointsInput {
  @Field(() => ID, programField)
  readonly programId?: string | null;

  @Field(() => LoyaltyMemberInput, { description: 'Whose points.' })
  readonly member!: LoyaltyMemberInput;

  @Field(() => String, { nullable: true, description: 'Key of the wallet; the only one there is, if left out.' })
  readonly wallet?: string | null;

  @Field(() => Points, {
    description:
      'How many. Of `adjustPoints`: negative to take away. Above 10000 either way the scope `loyalty:manage` is needed.',
  })
  readonly points!: bigint;

  @Field(() => DateTime, { nullable: true, description: 'When what is given expires; never, if left out.' })
  readonly expiresAt?: Date | null;

  @Field(() => String, { description: 'Why, in 1 to 500 characters.' })
  readonly reason!: string;

  @Field(() => String, keyField)
  readonly idempotencyKey?: string | null;
}

@InputType({ description: 'Points that a member gives to another.' })
export class TransferPointsInput {
  @Field(() => ID, programField)
  readonly programId?: string | null;

  @Field(() => LoyaltyMemberInput, { description: 'Who gives.' })
  readonly from!: LoyaltyMemberInput;

  @Field(() => LoyaltyMemberInput, { description: 'Who gets: another member of the programme.' })
  readonly to!: LoyaltyMemberInput;

  @Field(() => String, { nullable: true, description: 'Key of the wallet; the only one there is, if left out.' })
  readonly wallet?: string | null;

  @Field(() => Points, { description: 'How many: 1 or more.' })
  readonly points!: bigint;

  @Field(() => String, reasonField)
  readonly reason?: string | null;

  @Field(() => String, keyField)
  readonly idempotencyKey?: string | null;
}

/** With UUIDs. `field`: where it stands. */
export function givenMember(given: LoyaltyMemberInput, field = 'input.member'): GivenMember {
  const { membershipId, customerId, identifier } = given;
  return {
    membershipId: membershipId == null ? null : fromPublicId('mem', membershipId, `${field}.membershipId`),
    customerId: customerId == null ? null : fromPublicId('cus', customerId, `${field}.customerId`),
    identifier: identifier == null ? null : { kind: identifier.kind, value: identifier.value },
  };
}

export function givenProgram(id: string | null | undefined, field = 'input.programId'): string | null {
  return id == null ? null : fromPublicId('prg', id, field);
}
