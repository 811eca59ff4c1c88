import { Field, Int, ObjectType } from 'type-graphql';
import { CurrencyCode, DateTime, Decimal } from '../../kernel/scalars.ts';
import type { Enrolment, Lever, Tier, TierScheme, Wallet } from '../program.ts';
import { LoyaltyDebtEnum, LoyaltyEnrolmentEnum, LoyaltyVersionStatusEnum } from './program.enum.ts';
import type { ShownVersion } from './program-reader.service.ts';
import { LoyaltyRule, LoyaltySetting } from './program-rule.type.ts';
import type { LeverChangeView, VersionStatus } from './programs.queries.ts';
import type { RuleWords } from './rule-text.ts';

@ObjectType({ simpleResolvers: true, description: 'What one point costs the programme when it is redeemed.' })
export class LoyaltyPointValue {
  @Field(() => Decimal, { description: 'In units of the currency; often less than its smallest coin.' })
  readonly amount!: string;

  @Field(() => CurrencyCode, { description: 'ISO 4217.' })
  readonly currency!: string;
}

@ObjectType({ simpleResolvers: true, description: 'A unit of points, such as stars.' })
export class LoyaltyWallet {
  @Field(() => String, { description: 'Names it in accounts and rules.' })
  readonly key!: string;

  @Field(() => String, { description: 'For people.' })
  readonly name!: string;

  @Field(() => LoyaltyDebtEnum, { description: 'When a return takes back what has been spent.' })
  readonly debt!: Wallet['debt'];

  @Field(() => LoyaltyPointValue, { nullable: true, description: 'Null: nobody has said.' })
  readonly pointValue!: LoyaltyPointValue | null;
}

@ObjectType({ simpleResolvers: true, description: 'What counts for the tier: exactly one of these is not null.' })
export class LoyaltyTierBasis {
  @Field(() => String, { nullable: true, description: 'Key of a wallet: its qualifying points.' })
  readonly pointsOfWallet: string | null;

  @Field(() => CurrencyCode, { nullable: true, description: 'A currency: net spend in it.' })
  readonly spendInCurrency: string | null;

  @Field(() => Boolean, { nullable: true, description: '`true`: the number of orders.' })
  readonly orders: boolean | null;

  constructor(basis: TierScheme['basis']) {
    this.pointsOfWallet = 'points' in basis ? basis.points.wallet : null;
    this.spendInCurrency = 'spend' in basis ? basis.spend.currency : null;
    this.orders = 'orders' in basis ? true : null;
  }
}

@ObjectType({ simpleResolvers: true, description: 'In which time it counts: exactly one of these is not null.' })
export class LoyaltyTierWindow {
  @Field(() => Int, { nullable: true, description: 'The last so many months, day by day.' })
  readonly rollingMonths: number | null;

  @Field(() => Int, { nullable: true, description: 'A period of the calendar of so many months.' })
  readonly calendarMonths: number | null;

