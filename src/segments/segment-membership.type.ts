import { Field, ID, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../kernel/ids.ts';
import { connectionType } from '../kernel/paging.type.ts';
import { DateTime } from '../kernel/scalars.ts';
import { SegmentCauseEnum } from './segment.enum.ts';
import { causePublicId, type SegmentCause } from './segment-cause.ts';
import type { LogView, MembershipView } from './segment-members.queries.ts';

@ObjectType({ simpleResolvers: true, description: 'That a customer is in a segment, or was at an instant.' })
export class SegmentMembership {
  /** For the resolvers of further fields. */
  readonly row: MembershipView;

  @Field(() => ID, { description: 'The member (`cus_…`); with `at`, by the id of that time.' })
  readonly customerId: string;

  @Field(() => DateTime, {
    description: 'Since when they have been in it without a break, by the clock of this platform.',
  })
  readonly since: Date;

  @Field(() => Int, { description: 'The version of the definition that says so; with `at`, that let them in.' })
  readonly version: number;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'The next instant at which time alone may end it: they are looked at again then, to the second. Null where only an ' +
      'event can end it, and with `at`.',
  })
  readonly dueAt: Date | null;

  constructor(row: MembershipView) {
    this.row = row;
    this.customerId = toPublicId('cus', row.customerId);
    this.since = row.since;
    this.version = row.version;
    this.dueAt = row.dueAt;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of the members of a segment.' })
export class SegmentMembershipConnection extends connectionType(SegmentMembership, 'SegmentMembership') {}

@ObjectType({ simpleResolvers: true, description: 'That a customer entered a segment, or left it.' })
export class SegmentLogEntry {
  /** For the resolvers of further fields. */
  readonly row: LogView;

  @Field(() => DateTime, { description: 'When, by the clock of this platform.' })
  readonly at: Date;

  @Field(() => ID, { description: 'Who (`cus_…`), by the id of that time.' })
  readonly customerId: string;

  @Field(() => Boolean, { description: 'True: entered. False: left.' })
  readonly entered: boolean;

  @Field(() => SegmentCauseEnum, { description: 'Why.' })
  readonly cause: SegmentCause;

  @Field(() => ID, {
    nullable: true,
    description: 'Of EVENT the touchpoint (`tp_…`), of MERGE the other customer (`cus_…`); else null.',
  })
  readonly causeId: string | null;

  @Field(() => Int, { description: 'The version of the definition that counted.' })
  readonly version: number;

  constructor(row: LogView) {
    this.row = row;
    this.at = row.at;
    this.customerId = toPublicId('cus', row.customerId);
    this.entered = row.entered;
    this.cause = row.cause;
    this.causeId = causePublicId(row);
    this.version = row.version;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of entries and departures.' })
export class SegmentLogEntryConnection extends connectionType(SegmentLogEntry, 'SegmentLogEntry') {}
