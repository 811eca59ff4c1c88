import { Extensions, Field, InputType, Int } from 'type-graphql';
import { CurrencyCode, Decimal } from '../../kernel/scalars.ts';
import type { Enrolment, Lever, Wallet } from '../program.ts';
import { LoyaltyDebtEnum, LoyaltyEnrolmentEnum } from './program.enum.ts';
import { LoyaltyRuleInput, LoyaltySettingInput } from './program-rule.input.ts';

const keyField = { description: '1 to 64 letters, digits, - and _. Unique, whatever its case.' } as const;
const nameField = { description: 'For people, in up to 200 characters.' } as const;

@InputType({ description: 'What one point costs the programme when it is redeemed: what liability is counted with.' })
export class LoyaltyPointValueInput {
  @Field(() => Decimal, { description: 'From 0, in units of the currency: `"0.01"`.' })
  readonly amount!: string;

  @Field(() => CurrencyCode, { description: 'ISO 4217.' })
  readonly currency!: string;
}

@InputType({ description: 'A unit of points, such as stars. Whole numbers only.' })
export class LoyaltyWalletInput {
  @Field(() => String, keyField)
  readonly key!: string;

  @Field(() => String, nameField)
  readonly name!: string;

  @Field(() => LoyaltyDebtEnum, { defaultValue: 'OWED', description: 'When a return takes back what has been spent.' })
  readonly debt!: Wallet['debt'];

  @Field(() => LoyaltyPointValueInput, { nullable: true, description: 'Left out: nobody has said.' })
  readonly pointValue?: LoyaltyPointValueInput | null;
}

@InputType({ description: 'A number that its owner may turn without a new version, within its bounds.' })
export class LoyaltyLeverInput implements Lever {
  @Field(() => String, keyField)
  readonly key!: string;

  @Field(() => String, nameField)
  readonly name!: string;

  @Field(() => Decimal, { description: 'What it is until it is turned for the first time.' })
  readonly initial!: string;

  @Field(() => Decimal, { description: 'The least that it can be.' })
  readonly minimum!: string;

  @Field(() => Decimal, { description: 'The most that it can be.' })
  readonly maximum!: string;

  @Field(() => String, { description: 'Who may be asked about it: a role or a team.' })
  readonly owner!: string;
}

@InputType({ description: 'Qualifying points of a wallet.' })
export class LoyaltyPointsBasisInput {
  @Field(() => String, { description: 'Key of the wallet.' })
  readonly wallet!: string;
}

@InputType({ description: 'Net spend in a currency.' })
export class LoyaltySpendBasisInput {
  @Field(() => CurrencyCode, { description: 'ISO 4217.' })
  readonly currency!: string;
}

@Extensions({ oneOf: true })
@InputType({ description: 'What counts for the tier, net of returns; never the balance. Exactly one of these.' })
export class LoyaltyTierBasisInput {
  @Field(() => LoyaltyPointsBasisInput, { nullable: true, description: 'Points that were earned.' })
  readonly points?: LoyaltyPointsBasisInput | null;

  @Field(() => LoyaltySpendBasisInput, { nullable: true, description: 'Money that was spent.' })
  readonly spend?: LoyaltySpendBasisInput | null;

  @Field(() => Boolean, { nullable: true, description: '`true`: the number of orders.' })
  readonly orders?: boolean | null;
}

@InputType({ description: 'A number of months.' })
export class LoyaltyMonthsInput {
  @Field(() => Int, { description: 'Rolling: 1 to 120. Of the calendar: 1, 3, 6 or 12.' })
  readonly months!: number;
}

@Extensions({ oneOf: true })
@InputType({ description: 'In which time it counts: exactly one of these.' })
export class LoyaltyTierWindowInput {
  @Field(() => LoyaltyMonthsInput, { nullable: true, description: 'The last so many months, day by day.' })
  readonly rolling?: LoyaltyMonthsInput | null;

  @Field(() => LoyaltyMonthsInput, {
    nullable: true,
    description: 'Such a period of the calendar: the month, quarter, half-year or year.',
  })
  readonly calendar?: LoyaltyMonthsInput | null;
}

@InputType({ description: 'A tier, such as gold.' })
export class LoyaltyTierInput {
  @Field(() => String, keyField)
  readonly key!: string;

  @Field(() => String, nameField)
  readonly name!: string;

  @Field(() => LoyaltySettingInput, {
    description:
      'From how much on. The lowest tier has `{ value: "0" }`, each further one more than the one before can be.',
  })
  readonly threshold!: LoyaltySettingInput;

  @Field(() => [String], { defaultValue: [], description: 'What comes with it, in words.' })
  readonly benefits!: string[];
}

@InputType({ description: 'Tiers, and how they are reached and kept. Reaching a threshold counts at once.' })
export class LoyaltyTierSchemeInput {
  @Field(() => LoyaltyTierBasisInput, { description: 'What counts.' })
  readonly basis!: LoyaltyTierBasisInput;

  @Field(() => LoyaltyTierWindowInput, { description: 'In which time.' })
  readonly window!: LoyaltyTierWindowInput;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Of a window of the calendar: a tier is kept until the end of the next period.',
  })
  readonly keepsThroughNextPeriod!: boolean;

  @Field(() => Int, { defaultValue: 0, description: 'After that, days until a tier is lost: 0 to 366.' })
  readonly graceDays!: number;

  @Field(() => [LoyaltyTierInput], { description: '1 to 20 tiers, the lowest first.' })
  readonly tiers!: LoyaltyTierInput[];
}

@InputType({ description: 'Everything that a version of a programme says.' })
export class LoyaltyProgramDefinitionInput {
  @Field(() => String, { nullable: true, description: 'How it works, for people: up to 10000 characters.' })
  readonly mechanics?: string | null;

  @Field(() => String, { nullable: true, description: 'What it is to achieve, for people: up to 10000 characters.' })
  readonly goals?: string | null;

  @Field(() => LoyaltyEnrolmentEnum, { defaultValue: 'AUTOMATIC', description: 'Who is a member.' })
  readonly enrolment!: Enrolment;

  @Field(() => Decimal, {
    nullable: true,
    description:
      'Of a hundred customers, how many are held out, so that the effect of the programme can be measured (`loyaltyLift`): above ' +
      '0 and up to 50, at most two decimal places. Drawn by a hash of customer and programme. Left out: nobody is.',
  })
  readonly holdoutPercent?: string | null;

  @Field(() => [LoyaltyWalletInput], {
    description: '1 to 10 units of points. Those of published versions have to stay.',
  })
  readonly wallets!: LoyaltyWalletInput[];

  @Field(() => [LoyaltyRuleInput], { defaultValue: [], description: 'Up to 100 rules by which points are earned.' })
  readonly rules!: LoyaltyRuleInput[];

  @Field(() => LoyaltyTierSchemeInput, { nullable: true, description: 'Left out: there are no tiers.' })
  readonly tierScheme?: LoyaltyTierSchemeInput | null;

  @Field(() => [LoyaltyLeverInput], { defaultValue: [], description: 'Up to 100 numbers that can be turned.' })
  readonly levers!: LoyaltyLeverInput[];
}
