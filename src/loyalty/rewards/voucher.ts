import { hash } from 'node:crypto';
import { badInput } from '../../kernel/errors.ts';
import { currencyExponent, toMinor } from '../../kernel/money.ts';
import { refused } from '../redeeming/refusals.ts';

interface MoneyText {
  readonly amount: string;
  readonly currency: string;
}

/** What a voucher is worth, as it is stored: exactly one of these. Checkout reads all but points. */
export type VoucherWorth =
  | { readonly percent: { readonly percent: string; readonly maximum: MoneyText | null } }
  | { readonly fixed: { readonly amount: MoneyText } }
  | { readonly product: { readonly sku: string; readonly quantity: number } }
  | { readonly points: { readonly wallet: string; readonly points: number } };

export type GivenWorth = {
  readonly percent?: { readonly percent: string; readonly maximum?: MoneyText | null } | null;
  readonly amount?: MoneyText | null;
  readonly product?: { readonly sku: string; readonly quantity: number } | null;
  readonly points?: { readonly wallet: string; readonly points: bigint } | null;
};

export const voucherStatuses = ['ACTIVE', 'USED_UP', 'CANCELLED'] as const;
export type VoucherStatus = (typeof voucherStatuses)[number];

/** What a reward's voucher is worth, and how long. */
export interface VoucherTerms {
  readonly worth: VoucherWorth;
  /** Days from its issue to its end; null: none. */
  readonly validDays: number | null;
  readonly uses: number;
}

export interface Voucher {
  readonly id: string;
  readonly programId: string;
  readonly code: string;
  readonly pool: string | null;
  readonly recordId: string | null;
  readonly worth: VoucherWorth;
  readonly status: VoucherStatus;
  readonly usesAllowed: number;
  readonly used: number;
  readonly validFrom: Date | null;
  readonly validTo: Date | null;
  readonly decisionId: string | null;
  readonly createdAt: Date;
}

/** Without I, L, O and U: no code is misread, and few are words. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const codeLength = 13;
const mostUses = 1_000_000;

/**
 * 65 bits that nobody can guess who does not know the database's secret. Of the voucher's id, so that a repeated request
 * gives the same codes; `attempt` makes another one where a code is taken.
 */
export function voucherCode(secret: string, voucherId: string, attempt = 0): string {
  const bits = BigInt(`0x${hash('sha256', `${secret}\nvoucher\n${voucherId}\n${attempt}`, 'hex')}`);
  let code = '';
  for (let place = 0; place < codeLength; place += 1) code += alphabet[Number((bits >> BigInt(5 * place)) & 31n)];
  return code;
}

/** As codes are looked up: in capitals, without blanks. */
export function normaliseCode(given: string, field: string): string {
  const code = given.normalize('NFKC').replace(/\s/g, '').toUpperCase();
  if (code.length >= 3 && code.length <= 64 && !/\p{Cc}/u.test(code)) return code;
  throw badInput(`Expected a code of 3 to 64 characters, got ${JSON.stringify(given.slice(0, 80))}.`, field);
}

export function checkWorth(given: GivenWorth, field: string): VoucherWorth {
  const members = Object.entries(given).filter(([, member]) => member != null);
  if (members.length !== 1) {
    throw badInput('Expected exactly one of percent, amount, product and points.', field);
  }
  const { percent, amount, product, points } = given;
  if (percent != null) return { percent: checkPercent(percent, `${field}.percent`) };
  if (amount != null) return { fixed: { amount: checkAmount(amount, `${field}.amount`) } };
  if (product != null) return { product: checkProduct(product, `${field}.product`) };
  const { wallet, points: count } = points!;
  if (count < 1n) throw badInput(`Expected at least 1 point, got ${count}.`, `${field}.points.points`);
  return { points: { wallet, points: Number(count) } };
}

export function checkUses(uses: number | null | undefined, field: string): number {
  const allowed = uses ?? 1;
  if (Number.isInteger(allowed) && allowed >= 1 && allowed <= mostUses) return allowed;
  throw badInput(`Expected 1 to ${mostUses} uses, got ${uses}.`, field);
}

export function checkPeriod(
  { validFrom = null, validTo = null }: { validFrom?: Date | null; validTo?: Date | null },
  field: string,
): { validFrom: Date | null; validTo: Date | null } {
  if (validFrom === null || validTo === null || validFrom < validTo) return { validFrom, validTo };
  throw badInput('Expected `validFrom` before `validTo`.', `${field}.validTo`);
}

/** Throws why it can't be used at this instant. Uses are counted where they are written. */
export function checkUsable(voucher: Voucher, at: Date): void {
  const { code, status, validFrom, validTo, used, usesAllowed } = voucher;
  if (status === 'CANCELLED') throw refused('VOUCHER_CANCELLED', `The voucher ${code} was cancelled.`);
  if (validFrom !== null && at < validFrom) {
    throw refused('VOUCHER_NOT_YET_VALID', `The voucher ${code} is valid from ${validFrom.toISOString()} on.`, {
      validFrom: validFrom.toISOString(),
    });
  }
  if (validTo !== null && at >= validTo) {
    throw refused('VOUCHER_EXPIRED', `The voucher ${code} expired at ${validTo.toISOString()}.`, {
      validTo: validTo.toISOString(),
    });
  }
  if (used >= usesAllowed) throw usedUp(voucher);
}

export function usedUp({ code, usesAllowed }: Pick<Voucher, 'code' | 'usesAllowed'>) {
  const times = usesAllowed === 1 ? 'once' : `${usesAllowed} times`;
  return refused('VOUCHER_USED_UP', `The voucher ${code} could be used ${times}, and has been.`, { usesAllowed });
}

function checkPercent({ percent, maximum }: NonNullable<GivenWorth['percent']>, field: string) {
  const isShare = /^\d{1,3}(\.\d{1,4})?$/.test(percent) && Number(percent) > 0 && Number(percent) <= 100;
  if (isShare) return { percent, maximum: maximum == null ? null : checkAmount(maximum, `${field}.maximum`) };
  throw badInput(`Expected a percentage above 0 and up to 100, got ${percent}.`, `${field}.percent`);
}

function checkAmount({ amount, currency }: MoneyText, field: string): MoneyText {
  const exponent = currencyExponent(currency);
  const minor = exponent === undefined ? undefined : toMinor(amount, exponent);
  if (minor !== undefined && minor > 0n) return { amount, currency };
  throw badInput(`Expected an amount above 0 in whole minor units, got ${amount} ${currency}.`, `${field}.amount`);
}

function checkProduct({ sku, quantity }: { sku: string; quantity: number }, field: string) {
  const tidy = sku.trim();
  if (tidy === '' || tidy.length > 200) throw badInput('Expected a SKU of 1 to 200 characters.', `${field}.sku`);
  if (Number.isInteger(quantity) && quantity >= 1 && quantity <= 1000) return { sku: tidy, quantity };
  throw badInput(`Expected 1 to 1000 pieces, got ${quantity}.`, `${field}.quantity`);
}
