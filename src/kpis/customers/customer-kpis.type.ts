import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { Money } from '../../kernel/money.type.ts';
import { CurrencyCode, DateTime } from '../../kernel/scalars.ts';
import { ChurnRiskType } from '../lifecycle/churn-risk.type.ts';
import type { NoClvReason } from '../models/forecast.ts';
import { AbcClassEnum, NoClvReasonEnum, RelationshipTypeEnum } from './customer-kpis.enum.ts';
import type { LoadedKpis } from './customer-kpis.loader.ts';
import type { HistoricValue, Margin } from './historic-value.ts';
import type { PredictedValue } from './kpi-view.ts';
import type { Relationship, RelationshipType } from './relationship.ts';
import type { ScoresView } from './scoring.queries.ts';

@ObjectType({
  simpleResolvers: true,
  description: 'RFM scores from 1 to 5, 5 is best, as of a scoring of all customers who pay in the same currency.',
})
export class RfmScore {
  @Field(() => Int, { description: 'How recent the last purchase was.' })
  readonly recency: number;

  @Field(() => Int, { description: 'How many orders there were of which something was kept.' })
  readonly frequency: number;

  @Field(() => Int, { description: 'How much was spent, net of returns.' })
  readonly monetary: number;

  @Field(() => String, { description: 'Key of the segment in the settings, such as `CHAMPIONS`.' })
  readonly segment: string;

  @Field(() => String, { description: 'Its name; the key where the settings have no name for it any more.' })
  readonly segmentName: string;

  @Field(() => DateTime, { description: 'When all customers were compared.' })
  readonly scoredAt: Date;

  constructor({ recency, frequency, monetary, rfmSegment, scoredAt }: ScoresView, { rfm }: Pick<LoadedKpis, 'rfm'>) {
    this.recency = recency;
    this.frequency = frequency;
    this.monetary = monetary;
    this.segment = rfmSegment;
    this.segmentName = rfm.segments.find(({ key }) => key === rfmSegment)?.name ?? rfmSegment;
    this.scoredAt = scoredAt;
  }
}

@ObjectType({ simpleResolvers: true, description: 'The ABC class as of a scoring of all customers.' })
export class AbcScore {
  @Field(() => AbcClassEnum, { description: 'The class.' })
  readonly class: 'A' | 'B' | 'C';

  @Field(() => DateTime, { description: 'When all customers were compared.' })
  readonly scoredAt: Date;

  constructor({ abcClass, scoredAt }: ScoresView) {
    this.class = abcClass;
    this.scoredAt = scoredAt;
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'What is left of orders after what the goods cost, where that is known.',
})
export class CustomerMargin {
  @Field(() => Money, { description: 'Net revenue with a known cost, less that cost.' })
  readonly amount: Money;

  @Field(() => Float, {
    nullable: true,
    description: '`amount` as a part of that net revenue: 0.3 is 30 %. Null where all of it came back.',
  })
  readonly rate: number | null;

  @Field(() => Float, { description: 'Of the value of all orders, the part whose cost is known: from 0 to 1.' })
  readonly coverage: number;

  constructor({ minor, rate, coverage }: Margin, currency: string) {
    this.amount = new Money(minor, currency);
    this.rate = rate;
    this.coverage = coverage;
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'What a customer has brought so far: net revenue times margin, less what cases and redeemed points cost. Not revenue to ' +
    'date, which is `netRevenue`.',
})
export class HistoricCustomerValue {
  @Field(() => Money, { description: '`margin` less `casesCost` and `incentivesCost`.' })
  readonly amount: Money;

  @Field(() => Money, {
    description:
      'Margin of everything bought and kept: exact where costs are known; the rest at the rate of what is known, else at ' +
      'the margin rate of the settings.',
  })
  readonly margin: Money;

  @Field(() => Money, { description: 'Cases opened, at what one costs on average by the settings.' })
  readonly casesCost: Money;

