import { Field, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { Money } from '../../kernel/money.type.ts';
import { Node } from '../../kernel/node.type.ts';
import { connectionType } from '../../kernel/paging.type.ts';
import { DateTime, Decimal } from '../../kernel/scalars.ts';
import type { Channel } from '../../touchpoints/touchpoint.ts';
import { ChannelEnum } from '../../touchpoints/touchpoint.type.ts';
import { Points } from '../points.type.ts';
import type { BudgetRow } from './budgets.queries.ts';
import type { Answers } from './expected-value.ts';
import { OfferLimitPeriodEnum, OfferStatusEnum, UnknownCostsEnum } from './offer.enum.ts';
import type { ItemSelection, LimitPeriod, MoneyText, OfferDefinition, OfferStatus, OfferValue } from './offer.ts';
import { minorOf, type OfferView } from './offer-terms.ts';

function money(given: MoneyText): Money;
function money(given: MoneyText | null): Money | null;
function money(given: MoneyText | null): Money | null {
  return given && new Money(minorOf(given), given.currency);
}

@ObjectType({ simpleResolvers: true, description: 'Lines of a basket: an entry of either list is enough.' })
export class OfferItems {
  @Field(() => [String], { description: 'These articles.' })
  readonly skus: readonly string[];

  @Field(() => [String], { description: 'Articles of these categories.' })
  readonly categories: readonly string[];

  @Field(() => Int, { nullable: true, description: 'At least so many pieces, where they have to be in the basket.' })
  readonly quantity: number | null;

  constructor({ skus, categories, quantity }: ItemSelection & { quantity?: number }) {
    this.skus = skus;
    this.categories = categories;
    this.quantity = quantity ?? null;
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'What the customer gets. Which fields are set says which kind it is.',
})
export class OfferBenefit {
  @Field(() => Decimal, { nullable: true, description: 'So many percent off.' })
  readonly percent: string | null = null;

  @Field(() => Money, { nullable: true, description: 'Of a percentage: at most this much.' })
  readonly maximum: Money | null = null;

  @Field(() => Money, { nullable: true, description: 'This much off.' })
  readonly amount: Money | null = null;

  @Field(() => OfferItems, { nullable: true, description: 'Off these lines only; null: off the whole basket.' })
  readonly of: OfferItems | null = null;

  @Field(() => String, { nullable: true, description: 'Of points: key of the wallet.' })
  readonly wallet: string | null = null;

  @Field(() => Points, { nullable: true, description: 'So many points.' })
  readonly points: bigint | null = null;

  @Field(() => Decimal, { nullable: true, description: 'So many times the points that the basket earns.' })
  readonly factor: string | null = null;

  @Field(() => String, { nullable: true, description: 'This article for `price`.' })
  readonly sku: string | null = null;

  @Field(() => Int, { nullable: true, description: 'Of an article: so many pieces.' })
  readonly quantity: number | null = null;

  @Field(() => Money, { nullable: true, description: 'Of an article: what one piece costs.' })
  readonly price: Money | null = null;

  constructor(value: OfferValue) {
    if ('percent' in value) {
      this.percent = value.percent.percent;
      this.maximum = money(value.percent.maximum);
      this.of = value.percent.of && new OfferItems(value.percent.of);
    } else if ('fixed' in value) {
      this.amount = money(value.fixed.amount);
      this.of = value.fixed.of && new OfferItems(value.fixed.of);
    } else if ('points' in value) {
      this.wallet = value.points.wallet;
      this.points = BigInt(value.points.points);
    } else if ('multiplier' in value) {
      this.wallet = value.multiplier.wallet;
      this.factor = value.multiplier.factor;
    } else {
      this.sku = value.product.sku;
      this.quantity = value.product.quantity;
      this.price = money(value.product.price);
    }
  }
}

@ObjectType({ simpleResolvers: true, description: 'What the basket has to be like.' })
export class OfferBasketTest {
  @Field(() => Money, { nullable: true, description: 'Worth at least this much, before discounts.' })
  readonly minimum: Money | null;

  @Field(() => [OfferItems], { description: 'Each of these must be in it.' })
  readonly items: readonly OfferItems[];

  constructor({ minimum, items }: NonNullable<OfferDefinition['basket']>) {
    this.minimum = money(minimum);
    this.items = items.map((item) => new OfferItems(item));
  }
}

@ObjectType({ simpleResolvers: true, description: 'How often one customer may use it.' })
export class OfferLimit {
  @Field(() => OfferLimitPeriodEnum, { description: 'In which period.' })
  readonly per!: LimitPeriod;

  @Field(() => Int, { description: 'At most so many uses.' })
  readonly uses!: number;
}

@ObjectType({ simpleResolvers: true, description: 'What margin an offer has to leave.' })
export class OfferMargin {
  @Field(() => Decimal, { description: 'In percent of the price after discount.' })
  readonly minimumPercent!: string;

  @Field(() => UnknownCostsEnum, { description: 'What if the costs are not known.' })
  readonly ifUnknown!: 'REFUSE' | 'ALLOW';
}

@ObjectType({ simpleResolvers: true, description: 'Which offers go together, and in which order.' })
export class OfferStacking {
  @Field(() => Boolean, { description: 'It goes with no other offer.' })
  readonly exclusive!: boolean;

  @Field(() => String, { nullable: true, description: 'Of one group only one offer is used.' })
  readonly group!: string | null;

  @Field(() => Int, { description: 'A higher priority goes first.' })
  readonly priority!: number;
}

@ObjectType({ simpleResolvers: true, description: 'By what an offer is ranked.' })
export class OfferExpectation {
  @Field(() => Decimal, { description: 'How many accept it, 0 to 1, as was guessed.' })
  readonly acceptance: string;

  @Field(() => Int, { description: 'The guess counts as much as so many answers.' })
  readonly weight: number;

  @Field(() => Money, { nullable: true, description: 'What an acceptance is worth; null: the margin of the basket.' })
  readonly worth: Money | null;

  @Field(() => Decimal, { description: 'By how much it is pushed.' })
  readonly lever: string;

  constructor({ acceptance, weight, worth, lever }: OfferDefinition['expected']) {
    this.acceptance = acceptance;
    this.weight = weight;
    this.worth = money(worth);
    this.lever = lever;
  }
}

@ObjectType({ simpleResolvers: true, description: 'What an offer may cost, and what it has cost. As of now.' })
export class OfferBudget {
  @Field(() => Money, { nullable: true, description: 'Money in all; null: it is not limited by money.' })
  readonly allowed: Money | null;

  @Field(() => Int, { nullable: true, description: 'Uses in all; null: it is not limited by uses.' })
  readonly usesAllowed: number | null;

  @Field(() => Money, { nullable: true, description: 'Held and spent; null where the offer names no amount.' })
  readonly taken: Money | null;

  @Field(() => Money, { nullable: true, description: 'Spent; null where the offer names no amount.' })
  readonly spent: Money | null;

  @Field(() => Int, { description: 'Uses that are held and that took place.' })
  readonly usesTaken: number;

  @Field(() => Int, { description: 'Uses that took place.' })
  readonly uses: number;

  constructor(row: BudgetRow, currency: string | null) {
    const amount = (minor: bigint | null) => (minor === null || currency === null ? null : new Money(minor, currency));
    this.allowed = amount(row.allowed);
    this.usesAllowed = row.usesAllowed;
    this.taken = amount(row.taken);
    this.spent = amount(row.spent);
    this.usesTaken = row.usesTaken;
    this.uses = row.uses;
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'What came of the last 200 presentations of an offer that were answered.',
})
export class OfferAnswers {
  @Field(() => Int, { description: 'Answered, or let lapse.' })
  readonly presented: number;

  @Field(() => Int, { description: 'Accepted.' })
  readonly accepted: number;

  constructor({ presented, accepted }: Answers) {
    this.presented = presented;
    this.accepted = accepted;
  }
}

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description: 'What can be offered to customers at a till, in a shop or a message.',
})
export class Offer implements Node {
  readonly id: string;
  /** For the resolvers of further fields. */
  readonly row: OfferView;

