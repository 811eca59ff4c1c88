import { Field, Float, Int, ObjectType } from 'type-graphql';
import { toDecimal } from '../../../kernel/money.ts';
import { Money } from '../../../kernel/money.type.ts';
import { DateTime, Decimal } from '../../../kernel/scalars.ts';
import { AttributionKeyEnum, AttributionModelEnum } from '../analysis.enum.ts';
import type { AttributedKey, AttributionAnswer } from './attribution.service.ts';
import type { AttributionModel, Credit, Earned } from './attribution.ts';
import { creditPlaces } from './credit.ts';

@ObjectType({ simpleResolvers: true, description: 'Orders, and what they brought.' })
export class AttributedOrders {
  @Field(() => Int, { description: 'How many. Shipments of one order are one.' })
  readonly conversions: number;

  @Field(() => [Money], { description: 'Their value by currency, whatever was returned of them.' })
  readonly revenue: readonly Money[];

  constructor({ conversions, revenue }: Earned) {
    this.conversions = conversions;
    this.revenue = moneyOf(revenue);
  }
}

@ObjectType({ simpleResolvers: true, description: 'What one channel, campaign or source is given by one model.' })
export class AttributionCredit {
  @Field(() => AttributionModelEnum, { description: 'The model.' })
  readonly model: AttributionModel;

  @Field(() => String, { description: 'The channel, campaign or source.' })
  readonly key: string;

  @Field(() => Decimal, {
    nullable: true,
    description:
      'Orders, to six places: over all keys they add up to `attributed.conversions`, exactly. Null: too few customers for a key ' +
      'without `pii:read`.',
  })
  readonly conversions: string | null;

  @Field(() => Float, { nullable: true, description: 'The same as a part of `attributed.conversions`, from 0 to 1.' })
  readonly share: number | null;

  @Field(() => [Money], {
    description: 'Revenue by currency: over all keys it adds up to `attributed.revenue`, exactly.',
  })
  readonly revenue: readonly Money[];

  @Field(() => Float, {
    nullable: true,
    description:
      'Of MARKOV: which part of the orders would be lost without it, from 0 to 1. These do not add up to 1; credit is shared in ' +
      'their proportion.',
  })
  readonly removalEffect: number | null;

  constructor(name: string, model: AttributionModel, { credit, whole }: { credit: Credit | null; whole: number }) {
    this.model = model;
    this.key = name;
    this.conversions = credit && toDecimal(credit.conversions, creditPlaces);
    this.share = credit && whole > 0 ? Number(credit.conversions) / 10 ** creditPlaces / whole : null;
    this.revenue = credit ? moneyOf(credit.revenue) : [];
    this.removalEffect = credit?.removalEffect ?? null;
  }
}

@ObjectType({ simpleResolvers: true, description: 'One channel, campaign or source: all models side by side.' })
export class AttributionKeyCredits {
  @Field(() => String, { description: 'The channel, campaign or source.' })
  readonly key: string;

  @Field(() => Int, {
    nullable: true,
    description: 'Customers with an order and a touchpoint of it before. Null: too few for a key without `pii:read`.',
  })
  readonly customers: number | null;

  @Field(() => [AttributionCredit], { description: 'In the order of `models`.' })
  readonly credits: readonly AttributionCredit[];

  @Field(() => Boolean, {
    description: 'Whether the numbers are withheld: too few customers for a key without `pii:read`.',
  })
  readonly suppressed: boolean;

  constructor({ name, customers, credits }: AttributedKey, { models, attributed }: AttributionAnswer) {
    this.key = name;
    this.customers = customers;
    this.credits = models.map(
      (model, index) =>
        new AttributionCredit(name, model, { credit: credits?.[index] ?? null, whole: attributed.conversions }),
    );
    this.suppressed = credits === null;
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'What led to the orders of a period: their credit, shared by the touchpoints of the same customer before them. Whose they are ' +
    'is as of now, so what was seen before somebody was identified counts.',
})
export class Attribution {
  @Field(() => DateTime, { description: 'From when on.' })
  readonly from: Date;

  @Field(() => DateTime, { description: 'Until when; this instant no longer belongs to it.' })
  readonly to: Date;

  @Field(() => DateTime, { description: 'When this was counted.' })
  readonly asOf: Date;

  @Field(() => AttributionKeyEnum, { description: 'What credit is shared by.' })
  readonly by: 'CHANNEL' | 'CAMPAIGN' | 'SOURCE';

  @Field(() => Int, { description: 'How many days before an order touchpoints count.' })
  readonly lookbackDays: number;

  @Field(() => Float, { description: 'Half-life of TIME_DECAY in days.' })
  readonly halfLifeDays: number;

  @Field(() => [AttributionModelEnum], { description: 'The models, in the order of `credits`.' })
  readonly models: readonly AttributionModel[];

  @Field(() => AttributedOrders, { description: 'Orders with a touchpoint before them: what is shared.' })
  readonly attributed: AttributedOrders;

  @Field(() => AttributedOrders, { description: 'Orders of customers without one: nobody is given credit for them.' })
  readonly direct: AttributedOrders;

  @Field(() => AttributedOrders, { description: 'Receipts that are nobody’s: what came before them nobody knows.' })
  readonly unidentified: AttributedOrders;

  @Field(() => Int, {
    nullable: true,
    description: 'Paths that led to no order, as MARKOV needs them. Null: it was not asked for.',
  })
  readonly lostPaths: number | null;

  @Field(() => [AttributionKeyCredits], { description: 'Those with the most credit by the first model first.' })
  readonly keys: readonly AttributionKeyCredits[];

  @Field(() => [AttributionCredit], { description: 'The same in long form, a line for each key and model.' })
  readonly credits: readonly AttributionCredit[];

  @Field(() => Boolean, {
    description: 'Whether numbers of some keys are withheld: those that are told add up to less, then.',
  })
  readonly suppressed: boolean;

  constructor(answer: AttributionAnswer) {
    this.from = answer.from;
    this.to = answer.to;
    this.asOf = answer.asOf;
    this.by = answer.by;
    this.lookbackDays = answer.lookbackDays;
    this.halfLifeDays = answer.halfLifeDays;
    this.models = answer.models;
    this.attributed = new AttributedOrders(answer.attributed);
    this.direct = new AttributedOrders(answer.direct);
    this.unidentified = new AttributedOrders(answer.unidentified);
    this.lostPaths = answer.lostPaths;
    this.keys = answer.keys.map((key) => new AttributionKeyCredits(key, answer));
    this.credits = this.keys.flatMap(({ credits }) => credits);
    this.suppressed = answer.suppressed;
  }
}

function moneyOf(revenue: ReadonlyMap<string, bigint>): Money[] {
  return [...revenue].sort(([a], [b]) => (a < b ? -1 : 1)).map(([currency, minor]) => new Money(minor, currency));
}
