/** An exact amount: minor units (cents) of an ISO 4217 currency. */
export interface Amount {
  readonly minor: bigint;
  readonly currency: string;
}

const exponents = new Map<string, number | undefined>();
const isoCurrencies = new Set(Intl.supportedValuesOf('currency'));

/** Decimal places of an ISO 4217 currency (EUR 2, JPY 0, KWD 3); `undefined` when there is no such currency. */
export function currencyExponent(currency: string): number | undefined {
  if (!exponents.has(currency)) exponents.set(currency, lookUpExponent(currency));
  return exponents.get(currency);
}

function lookUpExponent(currency: string): number | undefined {
  if (!isoCurrencies.has(currency)) return undefined;
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;
}

const decimalPattern = /^(-?)(\d{1,16})(?:\.(\d{1,8}))?$/;

/**
 * Decimal text → minor units, exactly. `undefined` when the text is no plain decimal or has more decimal places than
 * the currency (trailing zeros are fine). Never rounds.
 */
export function toMinor(decimal: string, exponent: number): bigint | undefined {
  const match = decimalPattern.exec(decimal);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = ''] = match;
  const kept = fraction.slice(0, exponent).padEnd(exponent, '0');
  if (/[1-9]/.test(fraction.slice(exponent))) return undefined;
  const minor = BigInt(whole + kept);
  return sign ? -minor : minor;
}

/** Minor units → decimal text with all places of the currency: (1250n, 2) → "12.50". */
export function toDecimal(minor: bigint, exponent: number): string {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, '0');
  const split = digits.length - exponent;
  const text = exponent === 0 ? digits : `${digits.slice(0, split)}.${digits.slice(split)}`;
  return minor < 0n ? `-${text}` : text;
}
