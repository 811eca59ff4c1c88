import '../../support/seed.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ChurnCounter,
  type ChurnHistory,
  type ChurnTerms,
  describeChurn,
} from '../../../src/kpis/analyses/churn/churn.ts';
import { probabilityAlive } from '../../../src/kpis/clv/bg-nbd-forecast.ts';
import type { ActiveModel } from '../../../src/kpis/models/kpi-model.ts';
import { lostAfterFirst } from '../../../src/kpis/models/second-order.ts';
import { defaultSettings } from '../../../src/kpis/settings/kpi-settings.ts';
import type { KpiTimeline } from '../../../src/kpis/settings/kpi-timeline.ts';
import { type AnalysesFixture, openAnalyses, order, type Told } from './fixture.ts';

const millisecondsPerDay = 86_400_000;
const dayAt = (day: number, hour = 12) => new Date(day * millisecondsPerDay + hour * 3_600_000);
const start = Date.UTC(2026, 0, 1) / millisecondsPerDay;

const ever = new Date(0);
const timeline: KpiTimeline = {
  revision: 1,
  settings: [{ version: 0, effectiveFrom: ever, settings: defaultSettings }],
  models: [],
  scales: [],
  timeZone: 'UTC',
};

function bought(...days: readonly number[]): ChurnHistory {
  return {
    signals: [],
    purchases: days.map((day) => ({
      at: dayAt(start + day),
      ...{ kind: 'ORDER', orderId: null, opensOrder: true, currency: 'EUR', valueMinor: 1_000n },
    })),
  };
}

function count(histories: readonly ChurnHistory[], terms: Partial<ChurnTerms> & { days: readonly number[] }) {
  const { days, ...given } = terms;
  const counter = new ChurnCounter({
    ...{ definition: 'SILENT', now: dayAt(start + 10_000), timeline, threshold: null, latestModel: false },
    edges: days.map((day) => dayAt(start + day, 0)),
    ...given,
  });
  for (const history of histories) counter.add(history);
  return counter.counts(true);
}

const numbers = (histories: readonly ChurnHistory[], terms: Partial<ChurnTerms> & { days: readonly number[] }) =>
  count(histories, terms).buckets.map(({ active, lost, rate }) => [active, lost, rate]);

