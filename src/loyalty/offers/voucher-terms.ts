import { currencyExponent, toMinor } from '../../kernel/money.ts';
import type { VoucherWorth } from '../rewards/voucher.ts';
import type { MoneyText } from './offer.ts';
import type { ValueTerms } from './offer-terms.ts';

/** What became of a code. */
export const voucherOutcomes = [
  'APPLIED',
  'UNKNOWN',
  'CANCELLED',
  'USED_UP',
  'NOT_YET_VALID',
  'EXPIRED',
  'OTHER_CUSTOMER',
  'OTHER_CURRENCY',
  'NOT_FOR_BASKETS',
  'REPEATED',
  'NOTHING_TO_TAKE_OFF',
] as const;
export type VoucherOutcome = (typeof voucherOutcomes)[number];

/** A voucher as it is stored, with whose it is now. */
export interface VoucherView {
  readonly id: string;
  readonly code: string;
  /** Null: whoever's shows it. */
  readonly customerId: string | null;
  readonly bound: boolean;
  readonly worth: VoucherWorth;
  readonly status: string;
  readonly usesAllowed: number;
  readonly used: number;
  readonly validFrom: Date | null;
  readonly validTo: Date | null;
}

export interface VoucherTerms {
  /** As the caller gave it. */
  readonly code: string;
  readonly outcome: VoucherOutcome;
  readonly value: ValueTerms | null;
}

interface Asked {
  readonly at: Date;
  readonly currency: string;
  readonly customerId: string | null;
}

/** As it is looked up: in capitals, without blanks. */
export function voucherCode(given: string): string {
  return given.normalize('NFKC').replace(/\s/g, '').toUpperCase();
}

/** What each of these codes is, in their order: a code counts as often as it can be used. */
export function judgeVouchers(
  codes: readonly string[],
  found: ReadonlyMap<string, VoucherView>,
  asked: Asked,
): VoucherTerms[] {
  const shown = new Map<string, number>();
  return codes.map((given) => {
    const code = voucherCode(given);
    const before = shown.get(code) ?? 0;
    shown.set(code, before + 1);
    return judgeVoucher(given, found.get(code), { ...asked, before });
  });
}

function judgeVoucher(
  code: string,
  voucher: VoucherView | undefined,
  asked: Asked & { readonly before: number },
): VoucherTerms {
  const objection = voucher ? objectionTo(voucher, asked) : 'UNKNOWN';
  if (objection) return { code, outcome: objection, value: null };
  const value = readWorth(voucher!.worth, asked.currency);
  return typeof value === 'string' ? { code, outcome: value, value: null } : { code, outcome: 'APPLIED', value };
}

function objectionTo(voucher: VoucherView, { at, customerId, before }: Asked & { readonly before: number }) {
  const { status, used, usesAllowed, validFrom, validTo, bound } = voucher;
  if (status === 'CANCELLED') return 'CANCELLED';
  if (bound && voucher.customerId !== customerId) return 'OTHER_CUSTOMER';
  if (status === 'USED_UP' || used >= usesAllowed) return 'USED_UP';
  if (used + before >= usesAllowed) return 'REPEATED';
  if (validFrom !== null && at < validFrom) return 'NOT_YET_VALID';
  return validTo !== null && at >= validTo ? 'EXPIRED' : null;
}

function readWorth(worth: VoucherWorth, currency: string): ValueTerms | 'OTHER_CURRENCY' | 'NOT_FOR_BASKETS' {
  if ('fixed' in worth) {
    const amount = amountIn(worth.fixed.amount, currency);
    return amount === null ? 'OTHER_CURRENCY' : { kind: 'fixed', amount, of: null };
  }
  if ('percent' in worth) {
    const { percent, maximum } = worth.percent;
    const most = maximum && amountIn(maximum, currency);
    if (maximum && most === null) return 'OTHER_CURRENCY';
    return { kind: 'percent', ppm: toMinor(percent, 4) ?? 0n, maximum: most, of: null };
  }
  if ('product' in worth) return { kind: 'product', ...worth.product, price: 0n };
  return 'NOT_FOR_BASKETS';
}

function amountIn(money: MoneyText, currency: string): bigint | null {
  return money.currency === currency ? (toMinor(money.amount, currencyExponent(currency) ?? 2) ?? null) : null;
}
