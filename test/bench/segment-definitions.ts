import type { Condition, EventCondition } from '../../src/conditions/condition.ts';
import type { Window } from '../../src/conditions/window.ts';

const days = (count: number): Window => ({ last: { count, unit: 'DAY' } });
const ever: Window = { ever: true };
const atLeast = (value: number) => ({ comparison: 'AT_LEAST', value: String(value) }) as const;
const none: EventCondition['count'] = { comparison: 'LESS', value: '1' };

function times(types: readonly string[], count: EventCondition['count'], window: Window): Condition {
  return { event: { match: { types }, count, window } };
}

function trait(name: string, value: string): Condition {
  return { trait: { trait: name, operator: 'EQUALS', value } };
}

function revenue(least: number, window: Window): Condition {
  return { total: { match: {}, measure: 'NET_REVENUE', currency: 'CHF', window, ...atLeast(least) } };
}

const cities = ['Zürich', 'Basel', 'Bern', 'Genève', 'Luzern'];

/** Fifty segments as a retailer keeps them: every third is about traits alone, the others about what people did and when. */
export function fiftySegments(): Condition[] {
  const seen = ['product.viewed'];
  const bought = ['order.completed'];
  return [
    ...cities.map((city) => trait('city', city)),
    ...['de', 'fr', 'it', 'en'].map((language) => trait('language', language)),
    { fact: { fact: 'ORDERS', ...atLeast(5) } },
    { identity: { identified: true } },
    { all: [trait('country', 'CH'), { bucket: { seed: 'autumn', from: 0, to: 5000 } }] },
    ...[1, 7, 30, 90].flatMap((window) => [
      times(seen, atLeast(3), days(window)),
      times(bought, atLeast(1), days(window)),
    ]),
    ...[30, 60, 90, 180].map(
      (window): Condition => ({ all: [times(bought, atLeast(1), ever), times(bought, none, days(window))] }),
    ),
    ...[50, 200, 500].flatMap((least) => [revenue(least, days(365)), revenue(least, ever)]),
    ...cities
      .slice(0, 3)
      .map(
        (city): Condition => ({ all: [trait('city', city), times(bought, atLeast(2), days(180)), revenue(100, ever)] }),
      ),
    {
      sequence: {
        first: { types: ['cart.updated'] },
        followedBy: { types: bought },
        within: { count: 1, unit: 'DAY' },
        missing: true,
        window: days(7),
      },
    },
    {
      sequence: {
        first: { types: seen },
        followedBy: { types: bought },
        within: { count: 3, unit: 'DAY' },
        missing: false,
        window: days(30),
      },
    },
    { stopped: { match: { types: seen }, none: { count: 60, unit: 'DAY' } } },
    { first: { match: { types: bought }, window: days(30) } },
    { regular: { match: { types: bought }, unit: 'MONTH', periods: 6, atLeast: 3 } },
    { keyed: { match: { types: seen }, property: 'category', count: atLeast(5), window: days(30) } },
    {
      last: {
        match: { types: bought },
        has: { property: 'value.amount', operator: 'GREATER', value: 100 },
        window: ever,
      },
    },
    times(['email.opened'], atLeast(3), days(90)),
    { all: [times(['email.sent'], atLeast(5), days(90)), times(['email.opened', 'email.clicked'], none, days(90))] },
    { message: { what: 'CLICKED', count: atLeast(1), window: days(30) } },
    times(['case.opened'], atLeast(1), days(30)),
    {
      event: {
        match: { types: ['case.opened'], where: [{ property: 'complaint', operator: 'EQUALS', value: true }] },
        count: atLeast(1),
        window: days(90),
      },
    },
    {
      any: [
        times(['order.returned'], atLeast(2), days(365)),
        { all: [times(['case.opened'], atLeast(2), days(365)), { not: times(bought, atLeast(5), days(365)) }] },
      ],
    },
    { all: [{ not: times(bought, atLeast(1), ever) }, times(['session.started'], atLeast(5), days(30))] },
    times(bought, atLeast(1), { lastCalendar: { count: 1, unit: 'MONTH' } }),
    times(bought, atLeast(2), { period: { unit: 'QUARTER', ago: 0 } }),
    {
      event: {
        match: { types: bought, channels: ['POS'] },
        count: atLeast(1),
        window: { between: { from: { count: 90, unit: 'DAY' }, to: { count: 30, unit: 'DAY' } } },
      },
    },
  ];
}
