import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../kernel/scalars.ts';
import type { RepairPhase, RulesRow } from './identity-rules.queries.ts';
import type { RulesVersion } from './identity-rules.service.ts';
import { describeNormaliser } from './normalise.ts';
import {
  type BlockedValue as BlockedValueFacts,
  defaultRules,
  type IdentifierStrength,
  type IdentityRule as IdentityRuleFacts,
} from './rules.ts';

export const IdentifierStrengthEnum = {
  UNIQUE: 'UNIQUE',
  SHARED: 'SHARED',
  EVIDENCE_ONLY: 'EVIDENCE_ONLY',
} as const satisfies { [Strength in IdentifierStrength]: Strength };

registerEnumType(IdentifierStrengthEnum, {
  name: 'IdentifierStrength',
  description: 'What evidence of a kind is worth.',
  valuesConfig: {
    UNIQUE: { description: "One person's: records that carry the same value are joined, within the limits." },
    SHARED: {
      description:
        "Several people's, perhaps: it gives anonymous records an owner, but never joins two customers who are both " +
        'known by a unique identifier that names a person.',
    },
    EVIDENCE_ONLY: { description: 'Kept and shown, and joins nobody.' },
  },
});

export const RulesRepairPhaseEnum = {
  IDENTIFIERS: 'IDENTIFIERS',
  RECORDS: 'RECORDS',
  DONE: 'DONE',
  SUPERSEDED: 'SUPERSEDED',
} as const satisfies { [Phase in RepairPhase]: Phase };

