import { describe, expect, it } from 'vitest';
import { findPublicSets, measureAccuracy } from '../../bench/matching-accuracy.ts';

/** F1 of the pairs, at the threshold that the model chooses: the best that others have published, or nearly all. */
const goals = new Map([
  ['febrl1', 0.995],
  ['febrl1 without soc_sec_id', 0.99],
  ['febrl3', 0.995],
  ['febrl3 without soc_sec_id', 0.995],
  ['fake_1000', 0.928],
  ['dqbench1', 0.916],
]);

const sets = (await findPublicSets()).filter(({ name }) => goals.has(name));

describe.skipIf(sets.length === 0)(
  'on labelled records, with the one default configuration, matching is at least as right as',
  () => {
    it.each(sets.map((set) => [set.name, goals.get(set.name)!, set] as const))('%s: %f', async (_name, goal, set) => {
      const [figures] = await measureAccuracy([set]);
      expect(figures!['pairs: F1']).toBeGreaterThanOrEqual(goal);
      expect(figures!['customers: F1']).toBeGreaterThanOrEqual(goal);
    });
  },
);
