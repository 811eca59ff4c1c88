import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { FamiliarPairs } from '../../src/touchpoints/familiar-pairs.ts';

/** Random digits, as derived ids have them. */
function uuid(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [8, 4, 4, 4, 12]
    .map((length, part, all) =>
      hex.substr(
        all.slice(0, part).reduce((a, b) => a + b, 0),
        length,
      ),
    )
    .join('-');
}

test('a pair is familiar once it was met', () => {
  const pairs = new FamiliarPairs();
  expect(pairs.meet(uuid('r'), uuid('i'))).toBe(false);
  expect(pairs.meet(uuid('r'), uuid('i'))).toBe(true);
});

test('that both have been met with others does not make a pair familiar', () => {
  const pairs = new FamiliarPairs();
  pairs.meet(uuid('r'), uuid('j'));
  pairs.meet(uuid('s'), uuid('i'));
  expect(pairs.meet(uuid('r'), uuid('i'))).toBe(false);
  expect(pairs.meet(uuid('i'), uuid('r'))).toBe(false);
});

test('of many new pairs hardly one looks familiar, and all that were met lately are', () => {
  const pairs = new FamiliarPairs();
  const names = Array.from({ length: 60_000 }, (_, index) => [uuid(`r${index >> 1}`), uuid(`i${index}`)] as const);
  expect(names.filter((pair) => pairs.meet(...pair)).length).toBeLessThan(60);
  expect(names.every((pair) => pairs.meet(...pair))).toBe(true);
});
