import '../../support/seed.ts';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RetentionAnswer, RetentionInput } from '../../../src/kpis/analyses/cohorts/retention.service.ts';
import type { AnalysisGrain } from '../../../src/kpis/analyses/period.ts';
import { type AnalysesFixture, openAnalyses, order, type Told } from './fixture.ts';

let fixture: AnalysesFixture;
afterAll(() => fixture?.close());

const activeOf = ({ cohorts }: RetentionAnswer) => cohorts.map(({ cells }) => cells.map(({ active }) => active));

describe('retention by hand', () => {
  beforeAll(async () => {
    fixture = await openAnalyses({ now: '2026-05-10T12:00:00Z' });
    // At 23:30 UTC of 31 January it is February in Zurich; 29 March has 23 hours there.
    await fixture.tell(
      order('a', '2026-01-10T10:00:00Z'),
      order('a', '2026-02-10T10:00:00Z'),
      order('a', '2026-02-11T10:00:00Z'),
      order('b', '2026-01-31T23:30:00Z'),
      order('b', '2026-03-31T22:30:00Z'),
      order('c', '2026-01-31T22:59:59Z'),
      order('c', '2026-04-01T10:00:00Z'),
      order('d', '2026-05-02T10:00:00Z'),
      order(null, '2026-01-10T10:00:00Z'),
    );
  });
  afterAll(() => fixture.close());

  const input: RetentionInput = { grain: 'MONTH', from: '2026-01-01', to: '2026-06-01', periods: 4 };

  test('is a matrix by month of the first order; what is not over is null', async () => {
    const answer = await fixture.retention.cohorts(fixture.ctx, input);
    expect(answer.cohorts.map(({ day, size, complete }) => [day, size, complete])).toEqual([
      ['2026-01-01', 2, true],
      ['2026-02-01', 1, true],
      ['2026-03-01', 0, true],
      ['2026-04-01', 0, true],
      ['2026-05-01', 1, false],
    ]);
    expect(activeOf(answer)).toEqual([
      [2, 1, 0, 1, null],
      [1, 0, 1, null, null],
      [0, 0, null, null, null],
      [0, null, null, null, null],
      [null, null, null, null, null],
    ]);
    expect(answer.cohorts[0]!.cells.map(({ rate }) => rate)).toEqual([1, 0.5, 0, 0.5, null]);
    expect(answer.cohorts[2]!.cells[0]!.rate).toBeNull();
  });

  test('totals are of the cohorts that have got so far', async () => {
    const { totals } = await fixture.retention.cohorts(fixture.ctx, input);
    expect(totals.map(({ cohorts, size, active, rate }) => [cohorts, size, active, rate])).toEqual([
      [4, 3, 3, 1],
      [3, 3, 1, 1 / 3],
      [2, 3, 1, 1 / 3],
      [1, 2, 1, 0.5],
      [0, 0, 0, null],
    ]);
  });

  test('another zone has other months', async () => {
    const { cohorts } = await fixture.retention.cohorts(fixture.ctx, { ...input, timezone: 'UTC' });
    expect(cohorts.map(({ size }) => size)).toEqual([3, 0, 0, 0, 1]);
  });

  test('periods are taken to whole buckets', async () => {
    const answer = await fixture.retention.cohorts(fixture.ctx, {
      ...{ grain: 'QUARTER', from: '2026-02-15T12:00:00Z', to: '2026-04-01T00:00:00+02:00', periods: 0 },
    });
    expect([answer.from, answer.to]).toEqual([new Date('2025-12-31T23:00:00Z'), new Date('2026-03-31T22:00:00Z')]);
    expect(activeOf(answer)).toEqual([[3]]);
  });

  test('without `pii:read` groups of fewer than five are not told', async () => {
    const { cohorts, totals } = await fixture.retention.cohorts(fixture.clerk, input);
    expect(cohorts[0]).toMatchObject({
      size: null,
      cells: [{ active: null, rate: null, suppressed: true }, {}, {}, {}, {}],
    });
    expect(cohorts[2]).toMatchObject({ size: 0 });
    expect(totals[0]).toMatchObject({ size: null, active: null, suppressed: true });
  });

  test.each<[Partial<RetentionInput>, object]>([
    [{ to: '2026-01-01' }, { field: 'from' }],
    [{ from: '2026-02-30' }, { field: 'from' }],
    [{ from: '1.2.2026' }, { field: 'from' }],
    [{ to: '2026-06-01T00:00:00' }, { field: 'to' }],
    [{ timezone: 'Europe/Zuerich' }, { field: 'timezone' }],
    [{ periods: 121 }, { field: 'periods' }],
    [{ periods: 1.5 }, { field: 'periods' }],
    [{ from: '1900-01-01' }, { field: 'to', reason: 'LIMIT_EXCEEDED', limit: 260 }],
    [
      { grain: 'WEEK', from: '2023-01-01', periods: 100 },
      { field: 'periods', reason: 'LIMIT_EXCEEDED', limit: 10_000 },
    ],
  ])('%o is refused', async (wrong, details) => {
    const asked = fixture.retention.cohorts(fixture.ctx, { ...input, ...wrong });
    await expect(asked).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details });
  });

  test('needs the scope', async () => {
    const nobody = { ...fixture.clerk, viewer: { ...fixture.clerk.viewer, scopes: new Set(['customers:read']) } };
    await expect(fixture.retention.cohorts(nobody, input)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('of a segment is of its members now; one that is not there is refused', async () => {
    const id = '00000000-0000-7000-8000-00000000a001';
    const [a, c] = await fixture.tell(
      { who: 'a', occurredAt: '2026-05-01T10:00:00Z' },
      { who: 'c', occurredAt: '2026-05-01T10:00:00Z' },
    );
    await fixture.putInto(id, a!);
    const only = await fixture.retention.cohorts(fixture.ctx, { ...input, segmentIds: [id] });
    expect(only.cohorts.map(({ size }) => size)).toEqual([1, 0, 0, 0, 0]);
    const both = '00000000-0000-7000-8000-00000000a002';
    await fixture.putInto(both, a!, c!);
    const inBoth = await fixture.retention.cohorts(fixture.ctx, { ...input, segmentIds: [id, both] });
    expect(inBoth.cohorts.map(({ size }) => size)).toEqual([1, 0, 0, 0, 0]);
    const missing = fixture.retention.cohorts(fixture.ctx, {
      ...input,
      segmentIds: ['00000000-0000-7000-8000-0000000000ff'],
    });
    await expect(missing).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('by activity counts identified customers since they were first seen, and what came from them', async () => {
    await fixture.tell(
      { who: 'e', occurredAt: '2026-01-05T10:00:00Z', type: 'newsletter.sent', channel: 'EMAIL' },
      { who: 'e', occurredAt: '2026-02-05T10:00:00Z', type: 'page.viewed' },
      { who: 'e', occurredAt: '2026-03-05T10:00:00Z', type: 'newsletter.sent', channel: 'EMAIL' },
      { who: 'anon-1', occurredAt: '2026-01-05T10:00:00Z' },
    );
    const answer = await fixture.retention.cohorts(fixture.ctx, { ...input, by: 'ACTIVITY', periods: 2 });
    // a, c and e came in January; e did nothing then, nor in March.
    expect(answer.cohorts[0]!.size).toBe(3);
    expect(activeOf(answer)[0]).toEqual([2, 2, 0]);
  });
});

/** What happened, and to whom, as the test knows it. */
interface Fact {
  readonly who: string;
  readonly at: number;
  readonly ordered: boolean;
  readonly inbound: boolean;
}

const units = { WEEK: 'week', MONTH: 'month', QUARTER: 'quarter', YEAR: 'year' } as const;

/** The same matrix, once more: people as sets of keys, buckets by luxon. */
function byHand(
  facts: readonly Fact[],
  personOf: (who: string) => string,
  input: Required<Pick<RetentionInput, 'grain' | 'by' | 'from' | 'to' | 'periods' | 'timezone'>>,
  now: Date,
) {
  const zone = input.timezone!;
  const unit = units[input.grain];
  const startOf = (at: number) => DateTime.fromMillis(at, { zone }).startOf(unit);
  const people = Map.groupBy(facts, ({ who }) => personOf(who));
  const rows: (number | null)[][] = [];
  const last = DateTime.fromISO(input.to, { zone });
  for (
    let cohort = DateTime.fromISO(input.from, { zone }).startOf(unit);
    cohort < last;
    cohort = cohort.plus({ [unit]: 1 })
  ) {
    const members = [...people.values()].filter((some) => {
      if (input.by === 'ACTIVITY' && some.every(({ who }) => who.startsWith('anon-'))) return false;
      const counting = input.by === 'ORDER' ? some.filter(({ ordered }) => ordered) : some;
      return counting.length > 0 && +startOf(Math.min(...counting.map(({ at }) => at))) === +cohort;
    });
    const row: (number | null)[] = [members.length];
    for (let period = 0; period <= input.periods!; period += 1) {
      const bucket = cohort.plus({ [unit]: period });
      const isOver = bucket.plus({ [unit]: 1 }).toMillis() <= now.getTime();
      const isActive = ({ at, ordered, inbound }: Fact) =>
        (input.by === 'ORDER' ? ordered : inbound) && +startOf(at) === +bucket;
      row.push(isOver ? members.filter((some) => some.some(isActive)).length : null);
    }
    rows.push(row);
  }
  return rows;
}

test('is what plain code counts over random facts and merges', { timeout: 60_000 }, async () => {
  const now = '2026-11-01T12:00:00Z';
  fixture = await openAnalyses({ now });
  const people = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'anon-1', 'anon-2'];
  const facts: Fact[] = [];
  const parents = new Map(people.map((who) => [who, who]));
  const personOf = (who: string): string => (parents.get(who) === who ? who : personOf(parents.get(who)!));
  const ids = new Map<string, string>();
  const happening = fc.record({
    who: fc.constantFrom(...people),
    at: fc.oneof(
      fc.integer({ min: Date.UTC(2025, 11, 1), max: Date.parse(now) - 1 }),
      // Around the edges of months, where the zones disagree.
      fc
        .tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: -14 * 4, max: 14 * 4 }))
        .map(([month, quarters]) => Date.UTC(2026, month) + quarters * 900_000),
    ),
    what: fc.constantFrom('order.completed', 'order.completed', 'page.viewed', 'newsletter.sent'),
  });
  const rounds = fc.sample(
    fc.record({
      happenings: fc.array(happening, { minLength: 3, maxLength: 8 }),
      merged: fc.option(fc.tuple(fc.constantFrom(...people), fc.constantFrom(...people))),
      grain: fc.constantFrom<AnalysisGrain>('WEEK', 'MONTH', 'QUARTER', 'YEAR'),
      by: fc.constantFrom('ORDER' as const, 'ACTIVITY' as const),
      timezone: fc.constantFrom('Europe/Zurich', 'America/New_York', 'Pacific/Auckland', 'UTC'),
    }),
    { numRuns: 25, seed: 20_260_301 },
  );
  for (const { happenings, merged, grain, by, timezone } of rounds) {
    const drafts: Told[] = happenings.map(({ who, at, what }) => {
      const occurredAt = new Date(at).toISOString();
      return what === 'order.completed' ? order(who, occurredAt) : { who, occurredAt, type: what };
    });
    const told = await fixture.tell(...drafts);
    for (const [index, { who, at, what }] of happenings.entries()) {
      facts.push({ who, at, ordered: what === 'order.completed', inbound: what !== 'newsletter.sent' });
      ids.set(who, told[index]!);
    }
    const [one, other] = merged ?? [];
    if (one && other && ids.has(one) && ids.has(other) && personOf(one) !== personOf(other)) {
      const [found] = await fixture.pool<{ a: string; b: string }[]>`
        select (select customer_id from records where id = ${ids.get(one)!}) as a,
               (select customer_id from records where id = ${ids.get(other)!}) as b`;
      await fixture.merge(found!.a, found!.b);
      parents.set(personOf(one), personOf(other));
    }
    const input = { grain, by, timezone, from: '2026-01-01', to: '2026-11-20', periods: 3 };
    const answer = await fixture.retention.cohorts(fixture.ctx, input);
    const matrix = answer.cohorts.map(({ size, cells }) => [size, ...cells.map(({ active }) => active)]);
    expect(matrix).toEqual(byHand(facts, personOf, input, new Date(now)));
  }
  expect(new Set(people.map(personOf)).size).toBeLessThan(people.length);
});
