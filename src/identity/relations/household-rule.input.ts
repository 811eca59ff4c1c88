import { Field, InputType, Int } from 'type-graphql';
import { SaidInput } from './household.input.ts';
import { type HouseholdRule, shippedHouseholdRule } from './household-rule.ts';

@InputType({ description: 'The rule by which households are made.' })
export class SetHouseholdRuleInput extends SaidInput implements HouseholdRule {
  @Field(() => Boolean, { description: 'Whether it is to be in force. Off: every membership by rule goes.' })
  readonly enabled!: boolean;

  @Field(() => [String], {
    defaultValue: [...shippedHouseholdRule.traits],
    description:
      'Customers in whom all these golden traits are equal share a household: 1 to 8 names. Capitals, accents, ' +
      'punctuation and spaces do not matter. Who lacks one of them is in no household.',
  })
  readonly traits!: string[];

  @Field(() => Int, {
    defaultValue: shippedHouseholdRule.minimumSize,
    description: 'Fewer customers are no household: at least 2.',
  })
  readonly minimumSize!: number;

  @Field(() => Int, {
    defaultValue: shippedHouseholdRule.maximumSize,
    description:
      'More customers are no household but, say, a block of flats: at most 100. They are listed in `tooLarge`.',
  })
  readonly maximumSize!: number;
}
