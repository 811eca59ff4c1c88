/** An exact amount: minor units (cents) of an ISO 4217 currency. */
export interface Amount {
  readonly minor: bigint;
  readonly currency: string;
}

/**
 * ISO 4217's minor units, where they aren't two. Not taken from `Intl`: it answers what is usual in shops (HUF 0, IQD 0),
 * which changes with its version, and stored amounts would change with it.
 */
const minorUnits: readonly (readonly [exponent: number, currencies: string])[] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
];
export const unusualExponents: ReadonlyMap<string, number> = new Map(
  minorUnits.flatMap(([exponent, currencies]) =>
    currencies.split(' ').map((currency) => [currency, exponent] as const),
  ),
);
const isoCurrencies = new Set([...Intl.supportedValuesOf('currency'), ...unusualExponents.keys()]);

/** Decimal places of an ISO 4217 currency (EUR 2, JPY 0, KWD 3); `undefined` when there is no such currency. */
export function currencyExponent(currency: string): number | undefined {
  return isoCurrencies.has(currency) ? (unusualExponents.get(currency) ?? 2) : undefined;
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
