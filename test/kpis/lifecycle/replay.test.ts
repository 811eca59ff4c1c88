import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CustomerHistory } from '../../../src/kpis/customers/customer-history.ts';
import { foldPurchases } from '../../../src/kpis/customers/purchase-fold.ts';
import { dayNumber } from '../../../src/kpis/customers/zone-days.ts';
import { churnRisk } from '../../../src/kpis/lifecycle/churn-risk.ts';
import { churnFactsOf, deriveLifecycle, settingsOf } from '../../../src/kpis/lifecycle/lifecycle.ts';
import { OrdersSoFar } from '../../../src/kpis/lifecycle/orders-so-far.ts';
import { Replay } from '../../../src/kpis/lifecycle/replay.ts';
import { indexTimeline } from '../../../src/kpis/lifecycle/timeline-index.ts';
import { isTransition } from '../../../src/kpis/lifecycle/transition-table.ts';
import { zoneClock } from '../../../src/kpis/lifecycle/zone-clock.ts';
import { inForce } from '../../../src/kpis/settings/kpi-timeline.ts';
import { noon, signal } from './lives.ts';
import { histories, timelines } from './lives-arbitrary.ts';

const instants = fc.integer({ min: 0, max: 13_000_000 }).map((parts) => noon(parts / 10_000));
const runs = { numRuns: 400 };

describe('replays of any life by any settings, models and scales', () => {
  it('only make transitions that the table has, one after the other', () => {
    fc.assert(
      fc.property(histories, timelines, instants, (history, timeline, now) => {
        const replay = new Replay(history, indexTimeline(timeline));
        replay.run(now.getTime());
        expect(replay.refused).toBe(0);
        const { transitions } = replay;
        expect(transitions[0]!.from).toBeNull();
        transitions.forEach(({ from, to, cause, at }, index) => {
          expect(isTransition(from, to, cause)).toBe(true);
          const before = transitions[index - 1];
          if (!before) return;
          expect(from).toBe(before.to);
          expect(at.getTime()).toBeGreaterThanOrEqual(before.at.getTime());
        });
      }),
      runs,
    );
  });

  it('say of an instant what they said at that instant, however much later they look', () => {
    fc.assert(
      fc.property(histories, timelines, instants, instants, (history, timeline, one, other) => {
        const [now, later] = one <= other ? [one, other] : [other, one];
        const then = deriveLifecycle(history, timeline, now);
        const all = deriveLifecycle(history, timeline, later).transitions;
        expect(all.filter(({ at }, index) => at <= now || index === 0)).toEqual(then.transitions);
      }),
      runs,
    );
  });

  it('do not look into the future', () => {
    fc.assert(
      fc.property(histories, timelines, instants, (history, timeline, now) => {
        const known = <T extends { at: Date }>(all: readonly T[]) => all.filter(({ at }) => at <= now);
        const past: CustomerHistory = {
          ...history,
          ...{ purchases: known(history.purchases), signals: known(history.signals), tiers: known(history.tiers) },
          observations: known(history.observations),
          touches: history.touches.filter((at) => at <= now),
        };
        const { dueAt: _, ...expected } = deriveLifecycle(past, timeline, now);
        expect(deriveLifecycle(history, timeline, now)).toMatchObject(expected);
      }),
      runs,
    );
  });

  it('are never due late: before, stage and band stay, whenever one looks', () => {
    fc.assert(
      fc.property(
        histories,
        timelines,
        instants,
        fc.array(fc.double({ min: 0, max: 0.999_999, noNaN: true }), { maxLength: 4 }),
        (history, timeline, now, parts) => {
          const { dueAt, stage, band, transitions } = deriveLifecycle(history, timeline, now);
          const end = Math.min(dueAt?.getTime() ?? Infinity, now.getTime() + 1e11);
          for (const part of [...parts, 1]) {
            const later = new Date(Math.min(now.getTime() + part * (end - now.getTime()), end - 1));
            if (later < now) continue;
            expect(deriveLifecycle(history, timeline, later)).toMatchObject({ dueAt, stage, band, transitions });
          }
        },
      ),
      runs,
    );
  });

  it('miss no instant: looking at one more changes nothing', () => {
    fc.assert(
      fc.property(histories, timelines, instants, instants, (history, timeline, one, other) => {
        const [look, now] = one <= other ? [one, other] : [other, one];
        // Closes a case that there is not: everything is weighed again.
        const signals = [...history.signals, { ...signal(0, 'CASE_RESOLVED', { subject: 'none' }), at: look }].sort(
          (a, b) => a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1),
        );
        // A signal is a touch: of prospects whose silence matters it would be another history.
        const plain = { ...history, touches: [], lastSeenAt: noon(3000) };
        const looked = deriveLifecycle({ ...plain, signals }, timeline, now);
        expect({ ...looked, dueAt: null }).toEqual({ ...deriveLifecycle(plain, timeline, now), dueAt: null });
      }),
      runs,
    );
  });

  it('know of purchases what their fold says, at any instant', () => {
    fc.assert(
      fc.property(histories, timelines, instants, (history, { timeZone }, now) => {
        const purchases = history.purchases.filter(({ at }) => at <= now);
        const so = new OrdersSoFar(zoneClock(timeZone));
        for (const purchase of purchases) so.add(purchase);
        const fold = foldPurchases({ ...history, purchases }, timeZone);
        expect({
          ...{
            netOrders: so.orders,
            purchaseDays: so.days.length,
            first: so.days[0] ?? null,
            last: so.days.at(-1) ?? null,
          },
          ...{ currency: so.currency, q80: so.gaps.length > 0 ? so.quantileOfGaps(0.8) : null },
        }).toEqual({
          ...{
            netOrders: fold?.netOrders ?? 0,
            purchaseDays: fold?.purchaseDays ?? 0,
            first: fold?.firstPurchaseDay ?? null,
          },
          ...{ last: fold?.lastPurchaseDay ?? null, currency: fold?.currency ?? '', q80: fold?.gapQ80 ?? null },
        });
      }),
      runs,
    );
  });

  it('have the risk that is shown', () => {
    fc.assert(
      fc.property(histories, timelines, instants, (history, timeline, now) => {
        const { band, risk, stage } = deriveLifecycle(history, timeline, now);
        const facts = churnFactsOf(history, timeline, now);
        const model = inForce(timeline.models, now, ({ effectiveFrom }) => effectiveFrom) ?? null;
        const { churn } = settingsOf(history, timeline, now).settings;
        const shown = facts && stage !== 'ANONYMOUS' ? churnRisk(facts, model, churn, now) : null;
        expect({ band, risk }).toEqual({ band: shown?.band ?? null, risk: shown?.risk ?? null });
      }),
      runs,
    );
  });
});

describe('days of a zone', () => {
  const zones = ['UTC', 'Europe/Zurich', 'America/Havana', 'America/Sao_Paulo', 'Asia/Kathmandu', 'Atlantic/Azores'];

  it('are those of the calendar, and begin where they begin', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 2_000_000_000_000 }), (zone, at) => {
        const clock = zoneClock(zone);
        const day = clock.dayOf(at);
        expect(day).toBe(dayNumber(new Date(at), zone));
        const start = clock.startOf(day);
        expect(clock.dayOf(start)).toBe(day);
        expect(clock.dayOf(start - 1)).toBe(day - 1);
      }),
      { numRuns: 500 },
    );
  });
});
