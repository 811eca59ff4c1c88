import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../kernel/scalars.ts';
import type { RateLimit } from './quota.ts';

const kinds = { REQUESTS_PER_MINUTE: 'minute', REQUESTS_PER_DAY: 'day', COST_PER_MINUTE: 'cost' } as const;

registerEnumType(kinds, {
  name: 'RateLimitKind',
  description:
    'What is counted. Over HTTP the headers `ratelimit-policy` and `ratelimit` tell the same with each answer.',
  valuesConfig: {
    REQUESTS_PER_MINUTE: { description: 'Requests over HTTP and operations over other ways, by the minute.' },
    REQUESTS_PER_DAY: { description: 'The same by the day (UTC).' },
    COST_PER_MINUTE: { description: 'Points that operations cost, by the minute.' },
  },
});

@ObjectType('RateLimit', {
  simpleResolvers: true,
  description: 'One limit of an API key, and what is left of it at this moment.',
})
export class RateLimitType {
  @Field(() => kinds, { description: 'What is counted.' })
  readonly kind: RateLimit['name'];

  @Field(() => Int, { description: 'How much there is in each period.' })
  readonly limit: number;

  @Field(() => Int, {
    description: 'How much is left. Several servers share it to within a second, so it is not exact to the last one.',
  })
  readonly remaining: number;

  @Field(() => DateTime, { description: 'When all of it is there again.' })
  readonly resetsAt: Date;

  constructor({ name, limit, remaining, resetsAt }: RateLimit) {
    this.kind = name;
    this.limit = limit;
    this.remaining = remaining;
    this.resetsAt = resetsAt;
  }
}
