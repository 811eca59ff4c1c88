import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { probabilityAlive } from '../../../src/kpis/clv/bg-nbd-forecast.ts';
import type { CustomerHistory } from '../../../src/kpis/customers/customer-history.ts';
import { deriveLifecycle } from '../../../src/kpis/lifecycle/lifecycle.ts';
import { transitionTable } from '../../../src/kpis/lifecycle/transition-table.ts';
import type { KpiTimeline } from '../../../src/kpis/settings/kpi-timeline.ts';
import {
  life,
  midnight,
  model,
  modelFrom,
  noon,
  order,
  returned,
  scale,
  settingsOf,
  signal,
  timelineOf,
} from './lives.ts';

const day = 86_400_000;
const begun = noon(0).getTime();

/** `5 NEW→ACTIVE ORDER`: days since the beginning, at noon. */
function told(history: CustomerHistory, until: number, timeline: KpiTimeline = timelineOf()): string[] {
  return deriveLifecycle(history, timeline, noon(until)).transitions.map(
    ({ at, from, to, cause }) => `${(at.getTime() - begun) / day} ${from ?? ''}→${to} ${cause}`,
  );
}

describe('each stage is entered and left as the table says', () => {
  const beginning = '0 →PROSPECT FIRST_TOUCH';
  const cases: [string, CustomerHistory, number, string[], KpiTimeline?][] = [
    [
      'anonymous until identified',
      life({ identified: 7 }),
      10,
      ['0 →ANONYMOUS FIRST_TOUCH', '7 ANONYMOUS→PROSPECT IDENTIFIED'],
    ],
    [
      'anonymous buyers are what they have become once they are known',
      life({ identified: 7, purchases: [order(1), order(2)] }),
      10,
      ['0 →ANONYMOUS FIRST_TOUCH', '7 ANONYMOUS→ACTIVE IDENTIFIED'],
    ],
    [
      'who is never identified stays anonymous',
      life({ identified: null, purchases: [order(1)] }),
      900,
      ['0 →ANONYMOUS FIRST_TOUCH'],
    ],
    ['a silent prospect is archived', life({ lastSeen: 3 }), 400, [beginning, '368 PROSPECT→ARCHIVED SILENT']],
    [
      'a touch brings an archived prospect back',
      life({ lastSeen: 500, touches: [noon(0), noon(100), noon(500)] }),
      900,
      [beginning, '465 PROSPECT→ARCHIVED SILENT', '500 ARCHIVED→PROSPECT TOUCH', '865 PROSPECT→ARCHIVED SILENT'],
    ],
    [
      'an order makes an archived prospect new',
      life({ touches: [noon(0)], purchases: [order(400)] }),
      401,
      [beginning, '365 PROSPECT→ARCHIVED SILENT', '400 ARCHIVED→NEW ORDER'],
    ],
    [
      'who has brought everything back is a prospect, silent since they were seen last',
      life({
        lastSeen: 500,
        touches: [noon(0)],
        purchases: [order(400, { orderId: 'a' }), returned(410, { orderId: 'a' })],
      }),
      900,
      [
        beginning,
        '365 PROSPECT→ARCHIVED SILENT',
        '400 ARCHIVED→NEW ORDER',
        '410 NEW→PROSPECT RETURN',
        '865 PROSPECT→ARCHIVED SILENT',
      ],
    ],
    [
      'first and second order',
      life({ purchases: [order(1), order(5)] }),
      10,
      [beginning, '1 PROSPECT→NEW ORDER', '5 NEW→ACTIVE ORDER'],
    ],
    [
      'without enough gaps the levers say when somebody is overdue',
      life({ purchases: [order(1)] }),
      1000,
      [
        beginning,
        '1 PROSPECT→NEW ORDER',
        '91.5 NEW→AT_RISK OVERDUE',
        '181.5 AT_RISK→DORMANT LONG_OVERDUE',
        '731.5 DORMANT→LOST LONG_SILENT',
      ],
    ],
    [
      'with enough gaps their own quantiles do: first 10 and 10 days, in the end also 20 and 10: q80 = 14, q95 = 18.5',
      life({ purchases: [order(0.1), order(10), order(20), order(40), order(50)] }),
      80,
      [
        beginning,
        '0.1 PROSPECT→NEW ORDER',
        '10 NEW→ACTIVE ORDER',
        '30.5 ACTIVE→DORMANT LONG_OVERDUE',
        '40 DORMANT→REACTIVATED ORDER',
        '50 REACTIVATED→ACTIVE ORDER',
        '64.5 ACTIVE→AT_RISK OVERDUE',
        '68.5 AT_RISK→DORMANT LONG_OVERDUE',
      ],
      timelineOf({ levers: { lifecycle: { ownGaps: 2, overdueDays: 1000, dormantDays: 2000 } } }),
    ],
    [
      'an order reactivates who was dormant, the next one makes them active',
      life({ purchases: [order(1), order(200), order(210)] }),
      220,
      [
        beginning,
        '1 PROSPECT→NEW ORDER',
        '91.5 NEW→AT_RISK OVERDUE',
        '181.5 AT_RISK→DORMANT LONG_OVERDUE',
        '200 DORMANT→REACTIVATED ORDER',
        '210 REACTIVATED→ACTIVE ORDER',
      ],
    ],
    [
      'who was lost is won back, and active after two more orders',
      life({ purchases: [order(1), order(800), order(810), order(820)] }),
      830,
      [
        beginning,
        '1 PROSPECT→NEW ORDER',
        '91.5 NEW→AT_RISK OVERDUE',
        '181.5 AT_RISK→DORMANT LONG_OVERDUE',
        '731.5 DORMANT→LOST LONG_SILENT',
        '800 LOST→WON_BACK ORDER',
        '820 WON_BACK→ACTIVE ORDER',
      ],
    ],
    [
      'who came back and falls silent again goes the way of all others',
      life({ purchases: [order(1), order(200)] }),
      300,
      [
        beginning,
        '1 PROSPECT→NEW ORDER',
        '91.5 NEW→AT_RISK OVERDUE',
        '181.5 AT_RISK→DORMANT LONG_OVERDUE',
        '200 DORMANT→REACTIVATED ORDER',
        '290.5 REACTIVATED→AT_RISK OVERDUE',
      ],
    ],
    [
      'a severe case puts at risk; resolved, only an order ends it',
      life({
        purchases: [order(1), order(2), order(8)],
        signals: [signal(3, 'CASE_OPENED', { subject: 'a', score: 1 }), signal(5, 'CASE_RESOLVED', { subject: 'a' })],
      }),
      10,
      [beginning, '1 PROSPECT→NEW ORDER', '2 NEW→ACTIVE ORDER', '3 ACTIVE→AT_RISK CASE', '8 AT_RISK→ACTIVE ORDER'],
    ],
    [
      'an order does not end the risk of a case that is open; closing it does then',
      life({
        purchases: [order(1), order(2), order(4)],
        signals: [signal(3, 'CASE_OPENED', { subject: 'a', score: 1 }), signal(5, 'CASE_RESOLVED', { subject: 'a' })],
      }),
      10,
      [
        beginning,
        '1 PROSPECT→NEW ORDER',
        '2 NEW→ACTIVE ORDER',
        '3 ACTIVE→AT_RISK CASE',
        '5 AT_RISK→ACTIVE CASE_CLOSED',
      ],
    ],
    [
      'a case that is not severe does nothing',
      life({ purchases: [order(1)], signals: [signal(3, 'CASE_OPENED', { subject: 'a', score: 0 })] }),
      10,
      [beginning, '1 PROSPECT→NEW ORDER'],
    ],
    [
      'an exit loses at once, an order wins back',
      life({ purchases: [order(1), order(9)], signals: [signal(3, 'EXIT')] }),
      10,
      [beginning, '1 PROSPECT→NEW ORDER', '3 NEW→LOST EXIT', '9 LOST→WON_BACK ORDER'],
    ],
    [
      'the end of the last contract loses, a new one wins back',
      life({
        purchases: [order(1)],
        signals: [
          signal(2, 'CONTRACT', { subject: 'k', endsAt: noon(500) }),
          signal(600, 'CONTRACT', { subject: 'l' }),
        ],
      }),
      2000,
      [beginning, '1 PROSPECT→NEW ORDER', '500 NEW→LOST CONTRACT_ENDED', '600 LOST→WON_BACK CONTRACT'],
    ],
    [
      'a renewed contract does not end, another one that runs neither',
      life({
        purchases: [order(1)],
        signals: [
          signal(2, 'CONTRACT', { subject: 'k', endsAt: noon(50) }),
          signal(40, 'CONTRACT', { subject: 'k', endsAt: noon(90) }),
          signal(41, 'CONTRACT', { subject: 'm' }),
          signal(99, 'CONTRACT_ENDED', { subject: 'm' }),
        ],
      }),
      100,
      [beginning, '1 PROSPECT→NEW ORDER', '99 NEW→LOST CONTRACT_ENDED'],
    ],
    [
      'LOYAL by scores at a scoring, until two in a row say otherwise',
      life({ purchases: [order(1), order(2)] }),
      80,
      [beginning, '1 PROSPECT→NEW ORDER', '2 NEW→ACTIVE ORDER', '10 ACTIVE→LOYAL SCORES', '50 LOYAL→ACTIVE SCORES'],
      timelineOf({
        scales: [
          scale(10),
          scale(20, { recency: 1 }),
          scale(30),
          scale(40, { frequency: 9 }),
          scale(50, { recency: 1 }),
        ],
      }),
    ],
    [
      'LOYAL by tier at once, and as long as that or a scoring says so',
      life({
        purchases: [order(1), order(2)],
        tiers: [
          { at: noon(5), rank: 1 },
          { at: noon(6), rank: 2 },
          { at: noon(20), rank: 0 },
        ],
      }),
      80,
      [beginning, '1 PROSPECT→NEW ORDER', '2 NEW→ACTIVE ORDER', '6 ACTIVE→LOYAL TIER', '40 LOYAL→ACTIVE SCORES'],
      timelineOf({
        scales: [
          scale(10, { recency: 1 }),
          scale(15, { recency: 1 }),
          scale(30, { recency: 1 }),
          scale(40, { recency: 1 }),
        ],
      }),
    ],
    [
      'who has ordered once is new, whatever the tier',
      life({ purchases: [order(1), order(7)], tiers: [{ at: noon(2), rank: 3 }] }),
      10,
      [beginning, '1 PROSPECT→NEW ORDER', '7 NEW→LOYAL ORDER'],
    ],
    [
      'LOYAL who recommends is an ADVOCATE as long as that is recent',
      life({
        purchases: [order(1), order(2), order(80), order(160)],
        tiers: [{ at: noon(3), rank: 2 }],
        signals: [signal(4, 'ADVOCACY')],
      }),
      190,
      [
        beginning,
        '1 PROSPECT→NEW ORDER',
        '2 NEW→ACTIVE ORDER',
        '3 ACTIVE→LOYAL TIER',
        '4 LOYAL→ADVOCATE ADVOCACY',
        '184 ADVOCATE→LOYAL ADVOCACY_ENDED',
      ],
    ],
    [
      'NPS 9 makes an advocate, a later 8 takes it back, and 0 to 8 makes none',
      life({
        purchases: [order(1), order(2)],
        tiers: [{ at: noon(3), rank: 2 }],
        signals: [signal(4, 'NPS', { score: 8 }), signal(5, 'NPS', { score: 9 }), signal(7, 'NPS', { score: 8 })],
      }),
      60,
      [
        beginning,
        '1 PROSPECT→NEW ORDER',
        '2 NEW→ACTIVE ORDER',
        '3 ACTIVE→LOYAL TIER',
        '5 LOYAL→ADVOCATE ADVOCACY',
        '7 ADVOCATE→LOYAL ADVOCACY_ENDED',
      ],
    ],
    [
      'an order that comes back as a whole was one until then',
      life({
        purchases: [
          order(1, { orderId: 'a' }),
          returned(4, { orderId: 'a', value: 4 }),
          returned(5, { orderId: 'a', value: 6 }),
        ],
      }),
      300,
      [beginning, '1 PROSPECT→NEW ORDER', '5 NEW→PROSPECT RETURN'],
    ],
    [
      'the second order comes back: new again',
      life({ purchases: [order(1), order(2, { orderId: 'a' }), returned(5, { orderId: 'a' })] }),
      50,
      [beginning, '1 PROSPECT→NEW ORDER', '2 NEW→ACTIVE ORDER', '5 ACTIVE→NEW RETURN'],
    ],
    [
      'the order that had reactivated comes back: dormant again',
      life({ purchases: [order(1), order(200, { orderId: 'a' }), returned(205, { orderId: 'a' })] }),
      210,
      [
        beginning,
        '1 PROSPECT→NEW ORDER',
        '91.5 NEW→AT_RISK OVERDUE',
        '181.5 AT_RISK→DORMANT LONG_OVERDUE',
        '200 DORMANT→REACTIVATED ORDER',
        '205 REACTIVATED→DORMANT LONG_OVERDUE',
      ],
    ],
    [
      'shipments of one order are one order',
      life({ purchases: [order(1, { orderId: 'a' }), order(3, { orderId: 'a', opensOrder: false })] }),
      10,
      [beginning, '1 PROSPECT→NEW ORDER'],
    ],
    [
      'settings count from their time on',
      life({ purchases: [order(1)] }),
      70,
      [beginning, '1 PROSPECT→NEW ORDER', '50 NEW→AT_RISK OVERDUE'],
      timelineOf({
        settings: [
          { ...timelineOf().settings[0]! },
          { version: 1, effectiveFrom: noon(50), settings: settingsOf({ lifecycle: { overdueDays: 30 } }) },
        ],
      }),
    ],
  ];
  it.each(cases)('%s', (_, history, until, expected, timeline) => {
    expect(told(history, until, timeline)).toEqual(expected);
  });
});

