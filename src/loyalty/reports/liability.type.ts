import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Money } from '../../kernel/money.type.ts';
import { CalendarDate, CurrencyCode, DateTime, Decimal } from '../../kernel/scalars.ts';
import { Points } from '../points.type.ts';
import type { DevelopmentFactor } from './breakage.ts';
import { type HeldPoints, outstandingOf } from './held-points.ts';
import type {
  Liability,
  Reconciliation,
  VintageReport,
  Vintages,
  WalletFactors,
  WalletLiability,
} from './liability.service.ts';
import type { PointMoney } from './point-money.ts';

export function moneyOrNull(amount: PointMoney | null): Money | null {
  return amount && new Money(amount.minor, amount.currency);
}

@ObjectType({
  simpleResolvers: true,
  description: 'Where points are: `issued` is the sum of all the others.',
})
export class LoyaltyHoldings {
  @Field(() => Points, { description: 'All that was ever issued, what returns took back included.' })
  readonly issued: bigint;

  @Field(() => Points, { description: 'Not to be spent yet.' })
  readonly pending: bigint;

  @Field(() => Points, { description: 'To be spent.' })
  readonly available: bigint;

  @Field(() => Points, { description: 'Held for a purchase that is under way.' })
  readonly reserved: bigint;

  @Field(() => Points, { description: 'Spent.' })
  readonly redeemed: bigint;

  @Field(() => Points, { description: 'Lost, as nobody spent them in time.' })
  readonly expired: bigint;

  @Field(() => Points, { description: 'Taken back, mostly because of returns.' })
  readonly reversed: bigint;

  @Field(() => Points, { description: 'Taken away by a correction, or borne by the programme.' })
  readonly adjusted: bigint;

  @Field(() => Points, { description: 'Given to other members, who were issued as many.' })
  readonly transferred: bigint;

  @Field(() => Points, { description: 'Pending, available and reserved together: what members can still spend.' })
  readonly outstanding: bigint;

  constructor(held: HeldPoints) {
    this.issued = held.issued;
    this.pending = held.pending;
    this.available = held.available;
    this.reserved = held.reserved;
    this.redeemed = held.redeemed;
    this.expired = held.expired;
    this.reversed = held.reversed;
    this.adjusted = held.adjusted;
    this.transferred = held.transferred;
    this.outstanding = outstandingOf(held);
  }
}

@ObjectType({ simpleResolvers: true, description: 'What the programme owes its members in one wallet.' })
export class LoyaltyWalletLiability {
  @Field(() => String, { description: 'Key of the wallet.' })
  readonly wallet: string;

  @Field(() => String, { description: 'Its name.' })
  readonly name: string;

  @Field(() => LoyaltyHoldings, { description: 'Where all points are that were ever issued in it.' })
  readonly holdings: LoyaltyHoldings;

  @Field(() => Points, { description: 'Points that members can still spend.' })
  readonly outstanding: bigint;

  @Field(() => Points, { description: 'Points that members owe: spent, and then taken back by a return.' })
  readonly owed: bigint;

  @Field(() => Int, { description: 'Records that have something outstanding.' })
  readonly accounts: number;

  @Field(() => Decimal, {
    nullable: true,
    description: 'What one point costs when it is redeemed, by the version in force. Null: nobody has said it.',
  })
  readonly pointValue: string | null;

  @Field(() => CurrencyCode, { nullable: true, description: 'Currency of the point value.' })
  readonly currency: string | null;

  @Field(() => Money, { nullable: true, description: '`outstanding` × `pointValue`, half up to the minor unit.' })
  readonly liability: Money | null;

  @Field(() => Money, { nullable: true, description: '`owed` × `pointValue`. It is not taken off the liability.' })
  readonly receivable: Money | null;

  constructor({ wallet, held, outstanding, owed, accounts, liability, receivable }: WalletLiability) {
    this.wallet = wallet.key;
    this.name = wallet.name;
    this.holdings = new LoyaltyHoldings(held);
    this.outstanding = outstanding;
    this.owed = owed;
    this.accounts = accounts;
    this.pointValue = wallet.pointValue?.amount ?? null;
    this.currency = wallet.pointValue?.currency ?? null;
    this.liability = moneyOrNull(liability);
    this.receivable = moneyOrNull(receivable);
  }
}

@ObjectType({ simpleResolvers: true, description: 'What a programme owes its members at an instant.' })
export class LoyaltyLiabilityReport {
  @Field(() => DateTime, { description: 'The instant.' })
  readonly at: Date;

  @Field(() => [LoyaltyWalletLiability], { description: 'By wallet.' })
  readonly wallets: readonly LoyaltyWalletLiability[];

  @Field(() => [Money], { description: 'The liability of all wallets, by currency.' })
  readonly total: readonly Money[];

  constructor({ at, wallets, total }: Liability) {
    this.at = at;
    this.wallets = wallets.map((one) => new LoyaltyWalletLiability(one));
    this.total = total.map(({ minor, currency }) => new Money(minor, currency));
  }
}

