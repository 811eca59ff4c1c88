import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Money } from '../../kernel/money.type.ts';
import { CalendarDate, DateTime } from '../../kernel/scalars.ts';
import { Points } from '../points.type.ts';
import type {
  CostBenefit,
  FlowReport,
  PartnerSettlement,
  RedemptionRate,
  RevenueReport,
  SettlementLine,
  WalletCost,
} from './benefit.service.ts';
import type { RewardCost } from './cost-benefit.queries.ts';
import { moneyOrNull } from './liability.type.ts';

@ObjectType({ simpleResolvers: true, description: 'What came into a wallet and went out of it.' })
export class LoyaltyFlow {
  @Field(() => String, { description: 'Key of the wallet.' })
  readonly wallet: string;

  @Field(() => CalendarDate, {
    nullable: true,
    description: "The first day of the month, in the organisation's calendar. Null: the whole period.",
  })
  readonly month: string | null;

  @Field(() => Points, { description: 'Entered as issued in it; what members give each other is left out.' })
  readonly issued: bigint;

  @Field(() => Points, { description: 'Taken back in it, mostly because of returns.' })
  readonly reversed: bigint;

  @Field(() => Points, { description: 'Spent in it, less redemptions that were taken back in it.' })
  readonly redeemed: bigint;

  @Field(() => Points, { description: 'Entered as expired in it.' })
  readonly expired: bigint;

  @Field(() => Float, { nullable: true, description: 'Redeemed ÷ issued. Null: nothing was issued.' })
  readonly rate: number | null;

  constructor(flow: Omit<FlowReport, 'month'>, month: string | null) {
    this.wallet = flow.wallet;
    this.month = month;
    this.issued = flow.issued;
    this.reversed = flow.reversed;
    this.redeemed = flow.redeemed;
    this.expired = flow.expired;
    this.rate = flow.rate;
  }
}

@ObjectType({ simpleResolvers: true, description: 'How many of the points that were issued were redeemed, by period.' })
export class LoyaltyRedemptionRate {
  @Field(() => DateTime, { description: 'From when on.' })
  readonly from: Date;

  @Field(() => DateTime, { description: 'Until when; this instant no longer belongs to it.' })
  readonly to: Date;

  @Field(() => [LoyaltyFlow], { description: 'By wallet and month.' })
  readonly months: readonly LoyaltyFlow[];

  @Field(() => [LoyaltyFlow], { description: 'The whole period, by wallet.' })
  readonly total: readonly LoyaltyFlow[];

  constructor({ from, to, months, total }: RedemptionRate) {
    this.from = from;
    this.to = to;
    this.months = months.map((flow) => new LoyaltyFlow(flow, flow.month));
    this.total = total.map((flow) => new LoyaltyFlow(flow, null));
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'What the points of one wallet cost. `grantedCost` and `redeemedCost` are two views of the same thing: never add them.',
})
export class LoyaltyWalletCost {
  @Field(() => String, { description: 'Key of the wallet.' })
  readonly wallet: string;

  @Field(() => Points, { description: 'Granted for what happened in the period, net of what was taken back since.' })
  readonly granted: bigint;

  @Field(() => Points, { description: 'Of them, those that partners pay for.' })
  readonly partnered: bigint;

  @Field(() => Points, { description: 'Spent in the period, less redemptions that were taken back in it.' })
  readonly redeemed: bigint;

  @Field(() => Points, { description: 'Expired in the period.' })
  readonly expired: bigint;

  @Field(() => Money, {
    nullable: true,
    description: '(`granted` − `partnered`) × point value: what it costs if every point is redeemed one day.',
  })
  readonly grantedCost: Money | null;

  @Field(() => Money, { nullable: true, description: '`redeemed` × point value: what it has cost in the period.' })
  readonly redeemedCost: Money | null;

  constructor(cost: WalletCost) {
    this.wallet = cost.wallet;
    this.granted = cost.granted;
    this.partnered = cost.partnered;
    this.redeemed = cost.redeemed;
    this.expired = cost.expired;
    this.grantedCost = moneyOrNull(cost.grantedCost);
    this.redeemedCost = moneyOrNull(cost.redeemedCost);
  }
}

@ObjectType({ simpleResolvers: true, description: 'What rewards cost that were redeemed.' })
export class LoyaltyRewardCost {
  @Field(() => Int, { description: 'How many rewards.' })
  readonly rewards: number;

  @Field(() => Points, { description: 'Points that members paid for them.' })
  readonly points: bigint;

