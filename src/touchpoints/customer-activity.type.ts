import { Field, Int, ObjectType } from 'type-graphql';
import { CalendarDate } from '../kernel/scalars.ts';
import type { ActivityDay as Facts } from './customer-activity.ts';

@ObjectType({ simpleResolvers: true, description: 'What a customer did on one calendar day.' })
export class ActivityDay implements Facts {
  @Field(() => CalendarDate, { description: 'The day, in the time zone that was asked for.' })
  readonly day!: string;

  @Field(() => Int, { description: 'Touchpoints of any type and direction.' })
  readonly touchpoints!: number;

  @Field(() => Int, { description: 'Of these, orders.' })
  readonly orders!: number;
}
