import { Field, Float, ObjectType } from 'type-graphql';
import { CalendarDate } from '../kernel/scalars.ts';
import type { DayUsage } from './usage-tally.ts';

@ObjectType({ simpleResolvers: true, description: 'What was done with an API key on one day.' })
export class ApiKeyUsage {
  @Field(() => CalendarDate, { description: 'The day, in UTC.' })
  readonly day: string;

  @Field(() => Float, { description: 'Requests over HTTP and operations over websockets that were let in.' })
  readonly requests: number;

  @Field(() => Float, { description: 'Touchpoints that were stored.' })
  readonly touchpoints: number;

  @Field(() => Float, {
    description: 'Requests and operations that were answered with an error, beyond the quota included.',
  })
  readonly errors: number;

  @Field(() => Float, {
    description: 'What its operations cost, in points: what was asked for, less what was given back.',
  })
  readonly cost: number;

  constructor({ day, requests, touchpoints, errors, cost }: DayUsage) {
    this.day = day;
    this.requests = requests;
    this.touchpoints = touchpoints;
    this.errors = errors;
    this.cost = cost;
  }
}
