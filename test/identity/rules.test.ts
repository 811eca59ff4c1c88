import { describe, expect, test } from 'vitest';
import { defaultRules, isBlocked, isCut, ruleFor } from '../../src/identity/rules.ts';

describe('the shipped rules', () => {
  test('hear evidence in this order of kinds', () => {
    const kinds = ['deviceId', 'anonymousId', 'customerNo', 'phone', 'email', 'loyaltyCard', 'userId'];
    const sorted = kinds.sort((a, b) => ruleFor(defaultRules, a).priority - ruleFor(defaultRules, b).priority);
    expect(sorted).toEqual(['userId', 'loyaltyCard', 'email', 'phone', 'customerNo', 'anonymousId', 'deviceId']);
  });

  test('allow a customer one login', () => {
    expect(ruleFor(defaultRules, 'userId').valuesPerCustomer).toBe(1);
  });

  test.each(['email', 'phone', 'userId', 'loyaltyCard', 'anonymousId', 'deviceId', 'customerNo'])(
    'cut a value of %s that too many records carry',
    (kind) => {
      expect(ruleFor(defaultRules, kind).recordsPerValue).toBeGreaterThan(1);
    },
  );

  test('a device names nobody', () => {
    const naming = ['userId', 'email', 'anonymousId', 'deviceId', 'customerNo'].filter(
      (kind) => ruleFor(defaultRules, kind).namesPerson,
    );
    expect(naming).toEqual(['userId', 'email', 'customerNo']);
  });
});

describe('a value is blocked', () => {
  test.each([
    // What Segment blocks by default.
    '',
    '-',
    '0',
    '00000000-0000-0000-0000-000000000000',
    '---',
    '-1',
    'null',
    'anonymous',
    // What PostHog refuses.
    'guest',
    'distinctid',
    'distinct_id',
    'id',
    'not_authenticated',
    'email',
    'undefined',
    'true',
    'false',
    '[object Object]',
    'NaN',
    'None',
    'none',
    'NULL',
    'Undefined',
    'ANONYMOUS',
    // Mailboxes of nobody.
    'noreply@example.com',
    'no-reply@example.com',
    'donotreply@example.com',
    'null@example.com',
    'none@none.com',
    'unknown@example.com',
  ])('%j', (value) => {
    expect(isBlocked(defaultRules, value)).toBe(true);
  });

  test.each([
    '1',
    '-2',
    '10',
    '001',
    'nullable',
    'anonymous-7f3',
    'guest-81',
    'id7',
    'jo@example.com',
    'nora.null@example.com',
    'annull@example.com',
    '+41446681800',
    'user-1',
    'true-believer',
    'Idris',
    'tester@example.com',
    'a0000000',
  ])('but not %j', (value) => {
    expect(isBlocked(defaultRules, value)).toBe(false);
  });
});

describe('a value is cut', () => {
  const rule = { ...ruleFor(defaultRules, 'email'), recordsPerValue: 3 };

  test('once more records carry it than its rule allows', () => {
    expect([2, 3, 4].map((records) => isCut(rule, records))).toEqual([false, false, true]);
  });

  test('never, where the rule has no limit', () => {
    expect(isCut({ ...rule, recordsPerValue: null }, 1_000_000)).toBe(false);
  });
});
