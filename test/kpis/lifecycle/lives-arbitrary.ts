import fc from 'fast-check';
import type { CustomerHistory } from '../../../src/kpis/customers/customer-history.ts';
import type { LeverGroup } from '../../../src/kpis/settings/kpi-settings.ts';
import type { KpiTimeline } from '../../../src/kpis/settings/kpi-timeline.ts';
import { type Levers, life, model, noon, order, returned, scale, settingsOf, signal, timelineOf } from './lives.ts';

/** Sometimes the same instants for several, sometimes none. */
const day = fc.oneof(
  fc.integer({ min: 0, max: 900 }),
  fc.integer({ min: 0, max: 9000 }).map((tenths) => tenths / 10),
);
const orderId = fc.constantFrom(null, null, null, 'a', 'b');
const value = fc.constantFrom(0, 5, 10, 10, 20);
const currency = fc.constantFrom('EUR', 'EUR', 'EUR', 'USD');

const purchases = fc
  .array(fc.record({ kind: fc.constantFrom('ORDER', 'ORDER', 'ORDER', 'RETURN'), day, orderId, value, currency }), {
    maxLength: 14,
  })
  .map((given) => {
    const opened = new Set<string>();
    return given
      .toSorted((a, b) => a.day - b.day)
      .map(({ kind, day, ...bought }) => {
        if (kind === 'RETURN') return returned(day, bought);
        const opensOrder = bought.orderId === null || !opened.has(bought.orderId);
        if (bought.orderId !== null) opened.add(bought.orderId);
        return order(day, { ...bought, opensOrder });
      });
  });

const subject = fc.constantFrom(null, 'a', 'b');
const signals = fc.array(
  fc.oneof(
    fc.record({ day, score: fc.integer({ min: 0, max: 10 }) }).map(({ day, score }) => signal(day, 'NPS', { score })),
    fc
      .record({ day, subject, score: fc.constantFrom(0, 1, 1) })
      .map(({ day, ...rest }) => signal(day, 'CASE_OPENED', rest)),
    fc
      .record({ day, subject, kind: fc.constantFrom('CASE_RESOLVED', 'CASE_REOPENED', 'CONTRACT_ENDED') })
      .map(({ day, kind, ...rest }) => signal(day, kind, rest)),
    fc
      .record({ day, subject, ends: fc.option(day) })
      .map(({ day, ends, subject }) => signal(day, 'CONTRACT', { subject, endsAt: ends === null ? null : noon(ends) })),
    fc.record({ day, kind: fc.constantFrom('EXIT', 'ADVOCACY', 'CSAT') }).map(({ day, kind }) => signal(day, kind)),
  ),
  { maxLength: 8 },
);

const tiers = fc
  .array(fc.record({ day, rank: fc.integer({ min: 0, max: 3 }) }), { maxLength: 4 })
  .map((steps) => steps.toSorted((a, b) => a.day - b.day).map(({ day, rank }) => ({ at: noon(day), rank })));

const observations = fc
  .uniqueArray(
    fc.record({
      day,
      engagementFall: fc.constantFrom(0, 0, 0.5, 0.75, 1),
      dropIn: fc.option(fc.integer({ min: 1, max: 40 })),
      group: fc.constantFrom(null, null, 'STRICT', 'PATIENT', 'GONE'),
    }),
    { maxLength: 5, selector: (one) => one.day },
  )
  .map((found) =>
    found
      .toSorted((a, b) => a.day - b.day)
      .map(({ day, dropIn, ...rest }) => ({
        ...{ ...rest, at: noon(day), tierDropAt: dropIn === null ? null : noon(day + dropIn) },
      })),
  );

export const histories: fc.Arbitrary<CustomerHistory> = fc
  .record({
    purchases,
    signals,
    tiers,
    observations,
    identified: fc.option(fc.constantFrom(0, 0, 0, 100, 400), { freq: 8 }),
    touched: fc.array(day, { maxLength: 4 }),
  })
  .map(({ touched, ...given }) => {
    const plain = life({ ...given, firstSeen: 0 });
    if (given.purchases.length > 0) return plain;
    const all = [0, ...touched].map((at) => noon(at));
    const touches = [...all, ...given.signals.map(({ at }) => at)].sort((a, b) => a.getTime() - b.getTime());
    return { ...plain, touches, lastSeenAt: touches.at(-1)! };
  });

const group = (key: string, levers: Levers): LeverGroup => ({
  ...{ key, name: key, condition: { given: { everyone: true }, resolved: { everyone: true } } },
  lifecycle: levers.lifecycle ?? {},
  churn: levers.churn ?? {},
});

/** Who is in a group that the settings do not have goes by everybody's levers. */
const groups = [
  group('STRICT', {
    lifecycle: { overdueDays: 3, dormantDays: 12, loyalTier: 1, prospectDays: 10 },
    churn: { high: 0.4 },
  }),
  group('PATIENT', { lifecycle: { overdueDays: 95, lostDays: 400, ownGaps: 5 }, churn: { engagementWeight: 3 } }),
];

export const timelines: fc.Arbitrary<KpiTimeline> = fc
  .record({
    zone: fc.constantFrom('UTC', 'Europe/Zurich', 'America/Havana', 'Asia/Kathmandu'),
    first: fc.boolean(),
    models: fc.array(fc.record({ day, a: fc.double({ min: 0.2, max: 4, noNaN: true }), steps: fc.boolean() }), {
      maxLength: 4,
    }),
    scales: fc.array(
      fc.record({ day, recency: fc.integer({ min: 5, max: 90 }), frequency: fc.integer({ min: 0, max: 4 }) }),
      { maxLength: 8 },
    ),
    settings: fc.array(
      fc.record({
        day,
        lifecycle: fc.record(
          {
            overdueDays: fc.integer({ min: 5, max: 90 }),
            dormantDays: fc.integer({ min: 5, max: 150 }),
            ownGaps: fc.integer({ min: 1, max: 4 }),
            lostDays: fc.integer({ min: 5, max: 200 }),
            prospectDays: fc.integer({ min: 20, max: 400 }),
            lostProbability: fc.double({ min: 0.01, max: 0.4, noNaN: true }),
            loyalTier: fc.integer({ min: 1, max: 3 }),
          },
          { requiredKeys: [] },
        ),
        churn: fc.record({ high: fc.double({ min: 0.5, max: 0.9, noNaN: true }) }, { requiredKeys: [] }),
        groups: fc.subarray(groups),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ zone, first, models, scales, settings }) => {
    const later = models
      .toSorted((a, b) => a.day - b.day)
      .map(({ day, a, steps }, index) => ({
        ...{ ...model, version: index + 4, effectiveFrom: noon(day), bgNbd: { ...model.bgNbd, a } },
        secondOrder: steps ? model.secondOrder : { days: [], survival: [] },
      }));
    const versions = settings
      .toSorted((a, b) => a.day - b.day)
      .map(({ day, groups, ...levers }, index) => ({
        ...{ version: index + 1, effectiveFrom: noon(day), settings: { ...settingsOf(levers), groups } },
      }));
    const base = timelineOf();
    return {
      ...{ ...base, timeZone: zone, models: first ? [model, ...later] : later },
      settings: [...base.settings, ...versions],
      scales: scales.toSorted((a, b) => a.day - b.day).map(({ day, ...cuts }) => scale(day, cuts)),
    };
  });
