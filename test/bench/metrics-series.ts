import { DateTime } from 'luxon';
import { MetricEngine } from '../../src/kpis/metrics/metric-engine.service.ts';
import type { MetricQuery } from '../../src/kpis/metrics/metric-query.ts';
import type { MetricSource, MetricTable } from '../../src/kpis/metrics/metric-table.ts';
import { type MetricsBench, timeZone } from './metrics-setup.ts';
import { type Figures, median, percentile, round } from './report.ts';

const [runsOfRollups, runsOfFacts] = [30, 5];

/**
 * Twelve months of net revenue by channel, from the roll-up and from one row for each purchase: past the cache, which would
 * answer all but the first in a few milliseconds.
 */
export async function runSeries({ ctx, now, pool }: MetricsBench): Promise<Figures> {
  const engine = new MetricEngine({ timeZone });
  const end = DateTime.fromJSDate(now, { zone: timeZone }).startOf('month').plus({ months: 1 });
  const query: MetricQuery = {
    measures: ['NET_REVENUE'],
    dimensions: ['CHANNEL'],
    filter: [{ dimension: 'CURRENCY', operator: 'IN', values: ['CHF'] }],
    time: { grain: 'MONTH', from: end.minus({ years: 1 }).toISODate()!, to: end.toISODate()!, timezone: timeZone },
  };
  const ask = (source: MetricSource) => engine.query(ctx, query, { source });
  const rollups = await repeated(runsOfRollups, () => ask('ROLLUP'));
  const facts = await repeated(runsOfFacts, () => ask('FACTS'));
  if (JSON.stringify(rollups.table.rows) !== JSON.stringify(facts.table.rows))
    throw new Error('Roll-ups and facts answer differently.');
  const [row] = await pool<{ cells: number; purchases: number }[]>`
    select (select count(*)::int from metric_cells) as cells, (select count(*)::int from purchases) as purchases`;
  return {
    'series: cells': row!.cells,
    'series: purchases': row!.purchases,
    'series: rows': rollups.table.rows.length,
    'series from roll-ups, median ms (goal ≤ 150)': round(median(rollups.times)),
    'series from roll-ups, p95 ms': round(percentile(rollups.times, 0.95)),
    'series from facts, median ms': round(median(facts.times)),
    'facts ÷ roll-ups': round(median(facts.times) / median(rollups.times), 1),
  };
}

async function repeated(
  runs: number,
  ask: () => Promise<MetricTable>,
): Promise<{ times: number[]; table: MetricTable }> {
  let table = await ask();
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const from = performance.now();
    table = await ask();
    times.push(performance.now() - from);
  }
  return { times, table };
}
