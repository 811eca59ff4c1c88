import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Money } from '../../../kernel/money.type.ts';
import { CurrencyCode, DateTime } from '../../../kernel/scalars.ts';
import type { PortfolioAnswer } from './portfolio.service.ts';
import type {
  PortfolioCell as Cell,
  PortfolioClass as Class,
  PortfolioPart,
  PortfolioMoney as Sums,
} from './portfolio.ts';

const few = 'too few customers for a key without `pii:read`';

@ObjectType({
  simpleResolvers: true,
  description: 'What customers brought in one currency: that in which they buy most.',
})
export class PortfolioMoney {
  @Field(() => CurrencyCode, { description: 'ISO 4217.' })
  readonly currency: string;

  @Field(() => Int, { description: 'Customers who buy in it.' })
  readonly customers: number;

  @Field(() => Money, { description: 'Orders less returns, in this currency.' })
  readonly revenue: Money;

  @Field(() => Float, {
    nullable: true,
    description: 'The same as a part of the revenue of all customers who buy in it. Null: that is 0 or less.',
  })
  readonly revenueShare: number | null;

  @Field(() => Money, {
    nullable: true,
    description: 'Of what has a known cost: revenue less cost. Null: nothing has.',
  })
  readonly margin: Money | null;

  @Field(() => Money, { description: 'The revenue whose cost is known, which `margin` is of.' })
  readonly costedRevenue: Money;

  constructor({ currency, customers, revenueMinor, revenueShare, marginMinor, costedMinor }: Sums) {
    this.currency = currency;
    this.customers = customers;
    this.revenue = new Money(revenueMinor, currency);
    this.revenueShare = revenueShare;
    this.margin = marginMinor === null ? null : new Money(marginMinor, currency);
    this.costedRevenue = new Money(costedMinor, currency);
  }
}

/** What is said of any part of the customers. */
@ObjectType({ simpleResolvers: true })
abstract class PortfolioNumbers {
  @Field(() => Int, { nullable: true, description: `How many customers. Null: ${few}.` })
  readonly customers: number | null;

  @Field(() => Float, { nullable: true, description: 'The same as a part of all customers, from 0 to 1.' })
  readonly share: number | null;

  @Field(() => [PortfolioMoney], { description: 'What they brought, by currency.' })
  readonly money: readonly PortfolioMoney[];

  @Field(() => Boolean, { description: `Whether the numbers are withheld: ${few}.` })
  readonly suppressed: boolean;

  constructor({ customers, share, money, suppressed }: PortfolioPart) {
    this.customers = customers;
    this.share = share;
    this.money = money.map((sums) => new PortfolioMoney(sums));
    this.suppressed = suppressed;
  }
}

@ObjectType({ simpleResolvers: true, description: 'All customers of the portfolio.' })
export class PortfolioTotal extends PortfolioNumbers {}

@ObjectType({ simpleResolvers: true, description: 'Customers who share a class, a segment or a stage.' })
export class PortfolioClass extends PortfolioNumbers {
  @Field(() => String, {
    nullable: true,
    description: 'A, B or C; the key of an RFM segment; or a stage. Null: not scored, as those are who never ordered.',
  })
  readonly key: string | null;

  constructor(part: Class) {
    super(part);
    this.key = part.key;
  }
}

@ObjectType({ simpleResolvers: true, description: 'Customers who share all three.' })
export class PortfolioCell extends PortfolioNumbers {
  @Field(() => String, { nullable: true, description: 'ABC class: A, B or C. Null: not scored.' })
  readonly abc: string | null;

  @Field(() => String, { nullable: true, description: 'Key of the RFM segment. Null: not scored.' })
  readonly rfm: string | null;

  @Field(() => String, { description: 'Stage of the life cycle.' })
  readonly lifecycle: string;

  constructor(part: Cell) {
    super(part);
    this.abc = part.abc;
    this.rfm = part.rfm;
    this.lifecycle = part.stage;
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'Who the customers are: everybody who is identified or has bought, in exactly one class of each kind, so that the parts add up.',
})
export class Portfolio {
  @Field(() => DateTime, { description: 'The instant.' })
  readonly asOf: Date;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'When ABC classes and RFM segments were made; of the past: by which run’s bins. Null: no run has been by then.',
  })
  readonly scoredAt: Date | null;

  @Field(() => PortfolioTotal, { description: 'Everybody.' })
  readonly total: PortfolioTotal;

  @Field(() => [PortfolioClass], { description: 'By ABC class.' })
  readonly abc: readonly PortfolioClass[];

  @Field(() => [PortfolioClass], { description: 'By RFM segment.' })
  readonly rfm: readonly PortfolioClass[];

  @Field(() => [PortfolioClass], { description: 'By stage of the life cycle.' })
  readonly lifecycle: readonly PortfolioClass[];

  @Field(() => [PortfolioCell], { description: 'By all three; cells without anybody are left out.' })
  readonly cells: readonly PortfolioCell[];

  constructor({ asOf, scoredAt, total, abc, rfm, lifecycle, cells }: PortfolioAnswer) {
    this.asOf = asOf;
    this.scoredAt = scoredAt;
    this.total = new PortfolioTotal(total);
    this.abc = abc.map((part) => new PortfolioClass(part));
    this.rfm = rfm.map((part) => new PortfolioClass(part));
    this.lifecycle = lifecycle.map((part) => new PortfolioClass(part));
    this.cells = cells.map((part) => new PortfolioCell(part));
  }
}