@ObjectType({ simpleResolvers: true, description: 'Points of one wallet that were earned in one month.' })
export class LoyaltyVintage {
  @Field(() => String, { description: 'Key of the wallet.' })
  readonly wallet: string;

  @Field(() => CalendarDate, { description: "The first day of the month, in the organisation's calendar." })
  readonly month: string;

  @Field(() => Int, { description: 'How many times points were granted.' })
  readonly lots: number;

  @Field(() => LoyaltyHoldings, { description: 'What has become of them.' })
  readonly holdings: LoyaltyHoldings;

  @Field(() => Money, { nullable: true, description: 'What is outstanding of them, in money.' })
  readonly liability: Money | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Expired ÷ (issued − reversed − transferred), so far. Null: nothing is left of what was issued.',
  })
  readonly breakageRate: number | null;

  @Field(() => Float, {
    description:
      'Points that have expired by the end of the last whole month or are expected to, by what became of older months: see ' +
      '`development`. A number with a fraction, as it is an estimate.',
  })
  readonly expectedBreakage: number;

  @Field(() => Float, { nullable: true, description: 'The same ÷ (issued − reversed − transferred).' })
  readonly expectedBreakageRate: number | null;

  @Field(() => Float, {
    description:
      'Points that are expected to be still there at the highest age that any month has reached: nothing is known of them.',
  })
  readonly undeveloped: number;

  constructor(vintage: VintageReport) {
    this.wallet = vintage.wallet;
    this.month = vintage.month;
    this.lots = vintage.lots;
    this.holdings = new LoyaltyHoldings(vintage.held);
    this.liability = moneyOrNull(vintage.liability);
    this.breakageRate = vintage.breakageRate;
    this.expectedBreakage = vintage.expectedBreakage;
    this.expectedBreakageRate = vintage.expectedRate;
    this.undeveloped = vintage.unknown;
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'What happens at an age to points that are there when it begins, observed over all months that went through it.',
})
export class LoyaltyDevelopment {
  @Field(() => String, { description: 'Key of the wallet.' })
  readonly wallet: string;

  @Field(() => Int, { description: 'Months since the one in which they were earned, which is 0.' })
  readonly age: number;

  @Field(() => Float, { description: 'The part that expires, from 0 to 1.' })
  readonly expires: number;

  @Field(() => Float, { description: 'The part that is still there when the age ends.' })
  readonly stays: number;

  @Field(() => Int, { description: 'How many months it was observed at.' })
  readonly vintages: number;

  constructor(wallet: string, { age, expires, stays, vintages }: DevelopmentFactor) {
    this.wallet = wallet;
    this.age = age;
    this.expires = expires;
    this.stays = stays;
    this.vintages = vintages;
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'The same points, added up in three ways: over the months, the rows of the ledger, and the accounts.',
})
export class LoyaltyReconciliation {
  @Field(() => String, { description: 'Key of the wallet.' })
  readonly wallet: string;

  @Field(() => LoyaltyHoldings, { description: 'All months together, with what no lot covers.' })
  readonly vintages: LoyaltyHoldings;

  @Field(() => LoyaltyHoldings, { description: 'All rows of the ledger up to the instant.' })
  readonly postings: LoyaltyHoldings;

  @Field(() => LoyaltyHoldings, {
    nullable: true,
    description: 'All accounts. Null for an instant of the past: they only know the present.',
  })
  readonly accounts: LoyaltyHoldings | null;

  @Field(() => Boolean, {
    description:
      'Whether they agree. What time alone moves (`pending`, `available`, `expired`) is compared as a sum: the ledger enters it a ' +
      'moment later.',
  })
  readonly agrees: boolean;

  constructor({ wallet, vintages, postings, accounts, agrees }: Reconciliation) {
    this.wallet = wallet;
    this.vintages = new LoyaltyHoldings(vintages);
    this.postings = new LoyaltyHoldings(postings);
    this.accounts = accounts && new LoyaltyHoldings(accounts);
    this.agrees = agrees;
  }
}

@ObjectType({ simpleResolvers: true, description: 'What became of points, by the month in which they were earned.' })
export class LoyaltyVintagesReport {
  @Field(() => DateTime, { description: 'The instant.' })
  readonly at: Date;

  @Field(() => [LoyaltyVintage], { description: 'By wallet and month, the oldest first.' })
  readonly vintages: readonly LoyaltyVintage[];

  @Field(() => [LoyaltyDevelopment], { description: 'What the estimates are made of, by wallet and age.' })
  readonly development: readonly LoyaltyDevelopment[];

  @Field(() => [LoyaltyReconciliation], { description: 'That the months are the whole ledger, by wallet.' })
  readonly reconciliation: readonly LoyaltyReconciliation[];

  constructor({ at, vintages, factors, reconciliation }: Vintages) {
    this.at = at;
    this.vintages = vintages.map((one) => new LoyaltyVintage(one));
    this.development = factors.flatMap(developmentOf);
    this.reconciliation = reconciliation.map((one) => new LoyaltyReconciliation(one));
  }
}

function developmentOf({ wallet, factors }: WalletFactors): LoyaltyDevelopment[] {
  return factors.map((factor) => new LoyaltyDevelopment(wallet, factor));
}