  @Field(() => Money, { nullable: true, description: 'What they cost the programme. Null: nobody has said it.' })
  readonly cost: Money | null;

  constructor({ rewards, points, cost, currency }: RewardCost) {
    this.rewards = rewards;
    this.points = points;
    this.cost = cost === null || currency === null ? null : new Money(cost, currency);
  }
}

@ObjectType({ simpleResolvers: true, description: 'What customers bought, less what came back.' })
export class LoyaltyMemberRevenue {
  @Field(() => Boolean, { description: 'Of those who are members now, or of all others.' })
  readonly ofMembers: boolean;

  @Field(() => Int, { description: 'Orders.' })
  readonly orders: number;

  @Field(() => Int, { description: 'Customers with an order.' })
  readonly customers: number;

  @Field(() => Money, { description: 'Orders less returns of the period.' })
  readonly revenue: Money;

  @Field(() => Money, { nullable: true, description: 'Revenue × `marginRate`. Null: it was not given.' })
  readonly margin: Money | null;

  constructor({ ofMembers, orders, customers, revenue, margin, currency }: RevenueReport) {
    this.ofMembers = ofMembers;
    this.orders = orders;
    this.customers = customers;
    this.revenue = new Money(revenue, currency);
    this.margin = margin === null ? null : new Money(margin, currency);
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'What a programme cost in a period, and what its members bought. Members would have bought something without it too: only a ' +
    'group that is held out can tell how much. Whoever joins is a better customer to begin with.',
})
export class LoyaltyCostBenefit {
  @Field(() => DateTime, { description: 'From when on.' })
  readonly from: Date;

  @Field(() => DateTime, { description: 'Until when; this instant no longer belongs to it.' })
  readonly to: Date;

  @Field(() => Int, { description: 'Members now.' })
  readonly members: number;

  @Field(() => [LoyaltyWalletCost], { description: 'What points cost, by wallet.' })
  readonly wallets: readonly LoyaltyWalletCost[];

  @Field(() => [LoyaltyRewardCost], { description: 'What rewards cost, by currency.' })
  readonly rewards: readonly LoyaltyRewardCost[];

  @Field(() => [LoyaltyMemberRevenue], { description: 'What was bought, by currency, members and others apart.' })
  readonly revenue: readonly LoyaltyMemberRevenue[];

  constructor({ from, to, members, wallets, rewards, revenue }: CostBenefit) {
    this.from = from;
    this.to = to;
    this.members = members;
    this.wallets = wallets.map((one) => new LoyaltyWalletCost(one));
    this.rewards = rewards.map((one) => new LoyaltyRewardCost(one));
    this.revenue = revenue.map((one) => new LoyaltyMemberRevenue(one));
  }
}

@ObjectType({ simpleResolvers: true, description: 'What one partner pays for the points of one month.' })
export class LoyaltySettlementLine {
  @Field(() => String, { description: 'The partner, as the rules name it.' })
  readonly partner: string;

  @Field(() => CalendarDate, {
    description: "The first day of the month in which the points were earned, in the organisation's calendar.",
  })
  readonly month: string;

  @Field(() => String, { description: 'Key of the wallet.' })
  readonly wallet: string;

  @Field(() => Points, { description: 'Net of returns so far.' })
  readonly points: bigint;

  @Field(() => Int, { description: 'How many times points were granted.' })
  readonly touchpoints: number;

  @Field(() => Money, {
    nullable: true,
    description: 'Points × point value of the version by which they were earned. Null: nobody has said it.',
  })
  readonly amount: Money | null;

  constructor({ partner, month, wallet, points, touchpoints, amount }: SettlementLine) {
    this.partner = partner;
    this.month = month;
    this.wallet = wallet;
    this.points = points;
    this.touchpoints = touchpoints;
    this.amount = moneyOrNull(amount);
  }
}

@ObjectType({ simpleResolvers: true, description: 'What partners pay for the points that they fund.' })
export class LoyaltyPartnerSettlement {
  @Field(() => DateTime, { description: 'From when on.' })
  readonly from: Date;

  @Field(() => DateTime, { description: 'Until when; this instant no longer belongs to it.' })
  readonly to: Date;

  @Field(() => [LoyaltySettlementLine], {
    description: 'By month, partner and wallet. Returns lower the month in which the points were earned.',
  })
  readonly lines: readonly LoyaltySettlementLine[];

  constructor({ from, to, lines }: PartnerSettlement) {
    this.from = from;
    this.to = to;
    this.lines = lines.map((one) => new LoyaltySettlementLine(one));
  }
}
