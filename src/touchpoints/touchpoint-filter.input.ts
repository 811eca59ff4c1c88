import { Field, ID, InputType } from 'type-graphql';
import { PeriodInput } from '../identity/customer.input.ts';
import { fromPublicId } from '../kernel/ids.ts';
import type { Channel, Direction } from './touchpoint.ts';
import { ChannelEnum, DirectionEnum } from './touchpoint.type.ts';
import type { TouchpointFilter } from './touchpoint-filter.ts';

@InputType('TouchpointFilter', {
  description: 'Which touchpoints. Everything given must hold; of a list one is enough. At most 100 values a list.',
})
export class TouchpointFilterInput {
  @Field(() => [String], { nullable: true, description: 'Types, such as `order.completed`.' })
  readonly types?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Sources, such as `web`.' })
  readonly sources?: string[] | null;

  @Field(() => [ChannelEnum], { nullable: true, description: 'Channels.' })
  readonly channels?: Channel[] | null;

  @Field(() => [DirectionEnum], { nullable: true, description: 'Directions.' })
  readonly directions?: Direction[] | null;

  @Field(() => [String], { nullable: true, description: 'Campaigns, as the sources named them.' })
  readonly campaigns?: string[] | null;

  @Field(() => ID, { nullable: true, description: 'Of this customer (`cus_…`).' })
  readonly customerId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Of this source record (`rec_…`).' })
  readonly recordId?: string | null;

  @Field(() => PeriodInput, { nullable: true, description: 'When it happened.' })
  readonly occurred?: PeriodInput | null;
}

/** The filter with UUIDs; refuses ids that are none. `field` is where it was given. */
export function toTouchpointFilter(input: TouchpointFilterInput, field = 'filter'): TouchpointFilter {
  const { customerId, recordId } = input;
  return {
    ...input,
    customerId: customerId == null ? null : fromPublicId('cus', customerId, `${field}.customerId`),
    recordId: recordId == null ? null : fromPublicId('rec', recordId, `${field}.recordId`),
  };
}