  @Field(() => String, { description: 'For people.' })
  readonly name: string;

  @Field(() => String, { nullable: true, description: 'For people; null if nobody has said.' })
  readonly description: string | null;

  @Field(() => OfferStatusEnum, { description: 'Whether it is made.' })
  readonly status: OfferStatus;

  @Field(() => Int, { description: 'Grows with every change. Give it as `expectedVersion` to notice others.' })
  readonly version: number;

  @Field(() => [String], { nullable: true, description: 'Keys of tiers; null: for all.' })
  readonly tiers: readonly string[] | null;

  @Field(() => [ChannelEnum], { nullable: true, description: 'Only on these; null: on all.' })
  readonly channels: readonly Channel[] | null;

  @Field(() => [String], { nullable: true, description: 'Only in these; null: in all.' })
  readonly stores: readonly string[] | null;

  @Field(() => OfferBasketTest, { nullable: true, description: 'Only with such a basket.' })
  readonly basket: OfferBasketTest | null;

  @Field(() => OfferBenefit, { description: 'What the customer gets.' })
  readonly value: OfferBenefit;

  @Field(() => DateTime, { nullable: true, description: 'From then on.' })
  readonly validFrom: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Until before then.' })
  readonly validTo: string | null;

  @Field(() => [OfferLimit], { description: 'How often one customer may use it.' })
  readonly limits: readonly OfferLimit[];

