import { Field, InputType, Int } from 'type-graphql';
import { IdentifierStrengthEnum } from './identity-rules.type.ts';
import { type RuleBook, shippedBook } from './rule-book.ts';
import type { IdentifierStrength, IdentityRule } from './rules.ts';

@InputType({ description: 'How identifiers join records.' })
export class CustomIdentityRuleInput {
  @Field(() => Int, { description: '1 (the strongest) to 1,000. Of one strength, stronger kinds are heard first.' })
  readonly priority!: number;

  @Field(() => IdentifierStrengthEnum, { defaultValue: 'UNIQUE', description: 'What evidence of this kind is worth.' })
  readonly strength!: IdentifierStrength;

  @Field(() => Int, {
    nullable: true,
    description: 'Different values that one customer may hold, 1 to 10,000. Null or left out: any number.',
  })
  readonly valuesPerCustomer?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'That limit counts values first seen within any so many days, 1 to 3,660. Null or left out: ever.',
  })
  readonly valuesWindowDays?: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Records that may carry one value, 1 to 10,000; past this it joins nobody. Null or left out: any number.',
  })
  readonly recordsPerValue?: number | null;

  @Field(() => Boolean, {
    description: 'Names a person, not only a device: makes a customer `identified`.',
  })
  readonly namesPerson!: boolean;
}

@InputType({ description: 'How identifiers of one kind join records.' })
export class IdentityRuleInput extends CustomIdentityRuleInput {
  @Field(() => String, { description: 'Such as `email` or `customerNo`. Each kind once.' })
  readonly kind!: string;
}

@InputType({ description: 'A value, or values of one form, that identify nobody. Give either `exact` or `pattern`.' })
export class BlockedValueInput {
  @Field(() => String, {
    nullable: true,
    description: 'Of this kind only. Null or left out: of every kind, and as a `key`.',
  })
  readonly kind?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The value; with `kind`, in any spelling. Capitals do not matter.',
  })
  readonly exact?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'A regular expression in the syntax of RE2, looked for in the value as it is compared. Capitals do not matter; ' +
      '`^` and `$` stand for the ends.',
  })
  readonly pattern?: string | null;
}

@InputType({ description: 'The identity rules as a whole: what is left out is not kept from the version before.' })
export class IdentityRulesInput {
  @Field(() => [IdentityRuleInput], { description: 'Up to 100. A kind that is left out follows `custom`.' })
  readonly kinds!: IdentityRuleInput[];

  @Field(() => CustomIdentityRuleInput, { nullable: true, description: 'For all other kinds. Left out: as shipped.' })
  readonly custom?: CustomIdentityRuleInput | null;

  @Field(() => [BlockedValueInput], {
    defaultValue: [],
    description: 'Values that identify nobody, beside the shipped ones. Up to 1,000.',
  })
  readonly blocked!: BlockedValueInput[];

  @Field(() => [String], {
    defaultValue: [],
    description: 'Sources that know each person once: matching by similarity never joins two records of one of them.',
  })
  readonly onePerSource!: string[];
}

@InputType()
abstract class RulesChangeInput {
  @Field(() => Int, {
    description: 'The version that you looked at. If another is in force by now, nothing happens: `IDENTITY_CONFLICT`.',
  })
  readonly expectedVersion!: number;

  @Field(() => String, {
    description: 'Why, in up to 2,000 characters. Kept with the time and the name of the API key.',
  })
  readonly reason!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Up to 200 characters. The same key with the same input has an effect once; with another input, ' +
      '`IDEMPOTENCY_CONFLICT`.',
  })
  readonly idempotencyKey?: string | null;
}

@InputType({ description: 'Other identity rules.' })
export class UpdateIdentityRulesInput extends RulesChangeInput {
  @Field(() => IdentityRulesInput, { description: 'All of them.' })
  readonly rules!: IdentityRulesInput;
}

@InputType({ description: 'Which identity rules to go back to.' })
export class RevertIdentityRulesInput extends RulesChangeInput {
  @Field(() => Int, { description: 'The version whose rules are to be in force again. 0: the shipped ones.' })
  readonly version!: number;
}

/** As it is stored: nothing undefined, nothing that GraphQL adds. */
export function toRuleBook({ kinds, custom, blocked, onePerSource }: IdentityRulesInput): RuleBook {
  return {
    kinds: kinds.map((rule) => ({ kind: rule.kind, ...toRule(rule) })),
    custom: custom ? toRule(custom) : shippedBook.custom,
    blocked: blocked.map(({ kind, exact, pattern }) => ({
      kind: kind ?? null,
      exact: exact ?? null,
      pattern: pattern ?? null,
    })),
    onePerSource: [...onePerSource],
  };
}

function toRule(rule: CustomIdentityRuleInput): Omit<IdentityRule, 'kind'> {
  return {
    priority: rule.priority,
    strength: rule.strength,
    valuesPerCustomer: rule.valuesPerCustomer ?? null,
    valuesWindowDays: rule.valuesWindowDays ?? null,
    recordsPerValue: rule.recordsPerValue ?? null,
    namesPerson: rule.namesPerson,
  };
}
