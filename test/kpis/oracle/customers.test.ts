import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Pool } from '../../../src/kernel/database.ts';
import { cohortBases } from '../../../src/kpis/analyses/cohorts/retention.queries.ts';
import { RetentionReports } from '../../../src/kpis/analyses/cohorts/retention.service.ts';
import { analysisGrains } from '../../../src/kpis/analyses/period.ts';
import { turnTimeline } from '../../../src/kpis/settings/kpi-book.queries.ts';
import { defaultSettings, type KpiSettings } from '../../../src/kpis/settings/kpi-settings.ts';
import { segmentScope } from '../../../src/segments/segment-metrics.service.ts';
import { propertyRuns } from '../../support/property-runs.ts';
import { cohortsSql } from './cohorts.ts';
import { customersSql } from './customers.ts';
import { inWorld } from './in-world.ts';
import { home } from './node.ts';
import { scoresSql } from './scores.ts';
import { worlds, zones } from './world-arbitrary.ts';

const runs = { numRuns: propertyRuns(6), endOnFailure: true };

/** Sums of floating-point numbers depend on their order in the last places. */
const near = <T>(rows: T) =>
  JSON.parse(JSON.stringify(rows), (_, value) =>
    typeof value === 'number' ? Number(value.toPrecision(12)) : value,
  ) as T;

function storedKpis(pool: Pool) {
  const ms = (column: string) => pool`(extract(epoch from ${pool(column)}) * 1000)::float8`;
  return pool`
    select customer_id, currency, orders, net_orders, returns, gross_minor::text as gross, returned_minor::text as returned,
           costed_minor::text as costed, cost_minor::text as cost, items, ${ms('first_order_at')} as first_order_at,
           ${ms('last_order_at')} as last_order_at, purchase_days, first_purchase_day, second_purchase_day, last_purchase_day, mean_repeat_minor,
           gap_median, gap_q80, gap_q95
    from customer_kpis order by customer_id`;
}

async function turnLevers(pool: Pool, settings: Pick<KpiSettings, 'abc' | 'clv'>): Promise<void> {
  await pool.begin(async (tx) => {
    await tx`
      insert into kpi_settings (version, effective_from, settings)
      values (1, '2026-01-01', ${JSON.stringify(settings)}::text::jsonb)`;
    await turnTimeline(tx);
  });
}

function storedScores(pool: Pool) {
  return pool`
    select customer_id, currency, recency, frequency, monetary, abc_class from customer_scores order by customer_id`;
}

describe('customers', () => {
  test('have the KPIs and the scores that their purchases give, whatever happened to who they are', async () => {
    const seen = new Set<string>();
    const lever: fc.Arbitrary<Pick<KpiSettings, 'abc' | 'clv'>> = fc.record({
      abc: fc.record({
        basis: fc.constantFrom('MARGIN', 'REVENUE'),
        a: fc.constantFrom(0.8, 0.5),
        b: fc.constant(0.95),
      }),
      clv: fc.constantFrom(null, 0.25).map((marginRate) => ({ ...defaultSettings.clv, marginRate })),
    });
    await fc.assert(
      fc.asyncProperty(worlds, lever, (world, settings) =>
        inWorld(world, {
          meanwhile: ({ pool }) => turnLevers(pool, settings),
          async afterwards({ pool, clock }, duck) {
            const kpis = await duck.rows(customersSql(home));
            expect(near([...(await storedKpis(pool))])).toEqual(near(kpis));
            const scores = await duck.rows(scoresSql({ zone: home, now: clock.now(), settings }));
            expect([...(await storedScores(pool))]).toEqual(scores);
            for (const { recency, frequency, monetary, abc_class: abc } of scores) {
              seen.add(`r${recency}`).add(`f${frequency}`).add(`m${monetary}`).add(String(abc));
            }
          },
        }),
      ),
      runs,
    );
    const scores = [1, 2, 3, 4, 5];
    const all = ['A', 'B', 'C', ...['f', 'm', 'r'].flatMap((letter) => scores.map((score) => `${letter}${score}`))];
    expect([...seen].sort()).toEqual(all);
  }, 120_000);

  test('stay in their cohorts as long as they come again', async () => {
    let compared = 0;
    const asked = fc.record({
      by: fc.constantFrom(...cohortBases),
      grain: fc.constantFrom(...analysisGrains),
      timezone: fc.constantFrom(...zones),
      periods: fc.integer({ min: 0, max: 12 }),
    });
    const reports = new RetentionReports({ timeZone: home, scope: segmentScope });
    await fc.assert(
      fc.asyncProperty(worlds, fc.array(asked, { minLength: 12, maxLength: 12 }), (world, questions) =>
        inWorld(world, {
          async afterwards({ ctx }, duck) {
            for (const input of questions) {
              const found = await reports.cohorts(ctx, { ...input, from: '2025-09-10', to: '2026-11-20' });
              const counts = await duck.rows(cohortsSql({ ...input, zone: input.timezone, ...found }));
              const told = new Map(counts.map(({ cohort, period, customers }) => [`${cohort} ${period}`, customers]));
              for (const { day, size, cells } of found.cohorts) {
                expect(size, `size of ${day}`).toBe(told.get(`${day} null`) ?? 0);
                for (const [period, { active, rate, mature }] of cells.entries()) {
                  const expected = told.get(`${day} ${period}`) ?? 0;
                  expect(active, `${period} after ${day}`).toBe(mature ? expected : null);
                  expect(rate).toBe(mature && size ? Number(expected) / size : null);
                  compared += Number(active ?? 0);
                }
              }
            }
          },
        }),
      ),
      { ...runs, numRuns: Math.ceil(runs.numRuns / 4) },
    );
    expect(compared).toBeGreaterThan(50);
  }, 120_000);
});
