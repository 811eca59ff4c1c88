import { Field, InputType } from 'type-graphql';

@InputType({ description: 'An identifier of a person or a device.' })
export class IdentifierInput {
  @Field(() => String, {
    description:
      'Which kind: `email`, `phone`, `userId`, `loyaltyCard`, `anonymousId`, `deviceId`, or one of your own.',
  })
  readonly kind!: string;

  @Field(() => String, {
    description: 'In any usual spelling: it is normalised, so that `+41 44 668 18 00` and `044 668 18 00` are one.',
  })
  readonly value!: string;
}
