import { describe, expect, test } from 'vitest';
import type { Condition } from '../../src/conditions/condition.ts';
import { language } from './fixture.ts';

const everyone: Condition = { everyone: true };
const viewed: Condition = {
  event: { match: { types: ['viewed'] }, count: { comparison: 'MORE', value: '0' }, window: { ever: true } },
};

const refusal = (field: string, message: RegExp) =>
  expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringMatching(message), details: { field } });

function nested(depth: number): Condition {
  return depth === 0 ? everyone : { not: nested(depth - 1) };
}

describe('a condition as it is given', () => {
  test('is exactly one of a tree or a leaf; what is null is not there', () => {
    expect(language.check({ all: null, any: [everyone, { not: viewed, event: null }] } as never)).toStrictEqual({
      any: [everyone, { not: viewed }],
    });
  });

  test.each<[given: unknown, field: string, message: RegExp]>([
    [{}, 'definition', /exactly one kind of condition here, got none/],
    [{ everyone: null }, 'definition', /got none/],
    [{ all: [everyone], not: everyone }, 'definition', /got all and not/],
    [{ everybody: true }, 'definition', /Expected one of all, any, not, everyone, .*, got "everybody"/],
    [{ everyone: false }, 'definition.everyone', /Expected `true`/],
    [{ all: [] }, 'definition.all', /at least one/],
    [{ any: everyone }, 'definition.any', /at least one/],
    [{ all: [everyone, {}] }, 'definition.all[1]', /got none/],
    [{ all: [everyone, { any: [{ not: { nobody: 1 } }] }] }, 'definition.all[1].any[0].not', /got "nobody"/],
    [
      {
        not: {
          all: [
            viewed,
            { event: { ...(viewed as { event: object }).event, window: { last: { count: 0, unit: 'DAY' } } } },
          ],
        },
      },
      'definition.not.all[1].event.window.last.count',
      /got 0/,
    ],
    [{ all: [null] }, 'definition.all[0]', /got none/],
    [{ not: 'everyone' }, 'definition.not', /got none/],
    [{ not: [everyone] }, 'definition.not', /got none/],
    [null, 'definition', /got none/],
  ])('is refused with the path of the fault: %j', (given, field, message) => {
    expect(() => language.check(given as Condition)).toThrow(refusal(field, message));
  });

  test('begins its paths with the field that holds it', () => {
    expect(() => language.check({ all: [] }, 'input.condition')).toThrow(
      refusal('input.condition.all', /at least one/),
    );
  });

  test('is nested 8 deep, not deeper, also in what is for members', () => {
    expect(language.check(nested(7))).toEqual(nested(7));
    const deep = `definition${'.not'.repeat(8)}`;
    expect(() => language.check(nested(8))).toThrow(refusal(deep, /8 deep/));
    const members = (condition: Condition): Condition => ({ members: { of: 'ACCOUNT', quantifier: 'ANY', condition } });
    expect(language.check(members(nested(6)))).toEqual(members(nested(6)));
    expect(() => language.check(members(nested(7)))).toThrow(
      refusal(`definition.members.condition${'.not'.repeat(7)}`, /8 deep/),
    );
  });

  test('has 50 leaves, not more, wherever they are', () => {
    const many = (count: number): Condition[] => Array.from({ length: count }, () => everyone);
    expect(language.check({ all: many(50) })).toEqual({ all: many(50) });
    expect(() => language.check({ all: many(51) })).toThrow(refusal('definition.all[50].everyone', /50 leaves/));
    expect(() => language.check({ any: [{ all: many(30) }, { not: { all: many(21) } }] })).toThrow(
      refusal('definition.any[1].not.all[20].everyone', /50 leaves/),
    );
    const members: Condition = { members: { of: 'ACCOUNT', quantifier: 'ANY', condition: { all: many(49) } } };
    expect(language.check(members)).toEqual(members);
    expect(() => language.check({ any: [everyone, members] })).toThrow(/50 leaves/);
  });
});

describe('a condition', () => {
  test('needs what any of its parts needs, and costs what they cost together', () => {
    const paid: Condition = {
      total: {
        match: {},
        measure: 'NET_REVENUE',
        currency: 'EUR',
        comparison: 'MORE',
        value: '0',
        window: { ever: true },
      },
    };
    const tree: Condition = { any: [{ not: viewed }, { all: [paid, everyone] }] };
    expect(language.needs(tree)).toMatchObject({
      types: new Set(['viewed', 'order.completed', 'order.returned']),
      customer: false,
      members: false,
    });
    expect(language.cost(tree)).toBe(language.cost(viewed) + language.cost(paid));
    const anything: Condition = { stopped: { match: {}, none: { count: 1, unit: 'DAY' } } };
    expect(language.needs({ all: [tree, anything] }).types).toBe('ANY');
  });

  test('costs more where more has to be read', () => {
    const sequence = (window: object): Condition => ({
      sequence: {
        first: { types: ['a'] },
        followedBy: { types: ['b'] },
        within: { count: 1, unit: 'DAY' },
        missing: false,
        window: window as { ever: true },
      },
    });
    const bounded = sequence({ last: { count: 1, unit: 'DAY' } });
    expect(language.cost(bounded)).toBeGreaterThan(language.cost(viewed));
    expect(language.cost(sequence({ ever: true }))).toBeGreaterThan(language.cost(bounded));
  });
});