describe('silent', () => {
  test('is for more than 90 days, as long as there are too few gaps', () => {
    expect(numbers([bought(0)], { days: [1, 90, 91, 92] })).toEqual([
      [1, 0, 0],
      [1, 1, 1],
      [0, 0, null],
    ]);
  });

  test('is for more than the 80 % quantile of three gaps of their own', () => {
    // Gaps 10, 20, 30: type 7 at .8 is 26.
    const history = bought(0, 10, 30, 60);
    expect(numbers([history], { days: [61, 86, 87] })).toEqual([
      [1, 0, 0],
      [1, 1, 1],
    ]);
  });

  test('goes by the gaps that were known then', () => {
    // By day 40 there are but two gaps, 10 and 20: the lever of 90 days counts.
    expect(numbers([bought(0, 10, 30, 500)], { days: [31, 120, 121] })).toEqual([
      [1, 0, 0],
      [1, 1, 1],
    ]);
  });

  test('who first buys at the very beginning of a bucket was no customer before it', () => {
    const history = { ...bought(0), purchases: bought(0).purchases.map((one) => ({ ...one, at: dayAt(start, 0) })) };
    expect(numbers([history], { days: [0, 10, 20] })).toEqual([
      [0, 0, null],
      [1, 0, 0],
    ]);
  });

  test('by the settings that were in force', () => {
    const later = { ...defaultSettings, lifecycle: { ...defaultSettings.lifecycle, overdueDays: 30 } };
    const settings = [...timeline.settings, { version: 1, effectiveFrom: dayAt(start + 50, 0), settings: later }];
    const { buckets } = count([bought(0)], { days: [1, 49, 50], timeline: { ...timeline, settings } });
    expect(buckets.map(({ active, lost, settingsVersion }) => [active, lost, settingsVersion])).toEqual([
      [1, 0, 0],
      [1, 1, 1],
    ]);
  });

  test('who buys again within the bucket is not lost, and a whole is counted anew', () => {
    // Lost in the second bucket, and back in the third.
    const { buckets, total } = count([bought(0, 150)], { days: [1, 80, 140, 160] });
    expect(buckets.map(({ active, lost }) => [active, lost])).toEqual([
      [1, 0],
      [1, 1],
      [0, 0],
    ]);
    expect(total).toMatchObject({ active: 1, lost: 0, rate: 0, complete: true });
    expect(numbers([bought(0, 150)], { days: [1, 160] })).toEqual([[1, 0, 0]]);
  });

  test('what came back as a whole was no purchase, from then on', () => {
    const history: ChurnHistory = {
      signals: [],
      purchases: [
        { ...bought(0).purchases[0]!, orderId: '1' },
        { ...bought(20).purchases[0]!, kind: 'RETURN', orderId: '1', opensOrder: false },
      ],
    };
    expect(numbers([history], { days: [10, 15, 30] })).toEqual([
      [1, 0, 0],
      [1, 1, 1],
    ]);
  });

  test('says nothing of a bucket that is not over', () => {
    const { buckets, total } = count([bought(0)], { days: [1, 10, 20], now: dayAt(start + 19) });
    expect(buckets.map(({ active, complete }) => [active, complete])).toEqual([
      [1, true],
      [null, false],
    ]);
    expect(total).toMatchObject({ active: 1, to: dayAt(start + 10, 0), complete: true });
    const none = count([bought(0)], { days: [1, 10], now: dayAt(start + 5) });
    expect(none.total).toMatchObject({ active: null, rate: null, complete: false });
  });

  test('withholds what is about fewer than five: also those who stayed', () => {
    const tell = (stay: number, go: number) => {
      const counter = new ChurnCounter({
        ...{ definition: 'SILENT', now: dayAt(start + 999), timeline, threshold: null, latestModel: false },
        edges: [1, 95].map((day) => dayAt(start + day, 0)),
      });
      for (let left = stay; left > 0; left -= 1) counter.add(bought(0, 50));
      for (let left = go; left > 0; left -= 1) counter.add(bought(0));
      const { active, lost, suppressed } = counter.counts(false).buckets[0]!;
      return [active, lost, suppressed];
    };
    expect(tell(5, 5)).toEqual([10, 5, false]);
    expect(tell(5, 4)).toEqual([null, null, true]);
    expect(tell(4, 5)).toEqual([null, null, true]);
    expect(tell(5, 0)).toEqual([5, 0, false]);
  });

  test('is what plain code says of random purchases', () => {
    const lives = fc.array(fc.uniqueArray(fc.nat(400), { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 6 });
    const edges = fc.uniqueArray(fc.nat(500), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(lives, edges, (drawn, unsorted) => {
        const all = drawn.map((days) => days.toSorted((a, b) => a - b));
        const days = unsorted.toSorted((a, b) => a - b);
        const isOne = (life: readonly number[], edge: number) => {
          const before = life.filter((day) => day < edge);
          if (before.length === 0) return false;
          const gaps = before
            .slice(1)
            .map((day, index) => day - before[index]!)
            .sort((a, b) => a - b);
          const place = 0.8 * (gaps.length - 1);
          const [low, high] = [gaps[Math.floor(place)]!, gaps[Math.ceil(place)]!];
          const usual = gaps.length < 3 ? 90 : low + (place % 1) * (high - low);
          return edge - before.at(-1)! <= usual + 1e-9;
        };
        const expected = days.slice(1).map((end, index) => {
          const active = all.filter((life) => isOne(life, days[index]!));
          return [active.length, active.filter((life) => !isOne(life, end)).length];
        });
        const found = count(
          all.map((life) => bought(...life)),
          { days },
        ).buckets;
        expect(found.map(({ active, lost }) => [active, lost])).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });
});

const model: ActiveModel = {
  id: 'm',
  version: 3,
  effectiveFrom: dayAt(start + 100, 0),
  cutOff: dayAt(start + 99, 0),
  bgNbd: { r: 0.5, alpha: 30, a: 0.8, b: 2.5 },
  spend: {},
  secondOrder: { days: [10, 50, 200], survival: [0.9, 0.7, 0.6] },
};

describe('by P(alive)', () => {
  const withModel = { ...timeline, models: [model] };

  test('goes by the model that was in force, and says nothing before the first', () => {
    const { buckets } = count([bought(0, 20, 40)], {
      ...{ definition: 'P_ALIVE', days: [50, 90, 120, 150], timeline: withModel },
    });
    expect(buckets.map(({ active, modelVersion }) => [active, modelVersion])).toEqual([
      [null, null],
      [null, 3],
      [1, 3],
    ]);
    const latest = count([bought(0, 20, 40)], {
      ...{ definition: 'P_ALIVE', days: [50, 90], timeline: withModel, latestModel: true },
    });
    expect(latest.buckets[0]).toMatchObject({ active: 1, lost: 0, modelVersion: 3 });
  });

  test('is lost on the first day on which it falls below the threshold', () => {
    const alive = (day: number) => probabilityAlive(model.bgNbd, { repeats: 2, recency: 40, age: day });
    let day = 101;
    while (alive(day) >= 0.3) day += 1;
    expect(
      numbers([bought(0, 20, 40)], {
        ...{ definition: 'P_ALIVE', threshold: 0.3, days: [101, day - 1, day], timeline: withModel },
      }),
    ).toEqual([
      [1, 0, 0],
      [1, 1, 1],
    ]);
  });

  test('of one-time buyers goes by how many ever come back', () => {
    // Of those still waiting at 199 days 0.6 ÷ 0.7 never come back; from 200 on nobody does.
    expect(1 - lostAfterFirst(model.secondOrder, 199)).toBeCloseTo(1 / 7, 12);
    const terms = { definition: 'P_ALIVE' as const, threshold: 0.1, timeline: withModel };
    expect(numbers([bought(0)], { ...terms, days: [101, 199, 200] })).toEqual([
      [1, 0, 0],
      [1, 1, 1],
    ]);
  });
});

describe('a definition', () => {
  test('is told in words, with its numbers', () => {
    const tell = (definition: ChurnTerms['definition'], threshold: number | null = null, latestModel = false) =>
      describeChurn({ definition, threshold, latestModel });
    expect(tell('SILENT')).toContain('80 % quantile');
    expect(tell('P_ALIVE', 0.25, true)).toMatch(/at least 0\.25, by the latest model/);
    expect(tell('P_ALIVE')).toMatch(/lostProbability in force at the time, by the model in force/);
    expect(tell('CONTRACT')).toContain('contract');
  });
});

describe('churn from the database', () => {
  let fixture: AnalysesFixture;
  beforeAll(async () => {
    fixture = await openAnalyses({ now: '2026-11-01T12:00:00Z' });
  });
  afterAll(() => fixture.close());

  const signed = (
    who: string,
    at: string,
    endsAt: string | null,
    contractId = '1',
    type = 'contract.started',
  ): Told => ({
    ...{ who, occurredAt: at, type },
    properties: { contractId, ...(endsAt && { endsAt }) },
  });

  test('by silence counts customers by all of their records', async () => {
    const [one, other] = await fixture.tell(
      order('a', '2026-01-10T10:00:00Z'),
      order('b', '2026-04-01T10:00:00Z'),
      order('c', '2026-02-01T10:00:00Z'),
      order(null, '2026-01-10T10:00:00Z'),
    );
    const input = { grain: 'MONTH' as const, from: '2026-02-01', to: '2026-06-01' };
    const before = await fixture.churn.churnRate(fixture.ctx, input);
    expect(before).toMatchObject({ definition: 'SILENT', timezone: 'Europe/Zurich' });
    // Silent for more than 90 days: a since 11 April, c since 3 May.
    const told = (answer: typeof before) => answer.buckets.map(({ active, lost }) => [active, lost]);
    expect(told(before)).toEqual([
      [1, 0],
      [2, 0],
      [2, 1],
      [2, 1],
    ]);
    await fixture.merge(one!, other!);
    expect(told(await fixture.churn.churnRate(fixture.ctx, input))).toEqual([
      [1, 0],
      [2, 0],
      [2, 0],
      [2, 1],
    ]);
  });

  test('by contract: lost when the last of them ends, or is ended', async () => {
    await fixture.tell(
      // Until the end of June in Zurich, and not renewed.
      signed('d', '2026-01-01T10:00:00Z', '2026-06-30T22:00:00Z'),
      // Renewed in time.
      signed('e', '2026-01-01T10:00:00Z', '2026-06-30T22:00:00Z'),
      signed('e', '2026-06-01T10:00:00Z', '2027-06-30T22:00:00Z', '1', 'contract.renewed'),
      // Without end, until it is ended; and another one that goes on a little.
      signed('f', '2026-01-01T10:00:00Z', null),
      signed('f', '2026-02-01T10:00:00Z', '2026-09-15T10:00:00Z', '2'),
      signed('f', '2026-07-20T10:00:00Z', null, '1', 'contract.ended'),
      // Renewed too late: back, but lost.
      signed('g', '2026-01-01T10:00:00Z', '2026-06-30T22:00:00Z'),
      signed('g', '2026-08-20T10:00:00Z', '2027-06-30T22:00:00Z', '1', 'contract.renewed'),
    );
    const answer = await fixture.churn.churnRate(fixture.ctx, {
      ...{ grain: 'MONTH', from: '2026-05-01', to: '2026-10-01', definition: 'CONTRACT' },
    });
    expect(answer.buckets.map(({ active, lost, rate }) => [active, lost, rate])).toEqual([
      [4, 0, 0],
      [4, 2, 0.5],
      [2, 0, 0],
      [2, 0, 0],
      [3, 1, 1 / 3],
    ]);
    expect(answer.total).toMatchObject({ active: 4, lost: 2 });
  });

  test('of a segment, and without small numbers', async () => {
    const [a] = await fixture.tell({ who: 'a', occurredAt: '2026-10-01T10:00:00Z' });
    const id = '00000000-0000-7000-8000-00000000c001';
    await fixture.putInto(id, a!);
    const input = { grain: 'MONTH' as const, from: '2026-03-01', to: '2026-04-01', segmentIds: [id] };
    const { buckets } = await fixture.churn.churnRate(fixture.ctx, input);
    expect(buckets[0]).toMatchObject({ active: 1, lost: 0 });
    await expect(fixture.churn.churnRate(fixture.clerk, input)).rejects.toMatchObject({
      ...{ code: 'FORBIDDEN', details: { requiredScope: 'segments:read' } },
    });
    const scopes = new Set(['metrics:read', 'segments:read']);
    const hidden = await fixture.churn.churnRate(
      { ...fixture.clerk, viewer: { ...fixture.clerk.viewer, scopes } },
      input,
    );
    expect(hidden.buckets[0]).toMatchObject({ active: null, suppressed: true });
  });

  test('of more than 20 segments is refused', async () => {
    const segmentIds = Array.from({ length: 21 }, () => '00000000-0000-7000-8000-00000000c001');
    const asked = fixture.churn.churnRate(fixture.ctx, {
      grain: 'MONTH',
      from: '2026-03-01',
      to: '2026-04-01',
      segmentIds,
    });
    await expect(asked).rejects.toMatchObject({ details: { field: 'segments', reason: 'LIMIT_EXCEEDED', limit: 20 } });
  });

  test.each([0, 1, Number.NaN])('a threshold of %d is refused', async (threshold) => {
    const asked = fixture.churn.churnRate(fixture.ctx, {
      grain: 'MONTH',
      from: '2026-03-01',
      to: '2026-04-01',
      threshold,
    });
    await expect(asked).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'threshold' } });
  });
});
