import { Field, ID, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { currencyExponent, toMinor } from '../../kernel/money.ts';
import { Money } from '../../kernel/money.type.ts';
import { Node } from '../../kernel/node.type.ts';
import { connectionType } from '../../kernel/paging.type.ts';
import { Decimal } from '../../kernel/scalars.ts';
import { Points } from '../points.type.ts';
import { type RedeemedVoucher, usePrefix } from './redeem-voucher.service.ts';
import { LoyaltyVoucherStatus, LoyaltyVoucherUseStatus } from './voucher.enum.ts';
import type { VoucherPool } from './voucher.service.ts';
import type { Voucher, VoucherStatus, VoucherWorth as Worth } from './voucher.ts';
import type { VoucherUse } from './vouchers.queries.ts';

@ObjectType({
  simpleResolvers: true,
  description: 'What a voucher is worth: exactly one of percent, amount, sku and points.',
})
export class VoucherWorth {
  @Field(() => Decimal, { nullable: true, description: 'A share of the price in percent.' })
  readonly percent: string | null = null;

  @Field(() => Money, { nullable: true, description: 'Of `percent`: at the most so much.' })
  readonly maximum: Money | null = null;

  @Field(() => Money, { nullable: true, description: 'An amount off the price.' })
  readonly amount: Money | null = null;

  @Field(() => String, { nullable: true, description: 'A product for nothing: its stock-keeping unit.' })
  readonly sku: string | null = null;

  @Field(() => Int, { nullable: true, description: 'How many of the product.' })
  readonly quantity: number | null = null;

  @Field(() => Points, { nullable: true, description: 'Points that the member gets.' })
  readonly points: bigint | null = null;

  @Field(() => String, { nullable: true, description: 'Key of the wallet of the points.' })
  readonly wallet: string | null = null;

  constructor(worth: Worth) {
    if ('percent' in worth) {
      this.percent = worth.percent.percent;
      this.maximum = worth.percent.maximum && toMoney(worth.percent.maximum);
    } else if ('fixed' in worth) {
      this.amount = toMoney(worth.fixed.amount);
    } else if ('product' in worth) {
      this.sku = worth.product.sku;
      this.quantity = worth.product.quantity;
    } else {
      this.points = BigInt(worth.points.points);
      this.wallet = worth.points.wallet;
    }
  }
}

@ObjectType({ implements: Node, simpleResolvers: true, description: 'A code that is worth something at a till.' })
export class LoyaltyVoucher implements Node {
  @Field(() => ID, { description: '`vch_…`' })
  readonly id: string;

  @Field(() => ID, { description: 'The programme, `prg_…`.' })
  readonly programId: string;

  @Field(() => String, { description: 'As it is looked up: in capitals, without blanks.' })
  readonly code: string;

  @Field(() => String, { nullable: true, description: 'The pool that it was issued in.' })
  readonly pool: string | null;

  @Field(() => ID, { nullable: true, description: 'The record whose it is, `rec_…`. Null: whoever shows it.' })
  readonly recordId: string | null;

  @Field(() => VoucherWorth, { description: 'What it is worth.' })
  readonly worth: VoucherWorth;

  @Field(() => LoyaltyVoucherStatus, { description: 'Whether it can still be used.' })
  readonly status: VoucherStatus;

  @Field(() => Int, { description: 'How often it can be used.' })
  readonly usesAllowed: number;

  @Field(() => Int, { description: 'How often it has been used.' })
  readonly used: number;

  @Field(() => Date, { nullable: true, description: 'The first instant at which it is valid.' })
  readonly validFrom: Date | null;

  @Field(() => Date, { nullable: true, description: 'The first instant at which it is not valid any more.' })
  readonly validTo: Date | null;

  @Field(() => ID, { nullable: true, description: 'The decision that issued it: a reward, `ldc_…`.' })
  readonly decisionId: string | null;

  @Field(() => Date, { description: 'When it was issued.' })
  readonly createdAt: Date;

  constructor(voucher: Voucher) {
    const { recordId, decisionId } = voucher;
    this.id = toPublicId('vch', voucher.id);
    this.programId = toPublicId('prg', voucher.programId);
    this.code = voucher.code;
    this.pool = voucher.pool;
    this.recordId = recordId === null ? null : toPublicId('rec', recordId);
    this.worth = new VoucherWorth(voucher.worth);
    this.status = voucher.status;
    this.usesAllowed = voucher.usesAllowed;
    this.used = voucher.used;
    this.validFrom = voucher.validFrom;
    this.validTo = voucher.validTo;
    this.decisionId = decisionId === null ? null : toPublicId('ldc', decisionId);
    this.createdAt = voucher.createdAt;
  }
}

@ObjectType({ description: 'A page of vouchers.' })
export class LoyaltyVoucherConnection extends connectionType(LoyaltyVoucher, 'LoyaltyVoucher') {}

@ObjectType({ simpleResolvers: true, description: 'One use of a voucher.' })
export class LoyaltyVoucherUse {
  @Field(() => ID, { description: '`vus_…`: with it the use can be taken back.' })
  readonly id: string;

  @Field(() => Date, { description: 'When it was used: of a till that was offline, before it was recorded.' })
  readonly at: Date;

  @Field(() => Date, { description: 'When it was recorded.' })
  readonly recordedAt: Date;

  @Field(() => LoyaltyVoucherUseStatus, { description: 'Whether it counts.' })
  readonly status: VoucherUse['status'];

  @Field(() => ID, {
    nullable: true,
    description: 'The record of who showed it, `rec_…`; null where nobody was named.',
  })
  readonly recordId: string | null;

  constructor({ id, at, recordedAt, status, recordId }: VoucherUse) {
    this.id = toPublicId(usePrefix, id);
    this.at = at;
    this.recordedAt = recordedAt;
    this.status = status;
    this.recordId = recordId === null ? null : toPublicId('rec', recordId);
  }
}

@ObjectType({ simpleResolvers: true, description: 'A voucher as it is now.' })
export class LoyaltyVoucherPayload {
  @Field(() => LoyaltyVoucher, { description: 'The voucher.' })
  readonly voucher: LoyaltyVoucher;

  constructor(voucher: Voucher) {
    this.voucher = new LoyaltyVoucher(voucher);
  }
}

@ObjectType({ simpleResolvers: true, description: 'A voucher and a use of it.' })
export class VoucherUsePayload {
  @Field(() => LoyaltyVoucher, { description: 'The voucher as it is now.' })
  readonly voucher: LoyaltyVoucher;

  @Field(() => LoyaltyVoucherUse, { description: 'The use.' })
  readonly use: LoyaltyVoucherUse;

  constructor({ voucher, use }: RedeemedVoucher) {
    this.voucher = new LoyaltyVoucher(voucher);
    this.use = new LoyaltyVoucherUse(use);
  }
}

@ObjectType({ simpleResolvers: true, description: 'Vouchers that were issued together.' })
export class VoucherPoolPayload {
  @Field(() => ID, { description: 'The programme, `prg_…`.' })
  readonly programId: string;

  @Field(() => String, { description: 'What the pool is called.' })
  readonly pool: string;

  @Field(() => Int, { description: 'How many this call issued.' })
  readonly count: number;

  @Field(() => [String], { description: 'Their codes, in the order given. List the pool to see them again.' })
  readonly codes: readonly string[];

  constructor({ programId, pool, vouchers }: VoucherPool) {
    this.programId = toPublicId('prg', programId);
    this.pool = pool;
    this.count = vouchers.length;
    this.codes = vouchers.map(({ code }) => code);
  }
}

function toMoney({ amount, currency }: { amount: string; currency: string }): Money {
  return new Money(toMinor(amount, currencyExponent(currency) ?? 2) ?? 0n, currency);
}
