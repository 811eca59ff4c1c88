import type { BoundComparison } from './comparator.ts';
import { PatternCounter, type Patterns } from './patterns.ts';
import { SeededRandom } from './seeded-random.ts';

/** All pairs of a small table; of a larger one so many, drawn at random. */
export function sampleRandomPairs(
  rows: number,
  bound: readonly BoundComparison[],
  { pairs, seed }: { pairs: number; seed: number },
): Patterns {
  const counter = new PatternCounter(bound);
  if ((rows * (rows - 1)) / 2 <= pairs) {
    for (let a = 0; a < rows; a++) for (let b = a + 1; b < rows; b++) counter.add(a, b);
    return counter.patterns();
  }
  const random = new SeededRandom(seed);
  for (let drawn = 0; drawn < pairs; ) {
    const a = random.below(rows);
    const b = random.below(rows);
    if (a === b) continue;
    counter.add(Math.min(a, b), Math.max(a, b));
    drawn++;
  }
  return counter.patterns();
}
