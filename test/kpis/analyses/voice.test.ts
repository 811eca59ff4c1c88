import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnalysesFixture, openAnalyses, type Told } from './fixture.ts';

let fixture: AnalysesFixture;
beforeAll(async () => {
  fixture = await openAnalyses({ now: '2026-11-01T12:00:00Z' });
});
afterAll(() => fixture.close());

const answer = (who: string | null, occurredAt: string, score: number, variant?: string): Told => ({
  ...{ who, occurredAt, type: 'survey.answered' },
  properties: { survey: 'NPS', score, ...(variant && { variant }) },
});

const step = (who: string, type: string, occurredAt: string, caseId?: string): Told => ({
  ...{ who, occurredAt, type: `case.${type}`, channel: 'PHONE' },
  properties: caseId === undefined ? {} : { caseId },
});

const october = { from: '2026-10-01', to: '2026-11-01' };

describe('NPS', () => {
  beforeAll(async () => {
    await fixture.tell(
      answer('a', '2026-10-02T10:00:00Z', 0),
      answer('a', '2026-10-20T10:00:00Z', 9),
      answer('b', '2026-10-03T10:00:00Z', 8),
      answer('c', '2026-10-04T10:00:00Z', 6, 'shop'),
      answer('d', '2026-10-31T22:59:59.999Z', 10),
      answer('e', '2026-10-31T23:00:00Z', 0),
      answer(null, '2026-10-05T10:00:00Z', 10),
      answer(null, '2026-10-05T10:00:00Z', 10),
    );
  });

  test('counts the latest answer of each customer, and each of nobody’s', async () => {
    const { total, buckets } = await fixture.voice.nps(fixture.ctx, october);
    expect(total.counts).toEqual({ promoters: 4, passives: 1, detractors: 1 });
    expect(total).toMatchObject({ responses: 6, score: 50, few: true });
    expect(buckets).toEqual([]);
  });

  test('by bucket counts the latest of each, and the first and the last are only as long as the period', async () => {
    const { buckets } = await fixture.voice.nps(fixture.ctx, { ...october, from: '2026-10-02', grain: 'WEEK' });
    expect(buckets.map(({ from, counts }) => [from.toISOString(), ...Object.values(counts!)])).toEqual([
      ['2026-10-01T22:00:00.000Z', 0, 1, 2],
      ['2026-10-04T22:00:00.000Z', 2, 0, 0],
      ['2026-10-11T22:00:00.000Z', 0, 0, 0],
      ['2026-10-18T22:00:00.000Z', 1, 0, 0],
      ['2026-10-25T23:00:00.000Z', 1, 0, 0],
    ]);
    expect(buckets.at(-1)!.to).toEqual(new Date('2026-10-31T23:00:00Z'));
    expect(buckets[2]).toMatchObject({ score: null, suppressed: false });
  });

  test('of one variant', async () => {
    const { total } = await fixture.voice.nps(fixture.ctx, { ...october, variant: 'shop' });
    expect(total.counts).toEqual({ promoters: 0, passives: 0, detractors: 1 });
    const hidden = await fixture.voice.nps(fixture.clerk, { ...october, variant: 'shop' });
    expect(hidden.total).toMatchObject({ counts: null, score: null, suppressed: true });
  });

  test('customers who are one have one answer', async () => {
    const [b, c] = await fixture.tell(
      { who: 'b', occurredAt: '2026-10-06T10:00:00Z' },
      { who: 'c', occurredAt: '2026-10-06T10:00:00Z' },
    );
    await fixture.merge(b!, c!);
    const { total } = await fixture.voice.nps(fixture.ctx, october);
    expect(total.counts).toEqual({ promoters: 4, passives: 0, detractors: 1 });
  });
});

describe('resolution of cases', () => {
  beforeAll(async () => {
    await fixture.tell(
      // 10 hours, of which 4 we waited.
      step('f', 'opened', '2026-10-05T08:00:00Z', '1'),
      step('f', 'waiting', '2026-10-05T10:00:00Z', '1'),
      step('f', 'resumed', '2026-10-05T14:00:00Z', '1'),
      step('f', 'resolved', '2026-10-05T18:00:00Z', '1'),
      // The same number with somebody else: 2 hours, and 1 more when it is reopened in November.
      step('g', 'opened', '2026-10-06T08:00:00Z', '1'),
      step('g', 'resolved', '2026-10-06T10:00:00Z', '1'),
      step('g', 'reopened', '2026-11-01T08:00:00Z', '1'),
      step('g', 'resolved', '2026-11-01T09:00:00Z', '1'),
      // Open for 4 hours at noon of 1 November.
      step('h', 'opened', '2026-10-31T22:00:00Z', '2'),
      step('h', 'waiting', '2026-10-31T23:00:00Z', '2'),
      step('h', 'resumed', '2026-11-01T09:00:00Z', '2'),
      // Opened before, reopened within: not of this month.
      step('i', 'opened', '2026-09-30T21:59:59Z', '3'),
      step('i', 'opened', '2026-10-10T10:00:00Z', '3'),
      step('i', 'opened', '2026-11-01T10:00:00Z', '4'),
    );
  });

  test('has open cases for as long as they were watched', async () => {
    const { total, nameless } = await fixture.voice.caseResolution(fixture.ctx, october);
    expect(total).toMatchObject({ opened: 3, resolved: 2, open: 1, reopened: 1, median: 6, p90: 6 });
    expect(total.curve).toEqual([
      { time: 3, atRisk: 3, ended: 1, survival: expect.closeTo(2 / 3, 12) },
      { time: 6, atRisk: 1, ended: 1, survival: 0 },
    ]);
    expect(nameless).toBe(0);
  });

  test('by when they were opened', async () => {
    const { buckets } = await fixture.voice.caseResolution(fixture.ctx, {
      from: '2026-09-01',
      to: '2026-12-01',
      grain: 'MONTH',
    });
    expect(buckets.map(({ opened, median }) => [opened, median])).toEqual([
      [1, null],
      [3, 6],
      [1, null],
    ]);
  });

  test('without a number they stay open, and are counted', async () => {
    await fixture.tell(step('k', 'opened', '2026-10-20T08:00:00Z'), step('k', 'resolved', '2026-10-20T09:00:00Z'));
    const { total, nameless } = await fixture.voice.caseResolution(fixture.ctx, october);
    expect([total.opened, total.open, nameless]).toEqual([4, 2, 1]);
  });

  test('of fewer than five customers are not told to everybody', async () => {
    const { total } = await fixture.voice.caseResolution(fixture.clerk, october);
    expect(total).toMatchObject({ opened: 0, median: null, curve: [], suppressed: true });
  });

  test('a case goes on where customers become one', async () => {
    const [one, other] = await fixture.tell(step('l', 'opened', '2026-10-21T08:00:00Z', '9'), {
      who: 'm',
      occurredAt: '2026-10-21T08:30:00Z',
      type: 'case.resolved',
      properties: { caseId: '9' },
    });
    const open = await fixture.voice.caseResolution(fixture.ctx, october);
    await fixture.merge(one!, other!);
    const closed = await fixture.voice.caseResolution(fixture.ctx, october);
    expect([open.total.open, closed.total.open]).toEqual([3, 2]);
  });
});
