import { registerEnumType } from 'type-graphql';
import { buckets, entryKinds } from '../ledger/bucket.ts';
import { tierCauses } from '../members/member-occasion.ts';

function enumOf<T extends string>(values: readonly T[]): { [Key in T]: Key } {
  return Object.fromEntries(values.map((value) => [value, value])) as { [Key in T]: Key };
}

export const LoyaltyBucketEnum = enumOf(buckets);
registerEnumType(LoyaltyBucketEnum, {
  name: 'LoyaltyBucket',
  description: 'The accounts of the ledger between which points move.',
  valuesConfig: {
    ISSUED: { description: 'Where all points come from: what the programme has granted, as minus.' },
    PENDING: { description: 'Granted, to be spent later.' },
    AVAILABLE: { description: 'To spend.' },
    RESERVED: { description: 'Held for a redemption.' },
    REDEEMED: { description: 'Spent.' },
    EXPIRED: { description: 'Not spent in time.' },
    REVERSED: { description: 'Taken back: what earned them was returned, or belongs to somebody else.' },
    ADJUSTED: { description: 'Taken or borne by a correction.' },
    TRANSFERRED: { description: 'Given to another member.' },
  },
});

export const LoyaltyEntryKindEnum = enumOf(entryKinds);
registerEnumType(LoyaltyEntryKindEnum, {
  name: 'LoyaltyEntryKind',
  description: 'Why something was entered into the ledger.',
  valuesConfig: {
    EARNED: { description: 'A touchpoint earned points.' },
    RETURNED: { description: 'Something came back.' },
    RECOUNTED: { description: 'Touchpoints count otherwise: a late one arrived, or records changed hands.' },
    REDEEMED: { description: 'Points were spent.' },
    RESERVED: { description: 'Points were held.' },
    RELEASED: { description: 'What was held was let go.' },
    REVERSED: { description: 'A redemption was taken back.' },
    TRANSFERRED: { description: 'Points went to another member.' },
    ADJUSTED: { description: 'Somebody corrected the balance.' },
    BONUS: { description: 'A bonus: enrolment, birthday, referral.' },
    AVAILABLE: { description: 'Points can be spent from now on.' },
    EXPIRED: { description: 'Points expired.' },
  },
});

export const LoyaltyTierCauseEnum = enumOf(tierCauses);
registerEnumType(LoyaltyTierCauseEnum, {
  name: 'LoyaltyTierCause',
  description: 'Why a member got another tier.',
  valuesConfig: {
    EVENT: { description: 'Something that they did, or that arrived late.' },
    CLOCK: { description: 'Time.' },
    MERGE: { description: 'Another customer was merged into them.' },
    UNMERGE: { description: 'Records were taken from them or given to them.' },
    MEMBERSHIP: { description: 'They were enrolled, or left.' },
    OVERRIDE: { description: 'Somebody gave them a tier, or took that back.' },
    PROGRAM: { description: 'The programme changed.' },
  },
});
