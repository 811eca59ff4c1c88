import { parseArgs } from 'node:util';
import { runAnalyses } from './metrics-analyses.ts';
import { runExport } from './metrics-export.ts';
import { runFit, runScore } from './metrics-models.ts';
import { runSeries } from './metrics-series.ts';
import { type MetricsBench, openMetricsBench } from './metrics-setup.ts';
import { type Figures, report, round } from './report.ts';

/** Scores before there is a model: quintiles and classes alone, then what the model says. */
const parts = {
  series: runSeries,
  export: ({ pool }: MetricsBench) => runExport({ pool }),
  score: runScore,
  fit: runFit,
  analyses: runAnalyses,
} as const;

/**
 * KPIs over many customers of about ten touchpoints each: (series) a year of revenue by channel from the roll-up and from facts,
 * (export) CSV beside COPY, (score) quintiles and classes of everybody, (fit) the purchase model over everybody, (analyses) cohorts, churn, attribution and
 * portfolio. `--only NAME`
 * runs one of them, `--customers N` over fewer; `--data DIR` keeps the customers there, for the next run.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      customers: { type: 'string', default: '1000000' },
      data: { type: 'string' },
    },
  });
  const customers = Number(values.customers);
  const names = (Object.keys(parts) as (keyof typeof parts)[]).filter((name) => (values.only ?? name) === name);
  const bench = await openMetricsBench(customers, values.data);
  try {
    const summary: Figures = {
      customers,
      touchpoints: bench.touchpoints,
      'written touchpoints/s': round(bench.writtenPerSecond),
      'customers whose KPIs were folded/s': round(bench.foldedPerSecond),
    };
    for (const name of names) {
      console.log(`${name}…`);
      Object.assign(summary, await parts[name](bench));
    }
    await report(values.only ? `metrics-${values.only}` : 'metrics', [], summary);
  } finally {
    await bench.close();
  }
}
