import type { BgNbd } from '../../../src/kpis/clv/bg-nbd.ts';
import type { GammaGamma, SpendGroup } from '../../../src/kpis/clv/gamma-gamma.ts';
import type { HistoryGroup } from '../../../src/kpis/clv/history.ts';
import type { ParetoNbd } from '../../../src/kpis/clv/pareto-nbd.ts';

/** Numbers in (0, 1), the same ones on every run: mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
}

type Random = () => number;

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

/** Gamma(shape, 1) by Marsaglia & Tsang 2000, a method that has nothing in common with a likelihood. */
function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * random() ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = normal(random);
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

function exponential(random: Random, rate: number): number {
  return -Math.log(random()) / rate;
}

/** Purchases at a rate until a time, each survived or not. */
function buy(random: Random, rate: number, end: { readonly age: number; leaves(): boolean; readonly dies: number }) {
  let [repeats, recency] = [0, 0];
  for (let t = exponential(random, rate); t < Math.min(end.age, end.dies); t += exponential(random, rate)) {
    [repeats, recency] = [repeats + 1, t];
    if (end.leaves()) break;
  }
  return { repeats, recency, age: end.age, customers: 1 };
}

/** Customers who began over 12 weeks and were watched until week 60. */
export function simulateBgNbd({ r, alpha, a, b }: BgNbd, customers: number, seed: number): HistoryGroup[] {
  const random = seededRandom(seed);
  return Array.from({ length: customers }, () => {
    const rate = gamma(random, r) / alpha;
    const [left, stayed] = [gamma(random, a), gamma(random, b)];
    const probability = left / (left + stayed);
    const age = 48 + 12 * random();
    return buy(random, rate, { age, leaves: () => random() < probability, dies: Number.POSITIVE_INFINITY });
  });
}

export function simulateParetoNbd({ r, alpha, s, beta }: ParetoNbd, customers: number, seed: number): HistoryGroup[] {
  const random = seededRandom(seed);
  return Array.from({ length: customers }, () => {
    const rate = gamma(random, r) / alpha;
    const dies = exponential(random, gamma(random, s) / beta);
    return buy(random, rate, { age: 48 + 12 * random(), leaves: () => false, dies });
  });
}

/** One to eight repeats each, whatever they spend. */
export function simulateSpends(model: GammaGamma, customers: number, seed: number): SpendGroup[] {
  const random = seededRandom(seed);
  return Array.from({ length: customers }, () => {
    const repeats = 1 + Math.floor(8 * random());
    const rate = gamma(random, model.q) / model.gamma;
    return { repeats, meanSpend: gamma(random, model.p * repeats) / rate / repeats, customers: 1 };
  });
}

/** ∫ f from a to b by Simpson's rule. */
export function integrate(f: (x: number) => number, [a, b]: readonly [number, number], steps = 2000): number {
  const h = (b - a) / steps;
  let sum = f(a) + f(b);
  for (let i = 1; i < steps; i += 1) sum += (i % 2 === 1 ? 4 : 2) * f(a + i * h);
  return (sum * h) / 3;
}
