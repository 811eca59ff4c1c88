import { Field, Int, ObjectType } from 'type-graphql';
import { ValueOperatorEnum } from '../../conditions/condition.enum.ts';
import type { EventMatch, PropertyTest, ValueOperator } from '../../conditions/condition.ts';
import { printCondition } from '../../conditions/condition-text.ts';
import { shownCondition } from '../../conditions/shown-condition.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import { CurrencyCode, DateTime, Decimal, JsonObjectValue, JsonValue } from '../../kernel/scalars.ts';
import type { Channel, Direction } from '../../touchpoints/touchpoint.ts';
import { ChannelEnum, DirectionEnum } from '../../touchpoints/touchpoint.type.ts';
import type { CapPeriod, Earning, EarningRule, Expiry, Rounding, Setting } from '../program.ts';
import {
  LoyaltyCapPeriodEnum,
  LoyaltyExpiryUnitEnum,
  LoyaltyRoundedPerEnum,
  LoyaltyRoundingEnum,
} from './program.enum.ts';
import { asCondition, type RuleWords, ruleText } from './rule-text.ts';

const hiddenText = 'Null without the scope `pii:read` where it tests values that are masked for you';

@ObjectType({ simpleResolvers: true, description: 'A number of a rule.' })
export class LoyaltySetting {
  @Field(() => Decimal, { description: 'What it is now.' })
  readonly value: string;

  @Field(() => String, { nullable: true, description: 'Key of the lever that holds it; null for a plain number.' })
  readonly lever: string | null;

  constructor(setting: Setting, words: RuleWords) {
    this.value = words.numberOf(setting);
    this.lever = typeof setting === 'string' ? null : setting.lever;
  }
}

@ObjectType({ simpleResolvers: true, description: 'What a property of a touchpoint must be.' })
export class LoyaltyPropertyTest {
  @Field(() => String, { description: 'Path of the property, such as `category` or `lines.sku`.' })
  readonly property: string;

  @Field(() => ValueOperatorEnum, { description: 'How it is compared.' })
  readonly operator: ValueOperator;

  @Field(() => JsonValue, {
    nullable: true,
    description: 'With what; null for operators with several operands or none.',
  })
  readonly value: Json;

  @Field(() => [JsonValue], { nullable: true, description: 'With what, for operators with several operands.' })
  readonly values: readonly Json[] | null;

  constructor({ property, operator, value, values }: PropertyTest) {
    this.property = property;
    this.operator = operator;
    this.value = value ?? null;
    this.values = values ?? null;
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'Which touchpoints: all that is not null holds; of a list, one entry is enough.',
})
export class LoyaltyEventMatch {
  @Field(() => [String], { nullable: true, description: 'What happened, such as `order.completed`.' })
  readonly types: readonly string[] | null;

  @Field(() => [ChannelEnum], { nullable: true, description: 'Where it took place.' })
  readonly channels: readonly Channel[] | null;

  @Field(() => [DirectionEnum], { nullable: true, description: 'Who turned to whom.' })
  readonly directions: readonly Direction[] | null;

  @Field(() => [String], { nullable: true, description: 'The systems that saw it.' })
  readonly sources: readonly string[] | null;

  @Field(() => [String], { nullable: true, description: 'The campaigns that led to it.' })
  readonly campaigns: readonly string[] | null;

  @Field(() => [LoyaltyPropertyTest], { nullable: true, description: `Tests of its properties. ${hiddenText}.` })
  readonly where: readonly LoyaltyPropertyTest[] | null;

  constructor(match: EventMatch, words: RuleWords) {
    this.types = match.types ?? null;
    this.channels = match.channels ?? null;
    this.directions = match.directions ?? null;
    this.sources = match.sources ?? null;
    this.campaigns = match.campaigns ?? null;
    const where = words.isHidden(asCondition(match)) ? undefined : match.where;
    this.where = where?.map((test) => new LoyaltyPropertyTest(test)) ?? null;
  }
}

@ObjectType({ simpleResolvers: true, description: 'Lines of an order: those with one of the SKUs or categories.' })
export class LoyaltyLines {
  @Field(() => [String], { description: 'SKUs.' })
  readonly skus!: readonly string[];

  @Field(() => [String], { description: 'Categories.' })
  readonly categories!: readonly string[];
}

