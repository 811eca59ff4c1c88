import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Beliefs } from '../../../src/identity/matching/beliefs.ts';
import type { BoundComparison } from '../../../src/identity/matching/comparator.ts';
import { balancePriors, learnPass } from '../../../src/identity/matching/expectation-maximisation.ts';
import { countFrequencies, rarityBits } from '../../../src/identity/matching/frequencies.ts';
import { buildMatchTable } from '../../../src/identity/matching/match-table.ts';
import { PatternCounter } from '../../../src/identity/matching/patterns.ts';
import { sampleRandomPairs } from '../../../src/identity/matching/random-pairs.ts';
import { SeededRandom } from '../../../src/identity/matching/seeded-random.ts';

const m = [
  [0.9, 0.07, 0.03],
  [0.75, 0.05, 0.2],
  [0.6, 0.4],
  [0.85, 0.15],
];
const u = [
  [0.01, 0.02, 0.97],
  [0.002, 0.01, 0.988],
  [0.1, 0.9],
  [0.03, 0.97],
];
const all = [0, 1, 2, 3];

/** Pairs that agree as often as the probabilities say; one value in ten is unknown. */
function simulate(pairs: number, lambda: number, seed: number) {
  const random = new SeededRandom(seed);
  const draw = (shares: readonly number[]) => {
    if (random.below(10) === 0) return -1;
    let rest = random.below(1_000_000) / 1_000_000;
    const level = shares.findIndex((share) => {
      rest -= share;
      return rest < 0;
    });
    return level < 0 ? shares.length - 1 : level;
  };
  const counter = new PatternCounter(m.map((_, at) => ({ level: (a) => draw(a === 1 ? m[at]! : u[at]!) })));
  for (let pair = 0; pair < pairs; pair++) counter.add(random.below(1_000_000) < lambda * 1_000_000 ? 1 : 0, 0);
  return counter.patterns();
}

/** Far from the truth, except for u, which random pairs show. */
const start: Beliefs = {
  lambda: 0.3,
  household: 1e-6,
  m: m.map((levels) => levels.map((_, level) => (level === 0 ? 0.5 : 0.5 / (levels.length - 1)))),
  u,
  h: u,
};

describe('expectation and maximisation', () => {
  it('recovers m and λ of simulated pairs', () => {
    const patterns = simulate(200_000, 0.1, 7);
    const result = learnPass(patterns, start, start.m, all);
    expect(result.converged).toBe(true);
    expect(result.expectedMatches / 200_000).toBeCloseTo(0.1, 2);
    for (const [comparison, levels] of m.entries()) {
      for (const [level, share] of levels.entries()) {
        expect(Math.abs(result.m[comparison]![level]! - share), `m of ${comparison}/${level}`).toBeLessThan(0.015);
      }
    }
  });

  it('leaves alone what the pass can not learn', () => {
    const result = learnPass(simulate(20_000, 0.1, 7), start, start.m, [1, 2, 3]);
    expect(result.m[0]).toEqual(start.m[0]);
  });

  it('stays near what was believed before where there is little to learn from', () => {
    const result = learnPass(simulate(5, 0.5, 3), start, m, all);
    for (const [comparison, levels] of m.entries()) {
      for (const [level, share] of levels.entries()) {
        expect(Math.abs(result.m[comparison]![level]! - share)).toBeLessThan(0.35);
      }
    }
  });

  it('finds the λ of all pairs from candidates that hold all matches', () => {
    const candidates = simulate(100_000, 0.05, 11);
    const balanced = balancePriors(candidates, { ...start, m }, 200_000);
    // 5,000 matches among 200,000 pairs.
    expect(balanced.lambda).toBeGreaterThan(0.0235);
    expect(balanced.lambda).toBeLessThan(0.0265);
  });
});

describe('random pairs', () => {
  /** Level 0 for one pair of rows in a hundred. */
  const bound: BoundComparison[] = [{ level: (a, b) => (a % 10 === 0 && b % 10 === 0 ? 0 : 1) }];

  it('of a small table are all pairs, once each', () => {
    const patterns = sampleRandomPairs(100, bound, { pairs: 10_000, seed: 1 });
    expect([...patterns.weights].reduce((sum, weight) => sum + weight)).toBe((100 * 99) / 2);
    expect(patterns.weights[0]).toBe((10 * 9) / 2);
  });

  it('of a large one show u as all pairs would', () => {
    const patterns = sampleRandomPairs(100_000, bound, { pairs: 200_000, seed: 5 });
    expect(patterns.weights[0]! / 200_000).toBeCloseTo(0.01, 3);
  });

  it('are the same for the same seed', () => {
    const draw = (seed: number) => [...sampleRandomPairs(5_000, bound, { pairs: 1_000, seed }).weights];
    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
  });
});

describe('patterns', () => {
  it('give back the levels that were counted', () => {
    const levels = fc.array(fc.integer({ min: -1, max: 7 }), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(fc.array(levels, { minLength: 1, maxLength: 20 }), (pairs) => {
        const counter = new PatternCounter(
          Array.from({ length: 16 }, (_, at) => ({ level: (pair: number) => pairs[pair]![at]! })),
        );
        for (const pair of pairs.keys()) counter.add(pair, 0);
        const patterns = counter.patterns();
        const counted = Array.from({ length: patterns.count }, (_, at) =>
          Array(patterns.weights[at]).fill(patterns.levels.slice(at * 16, (at + 1) * 16).join()),
        ).flat();
        expect(counted.sort()).toEqual(pairs.map((pair) => pair.join()).sort());
      }),
    );
  });
});

describe('term frequencies', () => {
  const names = [...Array(60).fill('smith'), ...Array(38).fill('jones'), 'quist', 'rare', null];
  const table = buildMatchTable(
    [{ name: 'surname', kind: 'familyName' }],
    names.map((name, at) => ({ id: String(at).padStart(3, '0'), values: [name] })),
  );
  const [column] = table.columns;

  it('are shares of the known values, and the chance that two agree', () => {
    const { shares, rest, collision } = countFrequencies(column!);
    expect(shares).toEqual({ smith: 0.6, jones: 0.38 });
    expect(rest).toBeCloseTo(0.01);
    expect(collision).toBeCloseTo((60 * 59 + 38 * 37) / (100 * 99));
  });

  it('make an agreed value worth log2(average / its share) more', () => {
    const frequencies = countFrequencies(column!);
    const bits = rarityBits(column!, frequencies);
    const bitsOf = (name: string) => bits[column!.codes[names.indexOf(name)]!]!;
    expect(bitsOf('smith')).toBeCloseTo(Math.log2(frequencies.collision / 0.6), 5);
    expect(bitsOf('jones')).toBeCloseTo(Math.log2(frequencies.collision / 0.38), 5);
    expect(bitsOf('quist')).toBeCloseTo(Math.log2(frequencies.collision / 0.01), 5);
  });
});
