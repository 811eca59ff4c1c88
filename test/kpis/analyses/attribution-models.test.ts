import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Attribution,
  type AttributionModel,
  attributionModels,
  type Conversion,
} from '../../../src/kpis/analyses/attribution/attribution.ts';
import { wholeCredit } from '../../../src/kpis/analyses/attribution/credit.ts';
import { ChannelChain, conversion, nothing, start } from '../../../src/kpis/analyses/attribution/markov.ts';
import {
  firstTouch,
  lastTouch,
  linear,
  type Path,
  position,
  type TouchModel,
  timeDecay,
} from '../../../src/kpis/analyses/attribution/touch-models.ts';

const pathOf = (length: number, ages: readonly number[] = Array.from({ length }, (_, i) => length - i)): Path => ({
  keys: Array.from({ length }, (_, index) => index),
  ages,
});

const percents = (model: TouchModel, path: Path) =>
  model(path).map((part) => Number(((100 * Number(part)) / Number(wholeCredit)).toFixed(1)));

describe('credit of a path', () => {
  test.each<[string, TouchModel, Path, number[]]>([
    ['the first has all', firstTouch, pathOf(3), [100, 0, 0]],
    ['the last has all', lastTouch, pathOf(3), [0, 0, 100]],
    ['each has as much', linear, pathOf(4), [25, 25, 25, 25]],
    ['one has all', position, pathOf(1), [100]],
    ['two share equally', position, pathOf(2), [50, 50]],
    ['40, 20 and 40', position, pathOf(3), [40, 20, 40]],
    ['those between share 20', position, pathOf(6), [40, 5, 5, 5, 5, 40]],
    ['half for every 7 days', timeDecay(7), pathOf(4, [28, 14, 7, 0]), [3.4, 13.8, 27.6, 55.2]],
    ['however old they are', timeDecay(7), pathOf(2, [20_007, 20_000]), [33.3, 66.7]],
    ['by another half-life', timeDecay(1), pathOf(2, [2, 0]), [20, 80]],
  ])('%s', (_name, model, path, expected) => {
    expect(percents(model, path)).toEqual(expected);
  });

  test.each(Array.from({ length: 40 }, (_, index) => index + 1))('of %i touchpoints adds up to the whole', (length) => {
    for (const model of [firstTouch, lastTouch, linear, position, timeDecay(7)])
      expect(model(pathOf(length)).reduce((sum, part) => sum + part, 0n)).toBe(wholeCredit);
  });

  test('of up to 30 touchpoints is equal to the last place', () => {
    for (let length = 1; length <= 30; length += 1)
      expect(new Set(linear(pathOf(length)))).toEqual(new Set([wholeCredit / BigInt(length)]));
  });
});

const channels = 6;
const path = fc.array(fc.nat(channels - 1), { minLength: 1, maxLength: 8 });

const conversions = fc.array(
  fc.record({
    keys: fc.oneof({ weight: 8, arbitrary: path }, { weight: 1, arbitrary: fc.constant([]) }),
    ages: fc.array(fc.double({ min: 0, max: 90, noNaN: true }), { minLength: 8, maxLength: 8 }),
    currency: fc.constantFrom('EUR', 'JPY'),
    valueMinor: fc.bigInt(0n, 1_000_000n),
  }),
  { maxLength: 40 },
);

function attribute(all: readonly Conversion[], models: readonly AttributionModel[] = attributionModels): Attribution {
  const attribution = new Attribution({ models, halfLifeDays: 7 });
  for (const one of all) attribution.add({ ...one, ages: one.ages.slice(0, one.keys.length) });
  return attribution;
}

const keys = Array.from({ length: channels }, (_, key) => key);
const sumOf = (values: readonly bigint[]) => values.reduce((sum, value) => sum + value, 0n);

test('credits add up to the conversions and the revenue, to the last place and cent, by every model', () => {
  fc.assert(
    fc.property(conversions, fc.array(path, { maxLength: 20 }), (all, lost) => {
      const attribution = attribute(all);
      for (const one of lost) attribution.chain.addPath(one, nothing);
      const shared = all.filter((one) => one.keys.length > 0);
      expect(attribution.attributed.conversions).toBe(shared.length);
      expect(attribution.attributed.conversions + attribution.direct.conversions).toBe(all.length);
      for (const { credits } of attribution.credits(keys)) {
        expect(sumOf(credits.map((credit) => credit.conversions))).toBe(BigInt(shared.length) * 1_000_000n);
        for (const currency of new Set(shared.map((one) => one.currency))) {
          const whole = sumOf(shared.filter((one) => one.currency === currency).map((one) => one.valueMinor));
          expect(sumOf(credits.map(({ revenue }) => revenue.get(currency) ?? 0n))).toBe(whole);
        }
        for (const credit of credits) {
          expect(credit.conversions).toBeGreaterThanOrEqual(0n);
          for (const minor of credit.revenue.values()) expect(minor).toBeGreaterThanOrEqual(0n);
        }
      }
    }),
    { numRuns: 150 },
  );
});

const told = (attribution: Attribution, model: AttributionModel) =>
  attribution
    .credits(keys)
    .find((one) => one.model === model)!
    .credits.map((credit) => Number(credit.conversions) / 1e6);

const converting = (...all: readonly (readonly number[])[]): Conversion[] =>
  all.map((one) => ({ keys: one, ages: one.map(() => 0), currency: 'EUR', valueMinor: 100n }));