  constructor(window: TierScheme['window']) {
    this.rollingMonths = 'rolling' in window ? window.rolling.months : null;
    this.calendarMonths = 'calendar' in window ? window.calendar.months : null;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A tier, such as gold.' })
export class LoyaltyTier {
  @Field(() => String, { description: 'Names it in rules and memberships.' })
  readonly key: string;

  @Field(() => String, { description: 'For people.' })
  readonly name: string;

  @Field(() => LoyaltySetting, { description: 'From how much on.' })
  readonly threshold: LoyaltySetting;

  @Field(() => [String], { description: 'What comes with it, in words.' })
  readonly benefits: readonly string[];

  constructor({ key, name, threshold, benefits }: Tier, words: RuleWords) {
    this.key = key;
    this.name = name;
    this.threshold = new LoyaltySetting(threshold, words);
    this.benefits = benefits;
  }
}

@ObjectType({ simpleResolvers: true, description: 'Tiers, and how they are reached and kept.' })
export class LoyaltyTierScheme {
  @Field(() => LoyaltyTierBasis, { description: 'What counts, net of returns.' })
  readonly basis: LoyaltyTierBasis;

  @Field(() => LoyaltyTierWindow, { description: 'In which time.' })
  readonly window: LoyaltyTierWindow;

  @Field(() => Boolean, { description: 'A tier is kept until the end of the next period of the calendar.' })
  readonly keepsThroughNextPeriod: boolean;

  @Field(() => Int, { description: 'After that, days until a tier is lost.' })
  readonly graceDays: number;

  @Field(() => [LoyaltyTier], { description: 'The lowest first.' })
  readonly tiers: LoyaltyTier[];

  constructor({ basis, window, keepsThroughNextPeriod, graceDays, tiers }: TierScheme, words: RuleWords) {
    this.basis = new LoyaltyTierBasis(basis);
    this.window = new LoyaltyTierWindow(window);
    this.keepsThroughNextPeriod = keepsThroughNextPeriod;
    this.graceDays = graceDays;
    this.tiers = tiers.map((tier) => new LoyaltyTier(tier, words));
  }
}

@ObjectType({ simpleResolvers: true, description: 'That a lever was turned.' })
export class LoyaltyLeverChange {
  @Field(() => Decimal, { description: 'To what.' })
  readonly value: string;

  @Field(() => DateTime, { description: 'From when on.' })
  readonly effectiveAt: Date;

  @Field(() => DateTime, { nullable: true, description: 'Until when; null: for good.' })
  readonly until: Date | null;

  @Field(() => String, { description: 'Name of the API key that turned it.' })
  readonly actor: string;

  @Field(() => String, { nullable: true, description: 'Why, in their words; null if they gave none.' })
  readonly reason: string | null;

  @Field(() => DateTime, { description: 'When it was turned. Of two that hold at one instant, the later one counts.' })
  readonly recordedAt: Date;

  constructor({ value, effectiveAt, until, actor, reason, recordedAt }: LeverChangeView) {
    this.value = value;
    this.effectiveAt = effectiveAt;
    this.until = until;
    this.actor = actor;
    this.reason = reason;
    this.recordedAt = recordedAt;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A number that its owner may turn without a new version.' })
export class LoyaltyLever {
  @Field(() => String, { description: 'Names it in rules.' })
  readonly key: string;

  @Field(() => String, { description: 'For people.' })
  readonly name: string;

  @Field(() => String, { description: 'Who may be asked about it: a role or a team.' })
  readonly owner: string;

  @Field(() => Decimal, { description: 'What it is now.' })
  readonly value: string;

  @Field(() => Decimal, { description: 'What it is until it is turned for the first time.' })
  readonly initial: string;

  @Field(() => Decimal, { description: 'The least that it can be.' })
  readonly minimum: string;

  @Field(() => Decimal, { description: 'The most that it can be.' })
  readonly maximum: string;

  @Field(() => [LoyaltyLeverChange], {
    description: 'Every turn of it, the latest first; those that are planned are there too.',
  })
  readonly changes: LoyaltyLeverChange[];

  constructor({ key, name, owner, initial, minimum, maximum }: Lever, shown: ShownVersion) {
    this.key = key;
    this.name = name;
    this.owner = owner;
    this.value = shown.numberOf({ lever: key });
    this.initial = initial;
    this.minimum = minimum;
    this.maximum = maximum;
    this.changes = shown.changesOf(key).map((change) => new LoyaltyLeverChange(change));
  }
}

@ObjectType({ simpleResolvers: true, description: 'What a programme says, from a certain time on.' })
export class LoyaltyProgramVersion {
  readonly #shown: ShownVersion;

  @Field(() => Int, {
    description: 'Counts from 1. Every change of a draft is another number, so a number always means the same text.',
  })
  readonly version: number;

  @Field(() => LoyaltyVersionStatusEnum, { description: 'DRAFT or PUBLISHED.' })
  readonly status: VersionStatus;

  @Field(() => DateTime, {
    nullable: true,
    description: 'From when on it counts, until the next one does; null: draft.',
  })
  readonly effectiveAt: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was published; null for a draft.' })
  readonly publishedAt: Date | null;

  @Field(() => DateTime, { description: 'When it was written.' })
  readonly createdAt: Date;

  @Field(() => String, { description: 'Name of the API key that published it, or wrote the draft.' })
  readonly actor: string;

  @Field(() => String, { nullable: true, description: 'Why, in their words; null if they gave none.' })
  readonly reason: string | null;

  @Field(() => String, { nullable: true, description: 'How it works, for people; null if nobody has said.' })
  readonly mechanics: string | null;

  @Field(() => String, { nullable: true, description: 'What it is to achieve; null if nobody has said.' })
  readonly goals: string | null;

  @Field(() => LoyaltyEnrolmentEnum, { description: 'Who is a member.' })
  readonly enrolment: Enrolment;

  @Field(() => Decimal, {
    nullable: true,
    description:
      'Of a hundred customers, how many are held out while it is in force: they earn nothing and have no tier. Null: nobody is.',
  })
  readonly holdoutPercent: string | null;

  @Field(() => [LoyaltyWallet], { description: 'Its units of points.' })
  readonly wallets: readonly LoyaltyWallet[];

  constructor(shown: ShownVersion) {
    const { definition, ...version } = shown.version;
    this.#shown = shown;
    this.version = version.version;
    this.status = version.status;
    this.effectiveAt = version.effectiveAt;
    this.publishedAt = version.publishedAt;
    this.createdAt = version.createdAt;
    this.actor = version.actor;
    this.reason = version.reason;
    this.mechanics = definition.mechanics;
    this.goals = definition.goals;
    this.enrolment = definition.enrolment;
    this.holdoutPercent = definition.holdoutPercent ?? null;
    this.wallets = definition.wallets;
  }

  @Field(() => [LoyaltyRule], { description: 'By which points are earned.' })
  get rules(): LoyaltyRule[] {
    return this.#shown.version.definition.rules.map((rule) => new LoyaltyRule(rule, this.#shown));
  }

  @Field(() => LoyaltyTierScheme, { nullable: true, description: 'Null: it has no tiers.' })
  get tierScheme(): LoyaltyTierScheme | null {
    const { tierScheme } = this.#shown.version.definition;
    return tierScheme && new LoyaltyTierScheme(tierScheme, this.#shown);
  }

  @Field(() => [LoyaltyLever], { description: 'Numbers that can be turned without another version.' })
  get levers(): LoyaltyLever[] {
    return this.#shown.version.definition.levers.map((lever) => new LoyaltyLever(lever, this.#shown));
  }
}
