import { describe, expect, test } from 'vitest';
import type { Condition } from '../../src/conditions/condition.ts';
import { coreLeaves } from '../../src/conditions/core-leaves.queries.ts';
import { ConditionLanguage } from '../../src/conditions/language.ts';
import type { Window } from '../../src/conditions/window.ts';
import { concerns, startsOf } from '../../src/segments/segment-book.ts';
import { nothingTouched } from '../../src/segments/segment-reactions.service.ts';

const language = new ConditionLanguage(coreLeaves.map(({ kind }) => kind));
const moment = { now: new Date('2026-11-01T12:00:00Z'), timeZone: 'Europe/Zurich' };
const day = 86_400_000;

function viewed(window: Window): Condition {
  return { event: { match: { types: ['product.viewed'] }, count: { comparison: 'AT_LEAST', value: '2' }, window } };
}

/** Whether a touchpoint of so many days ago can matter to the condition. */
function matters(condition: Condition, type: string, daysAgo: number): boolean {
  const starts = startsOf(language.dependences(condition), moment);
  const types = new Map([[type, moment.now.getTime() - daysAgo * day]]);
  return concerns(
    { customerId: 'one', what: { ...nothingTouched, types } },
    { needs: language.needs(condition), starts },
  );
}

describe('a touchpoint concerns a condition', () => {
  const lastMonth = viewed({ last: { count: 30, unit: 'DAY' } });

  test('where it lies in its window, or is yet to come in', () => {
    expect(matters(lastMonth, 'product.viewed', 29)).toBe(true);
    expect(matters(lastMonth, 'product.viewed', -5)).toBe(true);
    expect(
      matters(
        viewed({ between: { from: { count: 9, unit: 'DAY' }, to: { count: 3, unit: 'DAY' } } }),
        'product.viewed',
        1,
      ),
    ).toBe(true);
  });

  test('not where it is older, on the edge included', () => {
    expect(matters(lastMonth, 'product.viewed', 30)).toBe(false);
    expect(matters(lastMonth, 'product.viewed', 400)).toBe(false);
  });

  test('not where it is of another type', () => {
    expect(matters(lastMonth, 'order.completed', 1)).toBe(false);
  });

  test('however old it is, where any part looks at all of them', () => {
    const all = { all: [lastMonth, { not: viewed({ ever: true }) }] };
    expect(matters(all, 'product.viewed', 4_000)).toBe(true);
    expect(matters({ stopped: { match: {}, none: { count: 1, unit: 'DAY' } } }, 'page.viewed', 4_000)).toBe(true);
    expect(
      matters({ members: { of: 'HOUSEHOLD', quantifier: 'ANY', condition: lastMonth } }, 'product.viewed', 4_000),
    ).toBe(true);
  });

  test('of every type, where the condition names none', () => {
    const any: Condition = {
      event: { match: {}, count: { comparison: 'AT_LEAST', value: '1' }, window: { last: { count: 1, unit: 'DAY' } } },
    };
    expect(matters({ any: [any, lastMonth] }, 'page.viewed', 0.5)).toBe(true);
    expect(matters({ any: [any, lastMonth] }, 'product.viewed', 20)).toBe(true);
    expect(matters({ any: [any, lastMonth] }, 'page.viewed', 20)).toBe(false);
  });
});
