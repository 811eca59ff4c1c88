/**
 * The sum of numbers as decimal arithmetic gives it, rounded once at the end: 0.1 + 0.2 is 0.3, and the order of the
 * terms doesn't matter. Adding doubles one after the other would make a golden value depend on who came first.
 */
export function exactSum(numbers: readonly number[]): number {
  const decimals = numbers.map(toDecimal);
  const exponent = Math.min(0, ...decimals.map((decimal) => decimal.exponent));
  const digits = decimals.reduce((sum, term) => sum + term.digits * 10n ** BigInt(term.exponent - exponent), 0n);
  const sum = Number(`${digits}e${exponent}`);
  // JSON has no infinity.
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, sum));
}

/** `digits` × 10 ^ `exponent`: the shortest decimal that names this double, which is what its source wrote. */
function toDecimal(number: number): { digits: bigint; exponent: number } {
  const [mantissa = '0', exponent = '0'] = String(number).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}
