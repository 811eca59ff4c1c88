import { expect, test } from 'vitest';
import { floorsOf, growthOf, slopeOf } from './trend.ts';

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

test('what rises and falls has its trend in its lowest points', () => {
  expect(floorsOf([80, 120, 200, 82, 150, 81, 130, 210, 84], 3)).toEqual([80, 81, 84]);
  expect(floorsOf([3, 2], 6)).toEqual([3, 2]);
  const saw = [84, 221, 96, 249, 91, 281, 94, 266, 87, 270, 90, 288];
  expect(Math.abs(growthOf(floorsOf(saw)))).toBeLessThan(0.1);
});
