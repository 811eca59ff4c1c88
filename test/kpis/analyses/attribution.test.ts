import '../../support/seed.ts';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AttributionAnswer } from '../../../src/kpis/analyses/attribution/attribution.service.ts';
import type { AttributionModel } from '../../../src/kpis/analyses/attribution/attribution.ts';
import { type AnalysesFixture, openAnalyses, order, type Told } from './fixture.ts';

let fixture: AnalysesFixture;

const october = { from: '2026-10-01', to: '2026-11-01' };

function creditsOf({ keys, models }: AttributionAnswer, model: AttributionModel): Record<string, number> {
  const index = models.indexOf(model);
  return Object.fromEntries(keys.map(({ name, credits }) => [name, Number(credits![index]!.conversions) / 1e6]));
}

const touch = (who: string, occurredAt: string, channel: Told['channel'], more: Partial<Told> = {}): Told => ({
  ...{ who, occurredAt, channel, type: 'ad.clicked' },
  ...more,
});

describe('attribution by hand', () => {
  beforeEach(async () => {
    fixture = await openAnalyses();
  });
  afterEach(() => fixture.close());

  test('the golden paths: Markov gives 0.2, 0.4 and 0.4, and so do the others as they are known for', async () => {
    await fixture.tell(
      touch('a', '2026-10-02T10:00:00Z', 'EMAIL'),
      touch('a', '2026-10-03T10:00:00Z', 'SOCIAL'),
      touch('a', '2026-10-04T10:00:00Z', 'WEB'),
      order('a', '2026-10-05T10:00:00Z'),
      touch('b', '2026-10-02T10:00:00Z', 'EMAIL'),
      touch('c', '2026-10-02T10:00:00Z', 'SOCIAL'),
      touch('c', '2026-10-03T10:00:00Z', 'WEB'),
    );
    const answer = await fixture.attribution.attribution(fixture.ctx, october);
    expect(answer.attributed).toEqual({ conversions: 1, revenue: new Map([['EUR', 1_000n]]) });
    expect(answer.lostPaths).toBe(2);
    expect(creditsOf(answer, 'MARKOV')).toEqual({ EMAIL: 0.2, SOCIAL: 0.4, WEB: 0.4 });
    expect(creditsOf(answer, 'FIRST')).toEqual({ EMAIL: 1, SOCIAL: 0, WEB: 0 });
    expect(creditsOf(answer, 'LAST')).toEqual({ EMAIL: 0, SOCIAL: 0, WEB: 1 });
    expect(creditsOf(answer, 'POSITION')).toEqual({ EMAIL: 0.4, SOCIAL: 0.2, WEB: 0.4 });
    const thirds = { EMAIL: 0.333334, SOCIAL: 0.333333, WEB: 0.333333 };
    expect(creditsOf(answer, 'LINEAR')).toEqual(thirds);
    expect(creditsOf(answer, 'SHAPLEY')).toEqual(thirds);
    const markov = answer.keys.map(({ credits }) => credits![5]!);
    expect(markov.map(({ revenue }) => revenue.get('EUR'))).toEqual([200n, 400n, 400n]);
  });

  test('time decay by ages of 0, 7, 14 and 28 days', async () => {
    await fixture.tell(
      touch('a', '2026-10-02T10:00:00.000Z', 'LETTER'),
      touch('a', '2026-10-16T10:00:00.000Z', 'EMAIL'),
      touch('a', '2026-10-23T10:00:00.000Z', 'SOCIAL'),
      touch('a', '2026-10-30T09:59:59.999Z', 'WEB'),
      order('a', '2026-10-30T10:00:00.000Z'),
    );
    const answer = await fixture.attribution.attribution(fixture.ctx, { ...october, models: ['TIME_DECAY'] });
    const percents = Object.entries(creditsOf(answer, 'TIME_DECAY')).map(([key, part]) => [
      key,
      (100 * part).toFixed(1),
    ]);
    expect(Object.fromEntries(percents)).toEqual({ WEB: '55.2', SOCIAL: '27.6', EMAIL: '13.8', LETTER: '3.4' });
  });

  test('what counts lies within the time to look back, before the order; the rest is direct', async () => {
    await fixture.tell(
      touch('a', '2026-09-30T10:00:00.000Z', 'EMAIL'),
      touch('a', '2026-09-30T09:59:59.999Z', 'SOCIAL'),
      touch('a', '2026-10-30T10:00:00.000Z', 'WEB'),
      order('a', '2026-10-30T10:00:00.000Z'),
      order('b', '2026-10-30T10:00:00.000Z', { value: { amount: '5.00', currency: 'EUR' } }),
      touch('b', '2026-10-31T10:00:00.000Z', 'EMAIL'),
      order(null, '2026-10-30T10:00:00.000Z', { value: { amount: '100', currency: 'JPY' } }),
    );
    const answer = await fixture.attribution.attribution(fixture.ctx, { ...october, models: ['LINEAR'] });
    expect(creditsOf(answer, 'LINEAR')).toEqual({ EMAIL: 1 });
    expect(answer.direct).toEqual({ conversions: 1, revenue: new Map([['EUR', 500n]]) });
    expect(answer.unidentified).toEqual({ conversions: 1, revenue: new Map([['JPY', 100n]]) });
    expect(answer.lostPaths).toBeNull();
  });

  test('a touchpoint that an order of next month followed came to something, and one between two orders is a path of its own', async () => {
    fixture.clock.set('2026-12-31T12:00:00Z');
    await fixture.tell(
      touch('a', '2026-10-30T10:00:00Z', 'EMAIL'),
      order('a', '2026-11-02T10:00:00Z'),
      touch('b', '2026-10-01T10:00:00Z', 'EMAIL'),
      order('b', '2026-10-10T10:00:00Z'),
      touch('b', '2026-10-11T10:00:00Z', 'SOCIAL'),
      touch('b', '2026-10-12T10:00:00Z', 'WEB'),
      touch('anon-1', '2026-10-12T10:00:00Z', 'WEB'),
      touch('d', '2026-10-03T10:00:00Z', 'WEB'),
      order('d', '2026-10-13T10:00:00Z'),
    );
    const { lostPaths } = await fixture.attribution.attribution(fixture.ctx, { ...october, models: ['MARKOV'] });
    expect(lostPaths).toBe(2);
    const soon = { ...october, models: ['MARKOV' as const], lookbackDays: 2 };
    // Now a's order, and d's, come too late, and b's first touchpoint is long past.
    expect((await fixture.attribution.attribution(fixture.ctx, soon)).lostPaths).toBe(5);
  });

  test('an order at the very end of the time to look back still follows; a moment later none does', async () => {
    await fixture.tell(touch('a', '2026-10-01T10:00:00.000Z', 'EMAIL'), order('a', '2026-10-08T10:00:00.000Z'));
    const asked = { ...october, models: ['MARKOV' as const], lookbackDays: 7 };
    expect(await fixture.attribution.attribution(fixture.ctx, asked)).toMatchObject({
      ...{ attributed: { conversions: 1 }, direct: { conversions: 0 }, lostPaths: 0 },
    });
    await fixture.tell(touch('b', '2026-10-01T10:00:00.000Z', 'EMAIL'), order('b', '2026-10-08T10:00:00.001Z'));
    expect(await fixture.attribution.attribution(fixture.ctx, asked)).toMatchObject({
      ...{ attributed: { conversions: 1 }, direct: { conversions: 1 }, lostPaths: 1 },
    });
  });

  test('an order of several shipments is one, worth all of them', async () => {
    await fixture.tell(
      touch('a', '2026-10-02T10:00:00Z', 'EMAIL'),
      order('a', '2026-10-05T10:00:00Z', { orderId: 'o-1' }),
      order('a', '2026-11-01T10:00:00Z', { orderId: 'o-1', value: { amount: '2.50', currency: 'EUR' } }),
    );
    const { attributed } = await fixture.attribution.attribution(fixture.ctx, october);
    expect(attributed).toEqual({ conversions: 1, revenue: new Map([['EUR', 1_250n]]) });
    const november = await fixture.attribution.attribution(fixture.ctx, { from: '2026-11-01', to: '2026-12-01' });
    expect(november.attributed.conversions + november.direct.conversions).toBe(0);
  });

  test('a path goes through all records of a customer, as they are now', async () => {
    const [cookie, , bought] = await fixture.tell(
      touch('anon-1', '2026-10-02T10:00:00Z', 'SOCIAL'),
      touch('a', '2026-10-03T10:00:00Z', 'EMAIL'),
      order('a', '2026-10-05T10:00:00Z'),
    );
    const asked = { ...october, models: ['FIRST' as const] };
    expect(creditsOf(await fixture.attribution.attribution(fixture.ctx, asked), 'FIRST')).toEqual({ EMAIL: 1 });
    await fixture.merge(cookie!, bought!);
    expect(creditsOf(await fixture.attribution.attribution(fixture.ctx, asked), 'FIRST')).toEqual({
      SOCIAL: 1,
      EMAIL: 0,
    });
  });

  test('by campaign and source, by types, in one currency', async () => {
    await fixture.tell(
      touch('a', '2026-10-02T10:00:00Z', 'EMAIL', { campaign: 'autumn' }),
      touch('a', '2026-10-03T10:00:00Z', 'EMAIL', { type: 'newsletter.clicked' }),
      { who: 'a', occurredAt: '2026-10-04T10:00:00Z', type: 'case.opened', channel: 'PHONE' },
      order('a', '2026-10-05T10:00:00Z', { campaign: 'own' }),
      order('a', '2026-10-05T11:00:00Z', { value: { amount: '100', currency: 'JPY' } }),
    );
    const ask = async (more: object) => {
      const answer = await fixture.attribution.attribution(fixture.ctx, { ...october, models: ['LAST'], ...more });
      return [creditsOf(answer, 'LAST'), [...answer.attributed.revenue.keys()].sort()];
    };
    expect(await ask({ by: 'CAMPAIGN' })).toEqual([{ autumn: 2 }, ['EUR', 'JPY']]);
    expect(await ask({ by: 'SOURCE', currency: 'JPY' })).toEqual([{ crm: 1 }, ['JPY']]);
    expect(await ask({})).toEqual([{ EMAIL: 2 }, ['EUR', 'JPY']]);
    expect(await ask({ touchTypes: ['case.opened', 'order.completed'] })).toEqual([{ PHONE: 2 }, ['EUR', 'JPY']]);
  });

  test('keys of fewer than five customers are not told to everybody', async () => {
    const everybody = ['1', '2', '3', '4', '5'].flatMap((who) => [
      touch(who, '2026-10-02T10:00:00Z', 'EMAIL'),
      order(who, '2026-10-05T10:00:00Z'),
    ]);
    await fixture.tell(...everybody, touch('1', '2026-10-03T10:00:00Z', 'SOCIAL'));
    const { keys, suppressed } = await fixture.attribution.attribution(fixture.clerk, {
      ...october,
      models: ['LINEAR'],
    });
    expect(keys.map(({ name, customers, credits }) => [name, customers, credits?.length])).toEqual([
      ['EMAIL', 5, 1],
      ['SOCIAL', null, undefined],
    ]);
    expect(suppressed).toBe(true);
    const all = await fixture.attribution.attribution(fixture.ctx, { ...october, models: ['LINEAR'] });
    expect(all.keys.map(({ customers }) => customers)).toEqual([5, 1]);
  });

  test.each<[object, object]>([
    [{ lookbackDays: 0 }, { field: 'lookbackDays' }],
    [{ lookbackDays: 366 }, { field: 'lookbackDays' }],
    [{ halfLifeDays: 0 }, { field: 'halfLifeDays' }],
    [{ touchTypes: [] }, { field: 'touchTypes' }],
  ])('%o is refused', async (wrong, details) => {
    const asked = fixture.attribution.attribution(fixture.ctx, { ...october, ...wrong });
    await expect(asked).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details });
  });

  test('more campaigns than a chain can hold are refused, those of other models are told', async () => {
    const many = Array.from({ length: 401 }, (_, index) =>
      touch('a', new Date(Date.UTC(2026, 9, 2, 0, 0, index)).toISOString(), 'EMAIL', { campaign: `c-${index}` }),
    );
    await fixture.tell(...many, order('a', '2026-10-05T10:00:00Z'));
    const refused = fixture.attribution.attribution(fixture.ctx, { ...october, by: 'CAMPAIGN' });
    await expect(refused).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'by', reason: 'LIMIT_EXCEEDED', limit: 400 },
    });
    const told = await fixture.attribution.attribution(fixture.ctx, {
      ...october,
      by: 'CAMPAIGN',
      models: ['SHAPLEY'],
    });
    expect(told.keys).toHaveLength(401);
  });
});