@ObjectType({ simpleResolvers: true, description: 'Points for money.' })
export class LoyaltySpendEarning {
  @Field(() => LoyaltySetting, { description: 'How many points.' })
  readonly points: LoyaltySetting;

  @Field(() => Decimal, { description: 'For each of which amount.' })
  readonly per: string;

  @Field(() => CurrencyCode, { description: 'Only what was paid in it.' })
  readonly currency: string;

  constructor({ points, per, currency }: Extract<Earning, { spend: unknown }>['spend'], words: RuleWords) {
    this.points = new LoyaltySetting(points, words);
    this.per = per;
    this.currency = currency;
  }
}

@ObjectType({ simpleResolvers: true, description: 'Points for pieces, or for a touchpoint.' })
export class LoyaltyPointsEarning {
  @Field(() => LoyaltySetting, { description: 'How many points for each.' })
  readonly points: LoyaltySetting;

  constructor(points: Setting, words: RuleWords) {
    this.points = new LoyaltySetting(points, words);
  }
}

@ObjectType({ simpleResolvers: true, description: 'More of what other rules grant: their points times `factor` − 1.' })
export class LoyaltyMultiplierEarning {
  @Field(() => LoyaltySetting, { description: '2 is double points.' })
  readonly factor: LoyaltySetting;

  @Field(() => [String], { nullable: true, description: 'Keys of the rules; null: all of the wallet but multipliers.' })
  readonly of: readonly string[] | null;

  constructor({ factor, of }: Extract<Earning, { multiplier: unknown }>['multiplier'], words: RuleWords) {
    this.factor = new LoyaltySetting(factor, words);
    this.of = of;
  }
}

@ObjectType({ simpleResolvers: true, description: 'What a rule grants: exactly one of these is not null.' })
export class LoyaltyEarning {
  @Field(() => LoyaltySpendEarning, { nullable: true, description: 'Points for money.' })
  readonly spend: LoyaltySpendEarning | null;

  @Field(() => LoyaltyPointsEarning, { nullable: true, description: 'Points for each piece.' })
  readonly item: LoyaltyPointsEarning | null;

  @Field(() => LoyaltyPointsEarning, { nullable: true, description: 'Points for the touchpoint.' })
  readonly event: LoyaltyPointsEarning | null;

  @Field(() => LoyaltyMultiplierEarning, { nullable: true, description: 'More of what other rules grant.' })
  readonly multiplier: LoyaltyMultiplierEarning | null;

  constructor(earns: Earning, words: RuleWords) {
    this.spend = 'spend' in earns ? new LoyaltySpendEarning(earns.spend, words) : null;
    this.item = 'item' in earns ? new LoyaltyPointsEarning(earns.item.points, words) : null;
    this.event = 'event' in earns ? new LoyaltyPointsEarning(earns.event.points, words) : null;
    this.multiplier = 'multiplier' in earns ? new LoyaltyMultiplierEarning(earns.multiplier, words) : null;
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'Until when points can be spent, counted from when they were earned.',
})
export class LoyaltyExpiry {
  @Field(() => Int, { description: 'How many units.' })
  readonly count!: number;

  @Field(() => LoyaltyExpiryUnitEnum, { description: 'Of what.' })
  readonly unit!: Expiry['unit'];

  @Field(() => LoyaltyExpiryUnitEnum, { description: 'To the end of that day, month or year.' })
  readonly endOf!: Expiry['endOf'];
}

@ObjectType({ simpleResolvers: true, description: 'At most so many points by a rule, for one customer, in a period.' })
export class LoyaltyCap {
  @Field(() => LoyaltyCapPeriodEnum, { description: 'In which period.' })
  readonly per: CapPeriod;

  @Field(() => LoyaltySetting, { description: 'How many points.' })
  readonly points: LoyaltySetting;

  constructor({ per, points }: EarningRule['caps'][number], words: RuleWords) {
    this.per = per;
    this.points = new LoyaltySetting(points, words);
  }
}

@ObjectType({ simpleResolvers: true, description: 'A rule by which points are earned.' })
export class LoyaltyRule {
  readonly #rule: EarningRule;
  readonly #words: RuleWords;

