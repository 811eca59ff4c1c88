import { Field, ID, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { Money } from '../../kernel/money.type.ts';
import { DateTime } from '../../kernel/scalars.ts';
import { Points } from '../points.type.ts';
import type { Compared, ComparedRule, RevenueOf, TierMove } from './comparison.ts';
import type { TotalEstimate } from './estimate.ts';
import type { Simulation } from './simulator.service.ts';
import type { ComparedMoney, ValuedWallet } from './valued-wallet.ts';
import { valuedWallets } from './valued-wallet.ts';

@ObjectType({ simpleResolvers: true, description: 'A number of points or of members; of a sample, an estimate.' })
export class SimulatedTotal {
  @Field(() => Points, { description: 'Counted, or estimated by the sample.' })
  readonly value: bigint;

  @Field(() => Points, {
    nullable: true,
    description: 'Of a sample: it is at least this with 95 % confidence (between this and `highest`). Else null.',
  })
  readonly lowest: bigint | null;

  @Field(() => Points, {
    nullable: true,
    description: 'Of a sample: it is at most this with 95 % confidence (between `lowest` and this). Else null.',
  })
  readonly highest: bigint | null;

  constructor({ value, lowest, highest }: TotalEstimate) {
    this.value = value;
    this.lowest = lowest;
    this.highest = highest;
  }
}

@ObjectType({ simpleResolvers: true, description: 'The same number without the change and with it.' })
export class SimulatedComparison {
  @Field(() => SimulatedTotal, { description: 'By the rules that were in force.' })
  readonly baseline: SimulatedTotal;

  @Field(() => SimulatedTotal, { description: 'By the rules that are supposed.' })
  readonly changed: SimulatedTotal;

  @Field(() => SimulatedTotal, { description: '`changed` − `baseline`, added up member by member.' })
  readonly delta: SimulatedTotal;

  constructor({ baseline, changed, delta }: Compared) {
    this.baseline = new SimulatedTotal(baseline);
    this.changed = new SimulatedTotal(changed);
    this.delta = new SimulatedTotal(delta);
  }
}

@ObjectType({ simpleResolvers: true, description: 'The same amount without the change and with it.' })
export class SimulatedMoney {
  @Field(() => Money, { description: 'By the rules and the point value that were in force.' })
  readonly baseline: Money;

  @Field(() => Money, { description: 'By those that are supposed.' })
  readonly changed: Money;

  @Field(() => Money, { description: '`changed` − `baseline`.' })
  readonly delta: Money;

  constructor({ baseline, changed, currency }: ComparedMoney) {
    this.baseline = new Money(baseline, currency);
    this.changed = new Money(changed, currency);
    this.delta = new Money(changed - baseline, currency);
  }
}

@ObjectType({ simpleResolvers: true, description: 'What a change does to one wallet.' })
export class SimulatedWallet {
  @Field(() => String, { description: 'Key of the wallet.' })
  readonly wallet: string;

  @Field(() => SimulatedComparison, {
    description: 'Points granted for what happened in the period, net of what came back by its end.',
  })
  readonly granted: SimulatedComparison;

  @Field(() => SimulatedComparison, { description: 'Of them, those that no partner pays for.' })
  readonly borne: SimulatedComparison;

  @Field(() => SimulatedComparison, {
    description:
      'Points that members could still spend at the end of the period, had they redeemed what they redeemed in truth.',
  })
  readonly outstanding: SimulatedComparison;

  @Field(() => SimulatedComparison, {
    description: 'Points that they would owe then, as nothing covers what they redeemed.',
  })
  readonly owed: SimulatedComparison;

  @Field(() => SimulatedMoney, {
    nullable: true,
    description:
      '`outstanding` × point value. Null where nobody has said what a point is worth, or the currency changes.',
  })
  readonly liability: SimulatedMoney | null;

  @Field(() => SimulatedMoney, {
    nullable: true,
    description: '`borne` × point value: what it costs if every point is redeemed one day. Null as for `liability`.',
  })
  readonly cost: SimulatedMoney | null;

  @Field(() => Money, {
    nullable: true,
    description:
      'What the change does to the margin: minus the difference in `cost`. Nobody buys more or less because of it here: what ' +
      'people would do is not simulated. Null as for `liability`.',
  })
  readonly marginEffect: Money | null;

  constructor({ wallet, granted, borne, outstanding, owed, liability, cost }: ValuedWallet) {
    this.wallet = wallet;
    this.granted = new SimulatedComparison(granted);
    this.borne = new SimulatedComparison(borne);
    this.outstanding = new SimulatedComparison(outstanding);
    this.owed = new SimulatedComparison(owed);
    this.liability = liability && new SimulatedMoney(liability);
    this.cost = cost && new SimulatedMoney(cost);
    this.marginEffect = cost && new Money(cost.baseline - cost.changed, cost.currency);
  }
}

@ObjectType({ simpleResolvers: true, description: 'What one rule grants without the change and with it.' })
export class SimulatedRule {
  @Field(() => String, { description: 'Key of the wallet.' })
  readonly wallet: string;

  @Field(() => String, { description: 'Key of the rule.' })
  readonly rule: string;

  @Field(() => SimulatedComparison, { description: 'Points, net of what came back.' })
  readonly granted: SimulatedComparison;

  constructor({ wallet, rule, granted }: ComparedRule) {
    this.wallet = wallet;
    this.rule = rule;
    this.granted = new SimulatedComparison(granted);
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'Members who have one tier without the change and another one, or the same, with it, at the end of the period.',
})
export class SimulatedTierMove {
  @Field(() => String, { nullable: true, description: 'Key of the tier without the change. Null: none.' })
  readonly from: string | null;

  @Field(() => String, { nullable: true, description: 'Key of the tier with it. Null: none.' })
  readonly to: string | null;

  @Field(() => SimulatedTotal, { description: 'How many members.' })
  readonly members: SimulatedTotal;

  constructor({ from, to, members }: TierMove) {
    this.from = from;
    this.to = to;
    this.members = new SimulatedTotal(members);
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'What was bought in the period: the same with the change as without it.',
})
export class SimulatedRevenue {
  @Field(() => Money, { description: 'Orders less returns.' })
  readonly revenue: Money;

  @Field(() => Money, { nullable: true, description: 'Of a sample: the lower end of the 95 % confidence interval.' })
  readonly lowest: Money | null;

  @Field(() => Money, { nullable: true, description: 'Of a sample: its upper end.' })
  readonly highest: Money | null;

  constructor({ currency, revenue: { value, lowest, highest } }: RevenueOf) {
    this.revenue = new Money(value, currency);
    this.lowest = lowest === null ? null : new Money(lowest, currency);
    this.highest = highest === null ? null : new Money(highest, currency);
  }
}

@ObjectType({ simpleResolvers: true, description: 'What would have been, had a programme said something else.' })
export class LeverSimulation {
  @Field(() => ID, { description: 'The programme, `prg_…`.' })
  readonly programId: string;

  @Field(() => DateTime, { description: 'From when on.' })
  readonly from: Date;

  @Field(() => DateTime, { description: 'Until when.' })
  readonly to: Date;

  @Field(() => Boolean, { description: 'True: everybody was looked at. False: a sample.' })
  readonly exact: boolean;

  @Field(() => Int, { description: 'Customers who were looked at.' })
  readonly sampleSize: number;

  @Field(() => Int, { description: 'All customers; of a programme that one has to be enrolled in, its members.' })
  readonly customers: number;

  @Field(() => Int, { description: 'Touchpoints that were replayed.' })
  readonly touchpoints: number;

  @Field(() => [SimulatedWallet], { description: 'What the change does, by wallet.' })
  readonly wallets: readonly SimulatedWallet[];

  @Field(() => [SimulatedRule], { description: 'The same by rule.' })
  readonly rules: readonly SimulatedRule[];

  @Field(() => [SimulatedTierMove], { description: 'The cells of the matrix of tiers that are not empty.' })
  readonly tierMoves: readonly SimulatedTierMove[];

  @Field(() => [SimulatedRevenue], { description: 'What was bought, by currency.' })
  readonly revenue: readonly SimulatedRevenue[];

  @Field(() => SimulatedTotal, { description: 'Members who would have got more points, of all wallets together.' })
  readonly membersUp: SimulatedTotal;

  @Field(() => SimulatedTotal, { description: 'Members who would have got fewer.' })
  readonly membersDown: SimulatedTotal;

  @Field(() => [String], { description: 'Rules with a condition that nobody was judged by: see `segmentless`.' })
  readonly unjudgedRules: readonly string[];

  @Field(() => [String], {
    description:
      'Rules whose budgets were given out anew, as the change may have made other points of them: their sums are right, who got ' +
      'the last of a budget may not be.',
  })
  readonly rebudgetedRules: readonly string[];

  constructor(simulation: Simulation) {
    const { programId, period, size, touchpoints, rules, tierMoves, revenue, up, down } = simulation;
    this.programId = toPublicId('prg', programId);
    this.from = period.from;
    this.to = period.to;
    this.exact = size.sampled >= size.total;
    this.sampleSize = size.sampled;
    this.customers = size.total;
    this.touchpoints = touchpoints;
    this.wallets = valuedWallets(simulation).map((one) => new SimulatedWallet(one));
    this.rules = rules.map((one) => new SimulatedRule(one));
    this.tierMoves = tierMoves.map((one) => new SimulatedTierMove(one));
    this.revenue = revenue.map((one) => new SimulatedRevenue(one));
    this.membersUp = new SimulatedTotal(up);
    this.membersDown = new SimulatedTotal(down);
    this.unjudgedRules = simulation.unjudged;
    this.rebudgetedRules = simulation.rebudgeted;
  }
}
