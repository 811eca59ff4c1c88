/** Digits in all, and behind the point, of a `decimal128` column: no amount and no quotient of the catalogue has more places. */
export const decimalPrecision = 38;
export const decimalScale = 10;

const pattern = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const limit = 10n ** BigInt(decimalPrecision);

/**
 * Decimal text as Arrow's decimal128: 128 bits of two's complement, lowest word first, in units of 10^-10. More places than
 * that are rounded half away from zero, as PostgreSQL rounds. Throws for what has no room.
 */
export function decimalWords(text: string): Uint32Array {
  const scaled = toScaled(text);
  if (scaled === undefined || scaled >= limit || scaled <= -limit) {
    throw new RangeError(`No decimal128(${decimalPrecision}, ${decimalScale}): a value has too many digits.`);
  }
  const bits = BigInt.asUintN(128, scaled);
  return Uint32Array.from([0n, 32n, 64n, 96n], (shift) => Number((bits >> shift) & 0xffff_ffffn));
}

function toScaled(text: string): bigint | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const places = decimalScale + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  const size = places >= 0 ? digits * 10n ** BigInt(places) : rounded(digits, 10n ** BigInt(-places));
  return sign ? -size : size;
}

function rounded(digits: bigint, unit: bigint): bigint {
  return (digits + unit / 2n) / unit;
}