  @Field(() => String, { description: 'Names the rule in grants, caps and reports.' })
  readonly key: string;

  @Field(() => String, { description: 'For people.' })
  readonly name: string;

  @Field(() => String, { description: 'Key of the wallet that the points go to.' })
  readonly wallet: string;

  @Field(() => LoyaltyRoundingEnum, { description: 'How whole points are made.' })
  readonly rounding: Rounding;

  @Field(() => LoyaltyRoundedPerEnum, { description: 'What is rounded.' })
  readonly roundedPer: 'LINE' | 'ORDER';

  @Field(() => LoyaltyLines, { nullable: true, description: 'Only these lines; null: all.' })
  readonly lines: LoyaltyLines | null;

  @Field(() => [String], { nullable: true, description: 'Keys of tiers: only for who had one of them. Null: for all.' })
  readonly tiers: readonly string[] | null;

  @Field(() => DateTime, { nullable: true, description: 'Only touchpoints that occurred then or later; null: any.' })
  readonly validFrom: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Only touchpoints that occurred before; null: any.' })
  readonly validTo: Date | null;

  @Field(() => Int, { description: 'Days until the points can be spent.' })
  readonly pendingDays: number;

  @Field(() => LoyaltyExpiry, { nullable: true, description: 'Null: they never expire.' })
  readonly expiry: LoyaltyExpiry | null;

  @Field(() => Boolean, { description: 'Whether its points count for the tier.' })
  readonly qualifies: boolean;

  @Field(() => String, { nullable: true, description: 'Who pays for the points; null: the programme itself.' })
  readonly partner: string | null;

  constructor(rule: EarningRule, words: RuleWords) {
    this.#rule = rule;
    this.#words = words;
    this.key = rule.key;
    this.name = rule.name;
    this.wallet = rule.wallet;
    this.rounding = rule.rounding;
    this.roundedPer = rule.roundedPer;
    this.lines = rule.lines;
    this.tiers = rule.tiers;
    this.validFrom = rule.validFrom === null ? null : new Date(rule.validFrom);
    this.validTo = rule.validTo === null ? null : new Date(rule.validTo);
    this.pendingDays = rule.pendingDays;
    this.expiry = rule.expiry;
    this.qualifies = rule.qualifies;
    this.partner = rule.partner;
  }

  @Field(() => String, { description: 'All that it says, in plain English, with what its levers are now.' })
  get text(): string {
    return ruleText(this.#rule, this.#words);
  }

  @Field(() => LoyaltyEventMatch, { description: 'Which touchpoints.' })
  get match(): LoyaltyEventMatch {
    return new LoyaltyEventMatch(this.#rule.match, this.#words);
  }

  @Field(() => LoyaltyEarning, { description: 'What it grants.' })
  get earns(): LoyaltyEarning {
    return new LoyaltyEarning(this.#rule.earns, this.#words);
  }

  @Field(() => JsonObjectValue, {
    nullable: true,
    description: `Only for customers who fulfil this, as \`ConditionInput\` takes it; null: for all. ${hiddenText}: see \`hasEligibility\`.`,
  })
  get eligibility(): JsonObject | null {
    const given = this.#shownCondition();
    return given && shownCondition(given);
  }

  @Field(() => String, { nullable: true, description: 'The same in words. Null where `eligibility` is.' })
  get eligibilityText(): string | null {
    const given = this.#shownCondition();
    return given && printCondition(given);
  }

  @Field(() => Boolean, { description: 'Whether it is only for customers who fulfil a condition.' })
  get hasEligibility(): boolean {
    return this.#rule.eligibility !== null;
  }

  @Field(() => [LoyaltyCap], { description: 'The most that a customer gets by it.' })
  get caps(): LoyaltyCap[] {
    return this.#rule.caps.map((cap) => new LoyaltyCap(cap, this.#words));
  }

  @Field(() => LoyaltySetting, { nullable: true, description: 'Points that it may grant in all; null: no end.' })
  get budget(): LoyaltySetting | null {
    return this.#rule.budget === null ? null : new LoyaltySetting(this.#rule.budget, this.#words);
  }

  #shownCondition() {
    const { eligibility } = this.#rule;
    return eligibility === null || this.#words.isHidden(eligibility.resolved) ? null : eligibility.given;
  }
}