  @Field(() => Money, { description: 'Redeemed points, at what a point costs by its programme.' })
  readonly incentivesCost: Money;

  @Field(() => Boolean, {
    description:
      'False: points were redeemed that have no price in this currency, and what they cost is not taken off.',
  })
  readonly incentivesComplete: boolean;

  constructor(value: HistoricValue, currency: string) {
    this.amount = new Money(value.minor, currency);
    this.margin = new Money(value.marginMinor, currency);
    this.casesCost = new Money(value.casesMinor, currency);
    this.incentivesCost = new Money(value.incentivesMinor, currency);
    this.incentivesComplete = value.unpricedPoints === 0n;
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'What a customer is expected to bring from now on, by the model in use: discounted margin, not revenue.',
})
export class PredictedCustomerValue {
  @Field(() => Money, { nullable: true, description: 'Null: `missing` says why.' })
  readonly amount: Money | null;

  @Field(() => NoClvReasonEnum, { nullable: true, description: 'Why there is no amount; null when there is one.' })
  readonly missing: NoClvReason | null;

  @Field(() => Int, { description: 'How many months ahead it looks.' })
  readonly months: number;

  @Field(() => ID, { description: 'The model.' })
  readonly modelId: string;

  @Field(() => Int, { description: 'Its version.' })
  readonly modelVersion: number;

  @Field(() => DateTime, { description: 'The last day of the purchases that it was fitted on.' })
  readonly cutOff: Date;

  constructor({ clvMinor, withoutClv, months, model }: PredictedValue, currency: string) {
    this.amount = clvMinor === null ? null : new Money(BigInt(Math.round(clvMinor)), currency);
    this.missing = withoutClv;
    this.months = months;
    this.modelId = toPublicId('mdl', model.id);
    this.modelVersion = model.version;
    this.cutOff = model.cutOff;
  }
}

@ObjectType({ simpleResolvers: true, description: 'What kind of relationship it is.' })
export class CustomerRelationship {
  @Field(() => RelationshipTypeEnum, { description: 'The kind.' })
  readonly type: RelationshipType;

  @Field(() => DateTime, { description: 'Since when.' })
  readonly since: Date;

  constructor({ type, since }: Relationship) {
    this.type = type;
    this.since = since;
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'Key figures of one customer. All but `rfm` and `abc` are as of this moment. Amounts are those of one currency, ' +
    'the one with the most orders; counts and times are of all.',
})
export class CustomerKpis {
  /** For resolvers of further fields. */
  readonly loaded: LoadedKpis;

  @Field(() => DateTime, { description: 'The moment that everything but `rfm` and `abc` is of.' })
  readonly asOf: Date;

  @Field(() => CurrencyCode, { nullable: true, description: 'Of all amounts. Null without orders and returns.' })
  readonly currency: string | null;

  @Field(() => Int, { description: 'Orders. Shipments of one order are one.' })
  readonly orders: number;

  @Field(() => Int, { description: 'Orders of which something was kept.' })
  readonly netOrders: number;

  @Field(() => Int, { description: 'Returns.' })
  readonly returns: number;

  @Field(() => Float, { description: 'Pieces bought, less those that came back.' })
  readonly items: number;

  @Field(() => Money, { nullable: true, description: 'Value of all orders.' })
  readonly grossRevenue: Money | null;

  @Field(() => Money, { nullable: true, description: 'Value of all returns, as a positive amount.' })
  readonly returnedRevenue: Money | null;

  @Field(() => Money, { nullable: true, description: '`grossRevenue` less `returnedRevenue`: revenue to date.' })
  readonly netRevenue: Money | null;

