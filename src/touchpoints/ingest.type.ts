import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { IngestResult, IngestStatus, IngestWarning } from './touchpoint.ts';

export const IngestStatusEnum = {
  STORED: 'STORED',
  DUPLICATE: 'DUPLICATE',
  CONFLICT: 'CONFLICT',
  REJECTED: 'REJECTED',
  QUARANTINED: 'QUARANTINED',
  VALID: 'VALID',
  ACCEPTED: 'ACCEPTED',
} as const satisfies { [S in IngestStatus]: S };

registerEnumType(IngestStatusEnum, {
  name: 'IngestStatus',
  description: 'What became of one event.',
  valuesConfig: {
    STORED: { description: 'Recorded. Everything that follows from it is committed and visible.' },
    DUPLICATE: { description: 'The same message was stored before; nothing to do.' },
    CONFLICT: { description: 'This message id was stored before with another body. Nothing was changed.' },
    REJECTED: { description: 'Not valid, and not kept: see `code` and `message`, mend it and send it again.' },
    QUARANTINED: {
      description:
        'Valid, but it could not be processed. Kept; `replayQuarantined` tries again. No need to send it again.',
    },
    VALID: { description: 'It would be recorded, but your key is for tests: nothing is kept.' },
    ACCEPTED: {
      description:
        'Taken in. What became of it, and whether it was there before, is not told to your key: it only sends, or does not ' +
        'see all customers. No need to send it again.',
    },
  },
});

@ObjectType({
  simpleResolvers: true,
  description: 'Something in a stored event that could not be used, or joined nobody.',
})
export class IngestWarningType implements IngestWarning {
  @Field(() => String, {
    description:
      '`IDENTIFIER_INVALID`, `IDENTIFIER_BLOCKED`: left out. `IDENTIFIER_REMOVED`: left out, because a decision took it ' +
      'away from the record. `IDENTIFIER_OVERUSED`: kept, but joins nobody, because too many records carry it. ' +
      '`LINK_REFUSED`: it would have joined two customers, and a limit or a decision stands against that. ' +
      '`PROPERTY_UNUSABLE`: a property of a reserved type that can not be read; the event is stored, and what it should say is not known.',
  })
  readonly code!: string;

  @Field(() => String, { description: 'What was expected, or why, for people.' })
  readonly message!: string;
}

@ObjectType('IngestResult', { simpleResolvers: true, description: 'What became of one event of an ingest call.' })
export class IngestResultType implements IngestResult {
  @Field(() => String, { description: 'Of the event, as sent.' })
  messageId!: string;

  @Field(() => IngestStatusEnum, { description: 'What became of it.' })
  status!: IngestStatus;

  @Field(() => String, {
    nullable: true,
    description:
      'Why, for everything but STORED, DUPLICATE, VALID and ACCEPTED. Stable: `MESSAGE_ID_CONFLICT`, or for REJECTED one of `MESSAGE_ID_INVALID`, ' +
      '`SOURCE_INVALID`, `TYPE_INVALID`, `KEY_INVALID`, `CAMPAIGN_INVALID`, `OCCURRED_AT_INVALID`, `OCCURRED_AT_IN_FUTURE`, ' +
      '`OCCURRED_AT_TOO_OLD`, `SENT_AT_INVALID`, `IDENTIFIER_KIND_INVALID`, `IDENTIFIER_VALUE_INVALID`, `TOO_MANY_IDENTIFIERS`, ' +
      '`TRAIT_NAME_INVALID`, `TOO_MANY_TRAITS`, `VALUE_REQUIRED`, `VALUE_INVALID`, `VALUE_NEGATIVE`, `CURRENCY_UNKNOWN`, ' +
      '`LINE_INVALID`, `TOO_MANY_LINES`, `EVENT_TOO_LARGE`, `TEXT_INVALID`, `OUTSIDE_BOUNDARY`, `SUPPRESSED`.',
  })
  code!: string | null;

  @Field(() => String, { nullable: true, description: 'What was expected and what came, for people.' })
  message!: string | null;

  @Field(() => ID, { nullable: true, description: 'The stored touchpoint (`tp_…`).' })
  touchpointId!: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Its customer as of this call (`cus_…`); null for an unidentified receipt.',
  })
  customerId!: string | null;

  @Field(() => [IngestWarningType], {
    description: 'What could not be used, or joined nobody, of an event that was stored.',
  })
  warnings!: readonly IngestWarning[];
}

@ObjectType({ simpleResolvers: true, description: 'What became of the events of one call: all of it committed.' })
export class IngestPayload {
  @Field(() => [IngestResultType], { description: 'One for each event, in the order of the call.' })
  readonly results: readonly IngestResult[];

  @Field(() => Int, { description: 'How many were STORED.' })
  readonly stored: number;

  @Field(() => Int, { description: 'How many were DUPLICATE.' })
  readonly duplicates: number;

  @Field(() => Int, { description: 'How many were CONFLICT.' })
  readonly conflicts: number;

  @Field(() => Int, { description: 'How many were REJECTED.' })
  readonly rejected: number;

  @Field(() => Int, { description: 'How many were QUARANTINED.' })
  readonly quarantined: number;

  @Field(() => Int, { description: 'How many were VALID: with a key for tests only.' })
  readonly valid: number;

  @Field(() => Int, { description: 'How many were ACCEPTED: with a key that is not told more.' })
  readonly accepted: number;

  constructor(results: readonly IngestResult[]) {
    const count = (status: IngestStatus) => results.filter((result) => result.status === status).length;
    this.results = results;
    this.stored = count('STORED');
    this.duplicates = count('DUPLICATE');
    this.conflicts = count('CONFLICT');
    this.rejected = count('REJECTED');
    this.quarantined = count('QUARANTINED');
    this.valid = count('VALID');
    this.accepted = count('ACCEPTED');
  }
}