describe('Markov', () => {
  test('C1>C2>C3 converts, C1 and C2>C3 do not: 0.2, 0.4 and 0.4', () => {
    const attribution = attribute(converting([0, 1, 2]));
    attribution.chain.addPath([0], nothing);
    attribution.chain.addPath([1, 2], nothing);
    expect(told(attribution, 'MARKOV').slice(0, 3)).toEqual([0.2, 0.4, 0.4]);
    expect(attribution.chain.removalEffects([0, 1, 2])).toEqual([0.5, 1, 1].map((one) => expect.closeTo(one, 12)));
  });

  test('what leads to nothing only gets nothing', () => {
    const attribution = attribute(converting([0], [0, 1]));
    attribution.chain.addPath([2, 3], nothing);
    expect(told(attribution, 'MARKOV').slice(2)).toEqual([0, 0, 0, 0]);
  });

  test('a channel that follows itself changes nothing', () => {
    const [one, other] = [new ChannelChain(), new ChannelChain()];
    one.addPath([0, 0, 0, 1], conversion);
    one.addPath([1, 1], nothing);
    other.addPath([0, 1], conversion);
    other.addPath([1], nothing);
    expect(one.removalEffects([0, 1])).toEqual(other.removalEffects([0, 1]));
  });

  test('is what removing each channel by hand loses', () => {
    const world = fc.record({
      converted: fc.array(path, { minLength: 1, maxLength: 8 }),
      lost: fc.array(path, { maxLength: 8 }),
    });
    fc.assert(
      fc.property(world, ({ converted, lost }) => {
        const chain = new ChannelChain();
        for (const one of converted) chain.addPath(one, conversion);
        for (const one of lost) chain.addPath(one, nothing);
        const whole = convertedShare({ converted, lost }, null);
        const byHand = keys.map((key) => 1 - convertedShare({ converted, lost }, key) / whole);
        for (const [key, effect] of chain.removalEffects(keys).entries()) expect(effect).toBeCloseTo(byHand[key]!, 9);
      }),
      { numRuns: 60 },
    );
  });
});

interface Paths {
  readonly converted: readonly (readonly number[])[];
  readonly lost: readonly (readonly number[])[];
}

/**
 * Which part of walks converts when everything that comes to a channel ends there: transitions are counted anew, self-loops and all,
 * and the walk is followed step by step until next to nothing is left of it.
 */
function convertedShare({ converted, lost }: Paths, removed: number | null): number {
  const moves = new Map<number, number[]>();
  const count = (all: Paths['converted'], end: number) => {
    for (const one of all)
      for (const [index, to] of [...one, end].entries()) {
        const from = one[index - 1] ?? start;
        moves.set(from, [...(moves.get(from) ?? []), to]);
      }
  };
  count(converted, conversion);
  count(lost, nothing);
  let standing = new Map([[start, 1]]);
  let share = 0;
  for (let step = 0; step < 5_000 && standing.size > 0; step += 1) {
    const next = new Map<number, number>();
    for (const [from, mass] of standing) {
      const targets = moves.get(from)!;
      for (const to of targets) {
        const part = mass / targets.length;
        if (to === conversion) share += part;
        else if (to !== nothing && to !== removed && part > 1e-14) next.set(to, (next.get(to) ?? 0) + part);
      }
    }
    standing = next;
  }
  return share;
}

describe('Shapley', () => {
  /** By definition: the average over all orders in which channels can come of what each adds to the worth of those before it. */
  function byDefinition(all: readonly (readonly number[])[], players: readonly number[]): number[] {
    const worth = (coalition: ReadonlySet<number>) =>
      all.filter((one) => one.every((key) => coalition.has(key))).length;
    const sums = players.map(() => 0);
    const orders = permutations(players);
    for (const order of orders) {
      const here = new Set<number>();
      for (const player of order) {
        const before = worth(here);
        here.add(player);
        sums[players.indexOf(player)]! += worth(here) - before;
      }
    }
    return sums.map((sum) => sum / orders.length);
  }

  function permutations(all: readonly number[]): number[][] {
    if (all.length <= 1) return [[...all]];
    return all.flatMap((first) => permutations(all.filter((one) => one !== first)).map((rest) => [first, ...rest]));
  }

  test('is the value by its definition', () => {
    const few = fc.array(fc.array(fc.nat(4), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(few, (all) => {
        const shapley = told(attribute(converting(...all)), 'SHAPLEY');
        // Rounded to six places, so that they add up.
        for (const [key, value] of byDefinition(all, [0, 1, 2, 3, 4]).entries())
          expect(Math.abs(shapley[key]! - value)).toBeLessThan(1.1e-6);
      }),
      { numRuns: 60 },
    );
  });

  test('treats alike who is alike, and gives nothing to whom nobody needs', () => {
    fc.assert(
      fc.property(fc.array(path, { minLength: 1, maxLength: 12 }), (all) => {
        // 0 and 1 change places in every path, too: they are alike. 5 is in none.
        const swapped = all.map((one) => one.map((key) => (key === 0 ? 1 : key === 1 ? 0 : key)));
        const without = [...all, ...swapped].map((one) => one.map((key) => (key === 5 ? 4 : key)));
        const shapley = told(attribute(converting(...without)), 'SHAPLEY');
        expect(Math.abs(shapley[0]! - shapley[1]!)).toBeLessThan(1.1e-6);
        expect(shapley[5]).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

test('models that were not asked for are not there', () => {
  const attribution = attribute(converting([0, 1]), ['LAST', 'SHAPLEY']);
  expect(attribution.credits([0, 1]).map(({ model }) => model)).toEqual(['LAST', 'SHAPLEY']);
});

test('without a conversion there is nothing to share', () => {
  const attribution = attribute([]);
  attribution.chain.addPath([0, 1], nothing);
  for (const { credits } of attribution.credits([0, 1]))
    expect(credits.map((one) => one.conversions)).toEqual([0n, 0n]);
});
