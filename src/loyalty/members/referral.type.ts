import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import type { Referral } from './referral.queries.ts';
import type { ReferralRefusal, ReferralStatus } from './referral.ts';

export const LoyaltyReferralStatus = {
  OPEN: 'OPEN',
  QUALIFIED: 'QUALIFIED',
  REWARDED: 'REWARDED',
  REFUSED: 'REFUSED',
} as const satisfies { [Status in ReferralStatus]: Status };

registerEnumType(LoyaltyReferralStatus, {
  name: 'LoyaltyReferralStatus',
  description: 'How far a referral has come.',
  valuesConfig: {
    OPEN: { description: 'The friend has not bought anything yet.' },
    QUALIFIED: { description: 'The friend has bought something; it is waited whether it is returned.' },
    REWARDED: { description: 'Both have got their bonus, as far as they are members and there is one for them.' },
    REFUSED: { description: 'Nobody gets anything; see `why`.' },
  },
});

export const LoyaltyReferralRefusal = {
  SELF: 'SELF',
  LOOP: 'LOOP',
  REFERRED_BEFORE: 'REFERRED_BEFORE',
  RETURNED: 'RETURNED',
  NO_BONUS: 'NO_BONUS',
} as const satisfies { [Refusal in ReferralRefusal]: Refusal };

registerEnumType(LoyaltyReferralRefusal, {
  name: 'LoyaltyReferralRefusal',
  description: 'Why a referral earns nothing.',
  valuesConfig: {
    SELF: { description: 'Both are one customer.' },
    LOOP: { description: 'The referrer came by the friend themselves, directly or over others.' },
    REFERRED_BEFORE: { description: 'The friend was referred before.' },
    RETURNED: { description: 'What the friend bought was returned.' },
    NO_BONUS: { description: 'The programme had no rule for referrals by then.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'Who brought whom.' })
export class LoyaltyReferral {
  @Field(() => ID, { description: '`ref_…`' })
  readonly id: string;

  @Field(() => ID, { description: 'The programme, `prg_…`.' })
  readonly programId: string;

  @Field(() => ID, { description: 'The record of the friend, `rec_…`.' })
  readonly friendRecordId: string;

  @Field(() => ID, { description: 'The record of who brought them, `rec_…`.' })
  readonly referrerRecordId: string;

  @Field(() => LoyaltyReferralStatus, { description: 'How far it has come.' })
  readonly status: ReferralStatus;

  @Field(() => LoyaltyReferralRefusal, { nullable: true, description: 'Of a refused one: why.' })
  readonly why: ReferralRefusal | null;

  @Field(() => Date, { description: 'When it was registered.' })
  readonly createdAt: Date;

  @Field(() => Date, {
    nullable: true,
    description: 'When it is looked at next: of a qualified one, when it is rewarded.',
  })
  readonly dueAt: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it was rewarded or refused.' })
  readonly decidedAt: Date | null;

  constructor(referral: Referral) {
    this.id = toPublicId('ref', referral.id);
    this.programId = toPublicId('prg', referral.programId);
    this.friendRecordId = toPublicId('rec', referral.recordId);
    this.referrerRecordId = toPublicId('rec', referral.referrerRecordId);
    this.status = referral.status;
    this.why = referral.why;
    this.createdAt = referral.createdAt;
    this.dueAt = referral.dueAt;
    this.decidedAt = referral.decidedAt;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A referral as it is now.' })
export class LoyaltyReferralPayload {
  @Field(() => LoyaltyReferral, { description: 'The referral.' })
  readonly referral: LoyaltyReferral;

  constructor(referral: Referral) {
    this.referral = new LoyaltyReferral(referral);
  }
}
