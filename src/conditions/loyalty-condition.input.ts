import { Field, ID, InputType } from 'type-graphql';
import { DurationInput, NumberTestInput } from './condition-parts.input.ts';

@InputType({
  description:
    'Points of a wallet that can be spent at the moment: `{ wallet: "points", comparison: AT_LEAST, value: "500" }`. What is ' +
    'owed counts as less than nothing.',
})
export class LoyaltyPointsInput extends NumberTestInput {
  @Field(() => String, { description: 'Key of the wallet, such as `points`.' })
  readonly wallet!: string;

  @Field(() => DurationInput, {
    nullable: true,
    description:
      'Only points that will expire, in so long or less; those that are still to become available are among them.',
  })
  readonly expiringWithin?: DurationInput | null;
}

@InputType({
  description:
    'What the customer is and has in a loyalty programme. Give exactly one test beside the programme: ' +
    '`{ program: "prg_01h2xcejqtf2nbrexx3vqjhp41", tiers: ["gold", "platinum"] }`.',
})
export class LoyaltyConditionInput {
  @Field(() => ID, {
    nullable: true,
    description:
      'Id of the programme, such as `prg_01h2xcejqtf2nbrexx3vqjhp41`. May be left out for `member` and `memberFor`: any.',
  })
  readonly program?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: '`true`: is a member. In a programme that takes everybody, whoever has earned something is.',
  })
  readonly member?: boolean | null;

  @Field(() => DurationInput, { nullable: true, description: 'Is a member, and has been for so long or longer.' })
  readonly memberFor?: DurationInput | null;

  @Field(() => [String], { nullable: true, description: 'Has one of these tiers, by key: at most 100.' })
  readonly tiers?: string[] | null;

  @Field(() => LoyaltyPointsInput, { nullable: true, description: 'Has so many points.' })
  readonly points?: LoyaltyPointsInput | null;
}
