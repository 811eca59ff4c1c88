import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { Change } from '../kernel/change-feed-page.ts';
import { toPublicId } from '../kernel/ids.ts';
import { Cursor, DateTime } from '../kernel/scalars.ts';
import { SegmentCauseEnum } from './segment.enum.ts';
import type { SegmentCause } from './segment-cause.ts';

@ObjectType({ simpleResolvers: true, description: 'A customer entered a segment, or left it.' })
export class SegmentMembershipEvent {
  /** For the resolvers of further fields. */
  readonly change: Change;

  @Field(() => Cursor, { description: 'Subscribe `after` it to go on behind this event. Keep the latest.' })
  readonly cursor: string;

  @Field(() => DateTime, { description: 'When, by the clock of this platform.' })
  readonly at: Date;

  @Field(() => ID, { description: 'Who (`cus_…`), by the id of that time.' })
  readonly customerId: string;

  @Field(() => Boolean, { description: 'True: entered. False: left.' })
  readonly entered: boolean;

  @Field(() => SegmentCauseEnum, { description: 'Why.' })
  readonly cause: SegmentCause;

  @Field(() => Int, { description: 'The version of the definition that counted.' })
  readonly version: number;

  constructor(change: Change) {
    this.change = change;
    this.cursor = change.cursor;
    this.at = change.at;
    this.customerId = toPublicId('cus', change.customerId!);
    this.entered = change.topic === 'segment.entered';
    this.cause = change.detail!.cause as SegmentCause;
    this.version = change.detail!.version as number;
  }
}
