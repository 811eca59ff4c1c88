import { type Decimal, multiply } from '../touchpoints/import-decimal.ts';

const pattern = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i;

/** Decimal text, or what JavaScript prints of a number (`1e+21`, `1.5e-7`): exactly what JSON says, and PostgreSQL reads. */
export function readDecimal(text: string): Decimal {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = pattern.exec(text) ?? [];
  if (whole === '') throw new TypeError(`no decimal number: ${text}`);
  const digits = BigInt(sign + whole + fraction);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

export function timesCount(number: Decimal, count: number): Decimal {
  return multiply(number, { digits: BigInt(count), scale: 0 });
}

/** Divided by a count, half away from zero, with so many decimal places: for people to read. */
export function dividedBy({ digits, scale }: Decimal, count: number, places: number): Decimal {
  const magnitude = (digits < 0n ? -digits : digits) * 10n ** BigInt(places);
  const divisor = BigInt(count) * 10n ** BigInt(scale);
  const rounded = (2n * magnitude + divisor) / (2n * divisor);
  return { digits: digits < 0n ? -rounded : rounded, scale: places };
}