  @Field(() => Money, {
    nullable: true,
    description: '`netRevenue` by `orders` in all currencies. Null without orders.',
  })
  readonly averageOrderValue: Money | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Orders a year since the first one. Null without orders, and in the 30 days after the first.',
  })
  readonly frequency: number | null;

  @Field(() => DateTime, { nullable: true, description: 'When the first order was placed.' })
  readonly firstOrderAt: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When the last order was placed.' })
  readonly lastOrderAt: Date | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Whole days since the last order, in the organisation’s time zone.',
  })
  readonly recencyDays: number | null;

  @Field(() => Int, { description: 'Days on which something was bought and not wholly returned.' })
  readonly purchaseDays: number;

  @Field(() => Float, { nullable: true, description: 'Median of the days between two purchase days.' })
  readonly medianGapDays: number | null;

  @Field(() => CustomerMargin, { nullable: true, description: 'Null where no cost is known.' })
  readonly margin: CustomerMargin | null;

  @Field(() => RfmScore, { nullable: true, description: 'Null until all customers are scored the next time.' })
  readonly rfm: RfmScore | null;

  @Field(() => AbcScore, { nullable: true, description: 'Null until all customers are scored the next time.' })
  readonly abc: AbcScore | null;

  @Field(() => HistoricCustomerValue, {
    nullable: true,
    description: 'Null without orders and returns, and where no margin is known.',
  })
  readonly clvHistoric: HistoricCustomerValue | null;

  @Field(() => PredictedCustomerValue, {
    nullable: true,
    description: 'Null without a model in use, and for who has bought nothing that was kept.',
  })
  readonly clvPredicted: PredictedCustomerValue | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'The probability that they are still a customer, by the model alone. Of one-time buyers it is by how many of them ' +
      'came back as late. Null where nobody can say.',
  })
  readonly probabilityAlive: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Days with a purchase that are expected over the months of `clvPredicted`.',
  })
  readonly expectedOrders: number | null;

  @Field(() => ChurnRiskType, {
    nullable: true,
    description:
      'The risk that they never buy again. Null without a model in use, and for who has bought nothing that was kept.',
  })
  readonly churnRisk: ChurnRiskType | null;

  @Field(() => CustomerRelationship, {
    nullable: true,
    description: 'Null before the first order, and for who is anonymous.',
  })
  readonly relationship: CustomerRelationship | null;

  constructor(loaded: LoadedKpis) {
    const { view, scores } = loaded;
    const { row } = view;
    const money = (minor: bigint | null | undefined) => (row && minor != null ? new Money(minor, row.currency) : null);
    this.loaded = loaded;
    this.asOf = view.asOf;
    this.currency = row?.currency ?? null;
    this.orders = row?.orders ?? 0;
    this.netOrders = row?.netOrders ?? 0;
    this.returns = row?.returns ?? 0;
    this.items = row?.items ?? 0;
    this.grossRevenue = money(row?.grossMinor);
    this.returnedRevenue = money(row?.returnedMinor);
    this.netRevenue = money(row && row.grossMinor - row.returnedMinor);
    this.averageOrderValue = money(view.averageOrderMinor);
    this.frequency = view.frequency;
    this.firstOrderAt = row?.firstOrderAt ?? null;
    this.lastOrderAt = row?.lastOrderAt ?? null;
    this.recencyDays = view.recencyDays;
    this.purchaseDays = row?.purchaseDays ?? 0;
    this.medianGapDays = row?.gapMedian ?? null;
    this.margin = row && view.margin && new CustomerMargin(view.margin, row.currency);
    this.rfm = scores && new RfmScore(scores, loaded);
    this.abc = scores && new AbcScore(scores);
    this.clvHistoric = row && view.historic && new HistoricCustomerValue(view.historic, row.currency);
    this.clvPredicted = row && view.predicted && new PredictedCustomerValue(view.predicted, row.currency);
    this.probabilityAlive = view.probabilityAlive;
    this.expectedOrders = view.predicted?.expectedOrders ?? null;
    this.churnRisk = view.churn && new ChurnRiskType(view.churn);
    this.relationship = view.relationship && new CustomerRelationship(view.relationship);
  }
}
