import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { DateTime } from '../../kernel/scalars.ts';
import type { StoredRule } from './household-rule.queries.ts';
import { type RulePhase, shippedHouseholdRule } from './household-rule.ts';
import { RelationStatement } from './membership.type.ts';

export const HouseholdRulePhaseEnum = {
  CUSTOMERS: 'CUSTOMERS',
  HOUSEHOLDS: 'HOUSEHOLDS',
  FOLLOWING: 'FOLLOWING',
} as const satisfies { [Phase in RulePhase]: Phase };

registerEnumType(HouseholdRulePhaseEnum, {
  name: 'HouseholdRulePhase',
  description: 'How far a version of the rule has come.',
  valuesConfig: {
    CUSTOMERS: { description: 'All customers are being read.' },
    HOUSEHOLDS: { description: 'The households of all customers are being made, or unmade.' },
    FOLLOWING: { description: 'All is done; households follow every change of a customer.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'Customers with equal traits who are too many for a household.' })
export class TooLargeHousehold {
  @Field(() => ID, { description: 'The id (`hh_…`) that their household would have.' })
  readonly id: string;

  @Field(() => Int, { description: 'How many customers.' })
  readonly customers: number;

  constructor(row: { householdId: string; customers: number }) {
    this.id = toPublicId('hh', row.householdId);
    this.customers = row.customers;
  }
}

@ObjectType({ simpleResolvers: true, description: 'The rule by which households are made, and how far it is applied.' })
export class HouseholdRule {
  @Field(() => Int, { description: 'Memberships by rule carry it. 0: the rule as shipped, which nobody has set yet.' })
  readonly version: number;

  @Field(() => Boolean, { description: 'Whether it is in force.' })
  readonly enabled: boolean;

  @Field(() => [String], { description: 'Golden traits that must all be equal.' })
  readonly traits: readonly string[];

  @Field(() => Int, { description: 'Fewer customers are no household.' })
  readonly minimumSize: number;

  @Field(() => Int, { description: 'More customers are no household.' })
  readonly maximumSize: number;

  @Field(() => RelationStatement, { nullable: true, description: 'Who set it and why; null for the rule as shipped.' })
  readonly set: RelationStatement | null;

  @Field(() => HouseholdRulePhaseEnum, { description: 'How far it has come.' })
  readonly phase: RulePhase;

  @Field(() => Int, { description: 'Customers that have been read for this version.' })
  readonly customersRead: number;

  @Field(() => Int, { nullable: true, description: 'Customers there were when that began; null before.' })
  readonly customersToRead: number | null;

  @Field(() => DateTime, { nullable: true, description: 'When it had been applied to everybody; null before.' })
  readonly appliedAt: Date | null;

  constructor(rule: StoredRule | undefined) {
    const { enabled, traits, minimumSize, maximumSize } = rule ?? shippedHouseholdRule;
    this.version = rule?.version ?? 0;
    this.enabled = enabled;
    this.traits = traits;
    this.minimumSize = minimumSize;
    this.maximumSize = maximumSize;
    this.set = rule ? new RelationStatement({ at: rule.setAt, actor: rule.setBy, reason: rule.reason }) : null;
    this.phase = rule?.phase ?? 'FOLLOWING';
    this.customersRead = Number(rule?.customersRead ?? 0n);
    this.customersToRead = rule?.customersToRead == null ? null : Number(rule.customersToRead);
    this.appliedAt = rule?.appliedAt ?? null;
  }
}

@ObjectType({ simpleResolvers: true, description: 'The rule that was set.' })
export class SetHouseholdRulePayload {
  @Field(() => HouseholdRule, { description: 'The new version. It is being applied in the background.' })
  readonly rule: HouseholdRule;

  constructor(rule: StoredRule) {
    this.rule = new HouseholdRule(rule);
  }
}
