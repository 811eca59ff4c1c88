/** An exact decimal number: `digits × 10^-scale`. Binary fractions would make 2.55 × 6 something else than 15.30. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

export const zero: Decimal = { digits: 0n, scale: 0 };

/** Which character separates the fraction: `1,234.50` or `1.234,50`. */
export type DecimalMark = '.' | ',';

// Grouping marks count only where they really group by three, so that "1,5" is never read as fifteen.
const patterns: Record<DecimalMark, RegExp> = {
  '.': /^([+-]?)(\d{1,18}|\d{1,3}(?:[,'’\s]\d{3}){1,5})(?:\.(\d{1,9}))?$/,
  ',': /^([+-]?)(\d{1,18}|\d{1,3}(?:[.'’\s]\d{3}){1,5})(?:,(\d{1,9}))?$/,
};

/** Text → exact number; `undefined` for anything that is no plain decimal number. */
export function parseDecimal(text: string, mark: DecimalMark = '.'): Decimal | undefined {
  const match = patterns[mark].exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = ''] = match;
  const digits = BigInt(whole.replace(/\D/g, '') + fraction);
  return { digits: sign === '-' ? -digits : digits, scale: fraction.length };
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { digits: atScale(a, scale) + atScale(b, scale), scale };
}

export function negate(a: Decimal): Decimal {
  return { digits: -a.digits, scale: a.scale };
}

/** Negative, zero or positive, like a sort callback. */
export function compare(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const difference = atScale(a, scale) - atScale(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Rounds to `places`, halves away from zero, as invoices do. */
export function round(a: Decimal, places: number): Decimal {
  if (a.scale <= places) return a;
  const unit = 10n ** BigInt(a.scale - places);
  const half = a.digits < 0n ? -unit / 2n : unit / 2n;
  return { digits: (a.digits + half) / unit, scale: places };
}

/** Plain text without useless zeros: "6.0" → "6", "2.550" → "2.55". */
export function toText(a: Decimal): string {
  const digits = (a.digits < 0n ? -a.digits : a.digits).toString().padStart(a.scale + 1, '0');
  const whole = digits.slice(0, digits.length - a.scale);
  const fraction = digits.slice(digits.length - a.scale).replace(/0+$/, '');
  return `${a.digits < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

function atScale(a: Decimal, scale: number): bigint {
  return a.scale === scale ? a.digits : a.digits * 10n ** BigInt(scale - a.scale);
}
