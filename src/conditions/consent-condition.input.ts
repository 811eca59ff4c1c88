import { Field, InputType } from 'type-graphql';
import type { Channel } from '../touchpoints/touchpoint.ts';
import { ChannelEnum } from '../touchpoints/touchpoint.type.ts';
import { ConsentStatusEnum } from './consent-condition.enum.ts';
import type { ConsentStatus } from './consent-names.ts';

@InputType({
  description:
    'What the customer allows: `{ purpose: "newsletter", channel: EMAIL, status: [GRANTED] }`. Of whom nothing is known, ' +
    'nothing holds. It holds and ends to the second, also where a consent expires.',
})
export class ConsentConditionInput {
  @Field(() => String, { description: 'Name of the purpose, such as `newsletter`.' })
  readonly purpose!: string;

  @Field(() => ChannelEnum, {
    nullable: true,
    description:
      'Over this channel: what was said of it, or else of every channel. Left out: only what was said of every channel counts.',
  })
  readonly channel?: Channel | null;

  @Field(() => [ConsentStatusEnum], { description: 'It has one of these.' })
  readonly status!: ConsentStatus[];
}
