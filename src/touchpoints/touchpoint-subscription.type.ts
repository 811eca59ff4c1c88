import { Field, ObjectType } from 'type-graphql';
import type { Sight } from '../identity/masking.ts';
import type { Change } from '../kernel/change-feed-page.ts';
import { Cursor, DateTime } from '../kernel/scalars.ts';
import { Touchpoint } from './touchpoint.type.ts';
import type { RecordedTouchpoint } from './touchpoint-subscription.service.ts';

@ObjectType({ simpleResolvers: true, description: 'A touchpoint was recorded.' })
export class TouchpointEvent {
  /** For the loaders of further fields. */
  readonly change: Change;

  @Field(() => Cursor, { description: 'Subscribe `after` it to go on behind this event. Keep the latest.' })
  readonly cursor: string;

  @Field(() => DateTime, { description: 'When it was recorded. When it happened is `touchpoint.occurredAt`.' })
  readonly at: Date;

  @Field(() => Touchpoint, { description: 'What was recorded.' })
  readonly touchpoint: Touchpoint;

  constructor({ change, touchpoint }: RecordedTouchpoint, sight: Sight) {
    this.change = change;
    this.cursor = change.cursor;
    this.at = change.at;
    this.touchpoint = new Touchpoint(touchpoint, sight);
  }
}
