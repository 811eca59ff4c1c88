/** Exact fractions, written down again: the oracle shares no arithmetic with what it judges. */
export interface Ratio {
  readonly n: bigint;
  readonly d: bigint;
}

export const zero: Ratio = { n: 0n, d: 1n };
export const one: Ratio = { n: 1n, d: 1n };

export function ratio(text: string | number): Ratio {
  const [whole, places = ''] = (typeof text === 'number' ? text.toFixed(8) : text).split('.');
  return { n: BigInt(whole + places), d: 10n ** BigInt(places.length) };
}

export function whole(n: bigint): Ratio {
  return { n, d: 1n };
}

export function plus(a: Ratio, b: Ratio): Ratio {
  return { n: a.n * b.d + b.n * a.d, d: a.d * b.d };
}

export function minus(a: Ratio, b: Ratio): Ratio {
  return plus(a, { n: -b.n, d: b.d });
}

export function times(a: Ratio, b: Ratio): Ratio {
  return { n: a.n * b.n, d: a.d * b.d };
}

export function over(a: Ratio, b: Ratio): Ratio {
  return b.n < 0n ? { n: -a.n * b.d, d: a.d * -b.n } : { n: a.n * b.d, d: a.d * b.n };
}

export function compare(a: Ratio, b: Ratio): number {
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The greatest whole number that is not above it, counted up from nothing where that is near. */
export function floor({ n, d }: Ratio): bigint {
  return n >= 0n ? n / d : -((-n + d - 1n) / d);
}

export function roundNaively(value: Ratio, how: 'DOWN' | 'HALF_UP' | 'UP'): bigint {
  const below = floor(value);
  const rest = minus(value, whole(below));
  if (how === 'DOWN' || rest.n === 0n) return below;
  if (how === 'UP') return below + 1n;
  return compare(rest, { n: 1n, d: 2n }) >= 0 ? below + 1n : below;
}

/** Whole pieces by weights: everybody gets what is theirs for sure, then one each to who misses most. */
export function shareNaively(total: bigint, weights: readonly Ratio[]): bigint[] {
  const sum = weights.reduce(plus, zero);
  if (sum.n === 0n) return weights.map((_, index) => (index === 0 ? total : 0n));
  const due = weights.map((weight) => over(times(whole(total), weight), sum));
  const given = due.map(floor);
  let open = total - given.reduce((all, one) => all + one, 0n);
  while (open > 0n) {
    let neediest = 0;
    for (const index of due.keys()) {
      const [missing, most] = [index, neediest].map((at) => minus(due[at]!, whole(given[at]!)));
      if (compare(missing!, most!) > 0) neediest = index;
    }
    given[neediest]! += 1n;
    open -= 1n;
  }
  return given;
}