describe('by a model', () => {
  const patient = { overdueDays: 5000, dormantDays: 6000 };
  const timeline = timelineOf({ models: [model], levers: { lifecycle: patient } });

  it('LOST on the first day on which P(alive) is below the threshold, by the closed form', () => {
    const history = life({ purchases: [order(0.1), order(30)] });
    // x = 1, t_x = 30: T* = 40·(2.4/0.8·9)^(1/2) − 10 = 197.85.
    expect(told(history, 400, timeline).at(-1)).toBe('197.5 AT_RISK→LOST PROBABILITY_ALIVE');
    const at = (day: number) => probabilityAlive(model.bgNbd, { repeats: 1, recency: 30, age: day });
    expect(at(197)).toBeGreaterThan(0.1);
    expect(at(198)).toBeLessThan(0.1);
  });

  it('AT_RISK on the first day of a high risk; one-time buyers are not, however high theirs is', () => {
    const history = life({ purchases: [order(0.1), order(30)] });
    // 1 − P(alive) = 0.6: 40·(3·1.5)^(1/2) − 10 = 74.85.
    expect(told(history, 100, timeline).at(-1)).toBe('74.5 ACTIVE→AT_RISK RISK');
    const once = life({ purchases: [order(0.1)] });
    const { stage, band } = deriveLifecycle(once, timeline, noon(20));
    expect([stage, band]).toEqual(['NEW', 'HIGH']);
  });

  it('one-time buyers are LOST when the curve of second orders has come to its end', () => {
    // S(∞)/S(120) = 0.6/0.65 is above 0.9.
    expect(told(life({ purchases: [order(0.1)] }), 400, timeline).at(-1)).toBe('119.5 NEW→LOST PROBABILITY_ALIVE');
  });

  it('bands have their instants, too', () => {
    const history = life({ purchases: [order(0.1), order(30)] });
    const bandAt = (at: Date) => deriveLifecycle(history, timeline, at);
    // 1 − P(alive) = 0.3: 40·(3·0.3/0.7)^(1/2) − 10 = 35.36.
    expect(bandAt(new Date(midnight(36).getTime() - 1)).band).toBe('LOW');
    expect(bandAt(noon(40))).toMatchObject({ band: 'ELEVATED', riskSince: midnight(36) });
    expect(bandAt(noon(90))).toMatchObject({ band: 'HIGH', riskSince: midnight(75) });
    expect(bandAt(noon(40)).dueAt).toEqual(midnight(75));
  });

  it('a risk that an answer has made high falls when that has lost its weight, and an order had come', () => {
    const history = life({
      purchases: [order(0.1), order(30), order(35)],
      signals: [signal(31, 'NPS', { score: 0 })],
    });
    const strict = timelineOf({
      models: [model],
      levers: { lifecycle: patient, churn: { high: 0.3, elevated: 0.1, detractorDays: 8 } },
    });
    expect(told(history, 39.2, strict).slice(-2)).toEqual(['31 ACTIVE→AT_RISK RISK', '39 AT_RISK→ACTIVE RISK_FELL']);
  });

  it('what a model says counts from when it is in use; nobody comes back by another model', () => {
    const history = life({ purchases: [order(0.1), order(30)] });
    const later = timelineOf({
      models: [modelFrom(250), modelFrom(300, { bgNbd: { ...model.bgNbd, a: 0.001 } })],
      levers: { lifecycle: patient },
    });
    expect(told(history, 600, later).slice(-1)).toEqual(['250 ACTIVE→LOST PROBABILITY_ALIVE']);
    expect(deriveLifecycle(history, later, noon(310))).toMatchObject({ stage: 'LOST', band: 'LOW' });
  });

  it('while a contract runs, silence says nothing; the risk rises as it comes to its end', () => {
    const history = life({
      purchases: [order(0.1), order(30)],
      signals: [signal(31, 'CONTRACT', { subject: 'k', endsAt: noon(400) })],
    });
    expect(told(history, 399, timelineOf())).toHaveLength(3);
    const risky = deriveLifecycle(history, timeline, noon(340));
    expect(risky.risk! - deriveLifecycle(history, timeline, new Date(noon(340).getTime() - 1)).risk!).toBeGreaterThan(
      0.003,
    );
    expect(told(history, 401, timeline).at(-1)).toBe('400 AT_RISK→LOST CONTRACT_ENDED');
  });
});

it('the documentation has every transition, and no other', async () => {
  const text = await readFile(new URL('../../../docs/lifecycle.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| ([A-Z_]+) \| ([A-Z_]+) \| (`[A-Z_`, ]+`) \|/gm)].map(
    ([, from, to, causes]) => `${from} ${to} ${causes!.replaceAll('`', '')}`,
  );
  const expected = Object.entries(transitionTable).flatMap(([from, ways]) =>
    Object.entries(ways).map(([to, causes]) => `${from} ${to} ${causes.join(', ')}`),
  );
  expect(rows.sort()).toEqual(expected.sort());
});
