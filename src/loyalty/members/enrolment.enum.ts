import { registerEnumType } from 'type-graphql';
import type { EnrolmentWay, Membership } from './enrolment.queries.ts';
import type { ImportedMembership } from './enrolment.service.ts';

export const LoyaltyEnrolmentWay = {
  EXPLICIT: 'EXPLICIT',
  AUTOMATIC: 'AUTOMATIC',
  IMPORT: 'IMPORT',
} as const satisfies { [Way in EnrolmentWay]: Way };

registerEnumType(LoyaltyEnrolmentWay, {
  name: 'LoyaltyEnrolmentWay',
  description: 'How somebody became a member.',
  valuesConfig: {
    EXPLICIT: { description: 'They, or somebody for them, said so.' },
    AUTOMATIC: { description: 'They earned something in a programme that takes everybody.' },
    IMPORT: { description: 'They were on a list, such as that of another system.' },
  },
});

export const LoyaltyMembershipStatus = {
  ACTIVE: 'ACTIVE',
  LEFT: 'LEFT',
} as const satisfies { [Status in Membership['status']]: Status };

registerEnumType(LoyaltyMembershipStatus, {
  name: 'LoyaltyMembershipStatus',
  description: 'Whether a membership counts.',
  valuesConfig: {
    ACTIVE: { description: 'It counts.' },
    LEFT: { description: 'It was ended. What was earned stays, and counts again for who comes back.' },
  },
});

export const LoyaltyImportOutcome = {
  ENROLLED: 'ENROLLED',
  ALREADY_MEMBER: 'ALREADY_MEMBER',
  UNKNOWN: 'UNKNOWN',
} as const satisfies { [Outcome in ImportedMembership['outcome']]: Outcome };

registerEnumType(LoyaltyImportOutcome, {
  name: 'LoyaltyImportOutcome',
  description: 'What became of one membership of an import.',
  valuesConfig: {
    ENROLLED: { description: 'They are a member now.' },
    ALREADY_MEMBER: { description: 'They were one already, by this or by another record, or are in the list twice.' },
    UNKNOWN: { description: 'Nobody has this id, or carries this identifier: ingest something of them first.' },
  },
});