describe('attribution of random lives', () => {
  beforeAll(async () => {
    fixture = await openAnalyses({ now: '2026-12-31T12:00:00Z' });
  });
  afterAll(() => fixture.close());

  test('is by plain code what it is by SQL, and adds up', { timeout: 60_000 }, async () => {
    const people = ['p1', 'p2', 'p3', 'anon-1'];
    const day = fc.integer({ min: Date.UTC(2026, 8, 1), max: Date.UTC(2026, 10, 20) });
    const happening = fc.record({
      who: fc.constantFrom(...people),
      // On the hour, so that touchpoints and orders meet at the same instant now and then.
      at: day.map((at) => at - (at % 3_600_000)),
      channel: fc.constantFrom('EMAIL' as const, 'SOCIAL' as const, 'WEB' as const, 'LETTER' as const, null),
    });
    const rounds = fc.sample(
      fc.record({
        happenings: fc.array(happening, { minLength: 4, maxLength: 10 }),
        lookbackDays: fc.constantFrom(1, 5, 30),
      }),
      { numRuns: 20, seed: 20_260_301 },
    );
    const life: { who: string; at: number; channel: string | null }[] = [];
    for (const { happenings: drawn, lookbackDays } of rounds) {
      // Of two touchpoints at the same instant the first is that with the smaller id, which nobody here knows.
      const taken = new Set(life.map(instantOf));
      const happenings = drawn.filter((one) => !taken.has(instantOf(one)) && taken.add(instantOf(one)));
      await fixture.tell(
        ...happenings.map(({ who, at, channel }) => {
          const occurredAt = new Date(at).toISOString();
          return channel === null ? order(who, occurredAt) : touch(who, occurredAt, channel);
        }),
      );
      life.push(...happenings);
      const answer = await fixture.attribution.attribution(fixture.ctx, { ...october, lookbackDays });
      const expected = byHand(life, lookbackDays);
      expect(answer.attributed.conversions).toBe(expected.attributed);
      expect(answer.direct.conversions).toBe(expected.direct);
      expect(answer.lostPaths).toBe(expected.lostPaths);
      for (const model of ['FIRST', 'LAST', 'LINEAR'] as const) {
        for (const [channel, credit] of Object.entries(creditsOf(answer, model)))
          expect(Math.abs(credit - (expected[model].get(channel) ?? 0))).toBeLessThan(2e-6);
      }
      for (const [index] of answer.models.entries()) {
        const sum = answer.keys.reduce((all, { credits }) => all + credits![index]!.conversions, 0n);
        expect(sum).toBe(BigInt(answer.attributed.conversions) * 1_000_000n);
      }
    }
    expect(life.length).toBeGreaterThan(80);
  });

  function instantOf({ who, at, channel }: { who: string; at: number; channel: string | null }): string {
    return `${who} ${at} ${channel === null}`;
  }

  function byHand(life: readonly { who: string; at: number; channel: string | null }[], lookbackDays: number) {
    const [from, to] = [Date.parse('2026-10-01T00:00:00+02:00'), Date.parse('2026-11-01T00:00:00+01:00')];
    const lookback = lookbackDays * 86_400_000;
    const sums = {
      FIRST: new Map<string, number>(),
      LAST: new Map<string, number>(),
      LINEAR: new Map<string, number>(),
    };
    const add = (sum: Map<string, number>, key: string, part: number) => sum.set(key, (sum.get(key) ?? 0) + part);
    let [attributed, direct, lostPaths] = [0, 0, 0];
    for (const events of Map.groupBy(life, ({ who }) => who).values()) {
      const orders = events.filter(({ channel }) => channel === null).map(({ at }) => at);
      const touches = events.filter(({ channel }) => channel !== null).sort((a, b) => a.at - b.at);
      for (const at of orders.filter((one) => one >= from && one < to)) {
        const before = touches.filter((one) => one.at < at && one.at >= at - lookback);
        if (before.length === 0) direct += 1;
        else attributed += 1;
        if (before.length > 0) {
          add(sums.FIRST, before[0]!.channel!, 1);
          add(sums.LAST, before.at(-1)!.channel!, 1);
        }
        for (const { channel } of before) add(sums.LINEAR, channel!, 1 / before.length);
      }
      const lost = touches.filter(
        ({ at }) =>
          at >= from && at < to && !orders.some((one) => one > at && one <= at + lookback && one < to + lookback),
      );
      lostPaths += new Set(lost.map(({ at }) => orders.filter((one) => one <= at && one >= from).length)).size;
    }
    return { attributed, direct, lostPaths, ...sums };
  }
});