  @Field(() => OfferMargin, { nullable: true, description: 'What margin has to be left.' })
  readonly margin: OfferMargin | null;

  @Field(() => OfferStacking, { description: 'With which others it goes.' })
  readonly stacking: OfferStacking;

  @Field(() => Decimal, { description: 'So many percent of customers never get it.' })
  readonly holdoutPercent: string;

  @Field(() => OfferExpectation, { description: 'By what it is ranked.' })
  readonly expected: OfferExpectation;

  @Field(() => Money, { nullable: true, description: 'What one use costs beside a discount.' })
  readonly cost: Money | null;

  @Field(() => Int, { description: 'So many minutes it is held after it was presented.' })
  readonly holdMinutes: number;

  @Field(() => Int, { description: 'So many minutes it is held after it was accepted.' })
  readonly redeemMinutes: number;

  @Field(() => DateTime, { description: 'When it was created.' })
  readonly createdAt: Date;

  @Field(() => DateTime, { description: 'When it was last changed.' })
  readonly updatedAt: Date;

  constructor(row: OfferView) {
    const { definition } = row;
    this.id = toPublicId('off', row.id);
    this.row = row;
    this.name = row.name;
    this.description = definition.description;
    this.status = row.status;
    this.version = row.version;
    this.tiers = definition.tiers;
    this.channels = definition.channels;
    this.stores = definition.stores;
    this.basket = definition.basket && new OfferBasketTest(definition.basket);
    this.value = new OfferBenefit(definition.value);
    this.validFrom = definition.validFrom;
    this.validTo = definition.validTo;
    this.limits = definition.limits;
    this.margin = definition.margin;
    this.stacking = definition.stacking;
    this.holdoutPercent = definition.holdoutPercent;
    this.expected = new OfferExpectation(definition.expected);
    this.cost = money(definition.cost);
    this.holdMinutes = definition.holdMinutes;
    this.redeemMinutes = definition.redeemMinutes;
    this.createdAt = row.createdAt;
    this.updatedAt = row.updatedAt;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of offers.' })
export class OfferConnection extends connectionType(Offer, 'Offer') {}

@ObjectType({ simpleResolvers: true, description: 'The offer, as it is after the change.' })
export class OfferPayload {
  @Field(() => Offer, { description: 'The offer.' })
  readonly offer: Offer;

  constructor(row: OfferView) {
    this.offer = new Offer(row);
  }
}
