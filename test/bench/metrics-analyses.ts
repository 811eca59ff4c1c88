import { DateTime } from 'luxon';
import { DomainError } from '../../src/kernel/errors.ts';
import { AttributionReports } from '../../src/kpis/analyses/attribution/attribution.service.ts';
import { ChurnReports } from '../../src/kpis/analyses/churn/churn.service.ts';
import { RetentionReports } from '../../src/kpis/analyses/cohorts/retention.service.ts';
import { PortfolioReports } from '../../src/kpis/analyses/portfolio/portfolio.service.ts';
import { Observer } from '../../src/kpis/customers/observer.service.ts';
import { MetricEngine } from '../../src/kpis/metrics/metric-engine.service.ts';
import { ProgramBook } from '../../src/loyalty/programs/program-book.service.ts';
import { segmentScope } from '../../src/segments/segment-metrics.service.ts';
import { useModel } from '../kpis/customers/fixture.ts';
import { model } from '../kpis/lifecycle/lives.ts';
import { type MetricsBench, timeZone } from './metrics-setup.ts';
import { type Figures, median, round } from './report.ts';

const runs = 3;

/** Analyses over everybody: each three times, the median; and what its answer says of how much there was to look at. */
export async function runAnalyses({ ctx, now, pool, book }: MetricsBench): Promise<Figures> {
  if ((await book.current(pool)).models.length === 0) await useModel(pool, model);
  const surroundings = { timeZone, scope: segmentScope };
  const attribution = new AttributionReports(surroundings);
  const churn = new ChurnReports(surroundings, book);
  const retention = new RetentionReports(surroundings);
  const portfolio = new PortfolioReports(surroundings, book);
  const engine = new MetricEngine({ timeZone });
  const month = DateTime.fromJSDate(now, { zone: timeZone }).startOf('month');
  const span = (from: DateTime, to: DateTime) => ({ from: from.toISODate()!, to: to.toISODate()! });
  const year = span(month.minus({ years: 1 }), month);
  const cohorts = (by: 'ORDER' | 'ACTIVITY') => async () => {
    const { cohorts: found } = await retention.cohorts(ctx, { ...year, grain: 'MONTH', periods: 12, by });
    return found.reduce((sum, { size }) => sum + (size ?? 0), 0);
  };
  const lost = (definition: 'SILENT' | 'P_ALIVE') => async () => {
    const { buckets } = await churn.churnRate(ctx, { ...year, grain: 'MONTH', definition, latestModel: true });
    return buckets.at(-1)!.active;
  };
  const busiest = await busiestMonth(pool);
  const credited = (months: number) => async () => {
    const period = span(busiest.minus({ months: months - 1 }), busiest.plus({ months: 1 }));
    return (await attribution.attribution(ctx, period)).attributed.conversions;
  };
  const observer = new Observer({ book, programs: new ProgramBook(), compilers: new Map() });
  return {
    ...(await timed('retention by first order, 12 months × 12', cohorts('ORDER'), 'customers')),
    ...(await timed('retention by activity, 12 months × 12', cohorts('ACTIVITY'), 'customers')),
    ...(await timed('churn by silence, 12 months', lost('SILENT'), 'customers at the start of the last')),
    ...(await timed('churn by P(alive), 12 months', lost('P_ALIVE'), 'customers at the start of the last')),
    ...(await timed('attribution by seven models, the busiest month', credited(1), 'orders with touchpoints')),
    ...(await timed('attribution by seven models, three months', credited(3), 'orders with touchpoints')),
    ...(await timed('portfolio of now', async () => (await portfolio.portfolio(ctx, {})).total.customers, 'customers')),
    ...(await timed(
      'portfolio of half a year ago',
      async () => (await portfolio.portfolio(ctx, { asOf: month.minus({ months: 6 }).toJSDate() })).total.customers,
      'customers',
    )),
    ...(await timed(
      'win-back rate by month',
      async () => {
        const time = { ...year, grain: 'MONTH' as const, timezone: timeZone };
        const { rows } = await engine.query(ctx, { measures: ['LOSSES', 'WIN_BACK_RATE'], time }, { source: 'FACTS' });
        return rows.reduce((sum, row) => sum + Number(row[1]), 0);
      },
      'losses',
    )),
    ...(await timed(
      'engagement and tiers of everybody, at a scoring',
      () => observer.observe(ctx),
      'of whom it is another one',
    )),
  };
}

/** The bulk data's lives are over by now: their last months are quiet. */
async function busiestMonth(pool: MetricsBench['pool']): Promise<DateTime> {
  const [row] = await pool<{ month: string }[]>`
    select to_char(occurred_at at time zone ${timeZone}::text, 'YYYY-MM') as month from purchases
    group by 1 order by count(*) desc, 1 limit 1`;
  return DateTime.fromISO(row!.month, { zone: timeZone });
}

/** `ask` answers how much it was; of the first run. */
async function timed(name: string, ask: () => Promise<number | null>, what: string): Promise<Figures> {
  const times: number[] = [];
  let much: number | null = null;
  try {
    for (let run = 0; run < runs; run += 1) {
      const from = performance.now();
      const found = await ask();
      times.push((performance.now() - from) / 1000);
      if (run === 0) much = found;
    }
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { [`${name} s`]: error.code };
  }
  return { [`${name} s`]: round(median(times), 2), [`${name}: ${what}`]: much };
}