registerEnumType(RulesRepairPhaseEnum, {
  name: 'RulesRepairPhase',
  description: 'How far a version of the identity rules is applied to what came before it.',
  valuesConfig: {
    IDENTIFIERS: { description: 'Values are being counted, and blocked or not.' },
    RECORDS: { description: 'Records are being resolved anew.' },
    DONE: { description: 'Everything is as if these rules had always been in force.' },
    SUPERSEDED: { description: 'Another version came before it was done, and goes over everything itself.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'How identifiers of one kind join records.' })
export class IdentityRule {
  @Field(() => String, {
    nullable: true,
    description: 'Such as `email`. Null: the rule for every kind that has none of its own.',
  })
  readonly kind: string | null;

  @Field(() => Int, {
    description: 'From 1, the strongest. Of evidence of the same strength, that of a stronger kind is heard first.',
  })
  readonly priority: number;

  @Field(() => IdentifierStrengthEnum, { description: 'What evidence of this kind is worth.' })
  readonly strength: IdentifierStrength;

  @Field(() => Int, {
    nullable: true,
    description: 'Different values that one customer may hold. Null: any number.',
  })
  readonly valuesPerCustomer: number | null;

  @Field(() => Int, {
    nullable: true,
    description: '`valuesPerCustomer` counts values first seen within any so many days. Null: ever.',
  })
  readonly valuesWindowDays: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Records that may carry one value; past this it joins nobody. Null: any number.',
  })
  readonly recordsPerValue: number | null;

  @Field(() => Boolean, { description: 'Names a person, not only a device: makes a customer `identified`.' })
  readonly namesPerson: boolean;

  @Field(() => String, {
    description:
      'In words, how spellings of a value are made comparable. It belongs to the kind and cannot be changed.',
  })
  readonly normaliser: string;

  constructor({ kind, ...rule }: Omit<IdentityRuleFacts, 'kind'> & { kind?: string }) {
    this.kind = kind ?? null;
    this.priority = rule.priority;
    this.strength = rule.strength;
    this.valuesPerCustomer = rule.valuesPerCustomer;
    this.valuesWindowDays = rule.valuesWindowDays;
    this.recordsPerValue = rule.recordsPerValue;
    this.namesPerson = rule.namesPerson;
    this.normaliser = describeNormaliser(kind ?? '');
  }
}

@ObjectType({ simpleResolvers: true, description: 'A value, or values of one form, that identify nobody.' })
export class BlockedValue {
  @Field(() => String, { nullable: true, description: 'Of this kind only. Null: of every kind, and as a `key`.' })
  readonly kind: string | null;

  @Field(() => String, { nullable: true, description: 'The value, in the form in which spellings are compared.' })
  readonly exact: string | null;

  @Field(() => String, { nullable: true, description: 'A regular expression in the syntax of RE2.' })
  readonly pattern: string | null;

  constructor({ kind, exact, pattern }: BlockedValueFacts) {
    this.kind = kind;
    this.exact = exact;
    this.pattern = pattern;
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'How far a version of the identity rules is applied to what came before it. New events follow it at once.',
})
export class RulesRepair {
  @Field(() => RulesRepairPhaseEnum, { description: 'What is being done.' })
  readonly phase: RepairPhase;

  @Field(() => Int, { description: 'Identifiers and records that have been gone over.' })
  readonly checked: number;

  @Field(() => Int, { description: 'Identifiers and records that there are to go over, about.' })
  readonly total: number;

  @Field(() => Int, { description: 'Customers that became part of others by it.' })
  readonly merges: number;

  @Field(() => Int, { description: 'Customers that came out of others by it.' })
  readonly splits: number;

  @Field(() => Int, { description: 'Attempts in a row that failed. It goes on trying; the reason is in the log.' })
  readonly failures: number;

  @Field(() => DateTime, { nullable: true, description: 'When the last attempt failed; null when it did not.' })
  readonly failedAt: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When all was done; null before.' })
  readonly appliedAt: Date | null;

  constructor(row: RulesRow) {
    this.phase = row.phase;
    this.checked = row.checked;
    this.total = row.total;
    this.merges = row.merges;
    this.splits = row.splits;
    this.failures = row.failures;
    this.failedAt = row.failedAt;
    this.appliedAt = row.appliedAt;
  }
}

const shippedPatterns = defaultRules.blocked.map(({ source }) => source);

@ObjectType({
  simpleResolvers: true,
  description: 'The rules by which records become customers, as one version has them.',
})
export class IdentityRules {
  @Field(() => Int, { description: 'Counts up. 0: the shipped rules, which nobody has changed.' })
  readonly version: number;

  @Field(() => [IdentityRule], { description: 'Kinds that have a rule of their own, by priority.' })
  readonly kinds: readonly IdentityRule[];

  @Field(() => IdentityRule, { description: 'For all other kinds.' })
  readonly custom: IdentityRule;

  @Field(() => [BlockedValue], { description: 'Values that identify nobody, beside the shipped ones.' })
  readonly blocked: readonly BlockedValue[];

  @Field(() => [String], {
    description: 'Regular expressions of values that are always blocked, in lower case: what broken integrations send.',
  })
  readonly shippedBlocked: readonly string[] = shippedPatterns;

  @Field(() => [String], {
    description: 'Sources that know each person once: matching by similarity never joins two records of one of them.',
  })
  readonly onePerSource: readonly string[];

  @Field(() => DateTime, { nullable: true, description: 'When it was put in force; null for the shipped rules.' })
  readonly changedAt: Date | null;

  @Field(() => String, { nullable: true, description: 'Name of the API key that did; null for the shipped rules.' })
  readonly changedBy: string | null;

  @Field(() => String, { nullable: true, description: 'Why; null for the shipped rules.' })
  readonly reason: string | null;

  @Field(() => RulesRepair, {
    nullable: true,
    description: 'How far it is applied to what came before it; null for the shipped rules.',
  })
  readonly repair: RulesRepair | null;

  constructor({ version, book, row }: RulesVersion) {
    this.version = version;
    this.kinds = [...book.kinds].sort((a, b) => a.priority - b.priority).map((rule) => new IdentityRule(rule));
    this.custom = new IdentityRule(book.custom);
    this.blocked = book.blocked.map((value) => new BlockedValue(value));
    this.onePerSource = book.onePerSource;
    this.changedAt = row?.createdAt ?? null;
    this.changedBy = row?.actor ?? null;
    this.reason = row?.reason ?? null;
    this.repair = row && new RulesRepair(row);
  }
}

@ObjectType({ simpleResolvers: true, description: 'The rules that were put in force.' })
export class IdentityRulesPayload {
  @Field(() => IdentityRules, { description: 'The new version. It is being applied to the past in the background.' })
  readonly rules: IdentityRules;

  constructor(version: RulesVersion) {
    this.rules = new IdentityRules(version);
  }
}
