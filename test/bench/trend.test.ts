import { expect, test } from 'vitest';
import { growthOf, slopeOf } from './trend.ts';

test('a straight line has its own slope', () => {
  expect(slopeOf([5, 7, 9, 11])).toBeCloseTo(2);
  expect(growthOf([5, 7, 9, 11])).toBeCloseTo(6 / 8);
});

test('what goes up and down around one level does not rise', () => {
  expect(slopeOf([10, 12, 10, 12, 10])).toBeCloseTo(0);
  expect(growthOf([3, 3, 3])).toBe(0);
});

test('one value has no trend', () => {
  expect(slopeOf([4])).toBe(0);
});

test('falling is negative', () => {
  expect(growthOf([110, 100, 90])).toBeCloseTo(-0.2);
});
