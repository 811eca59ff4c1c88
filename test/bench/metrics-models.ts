import { Scoring } from '../../src/kpis/customers/scoring.service.ts';
import { dayNumber } from '../../src/kpis/customers/zone-days.ts';
import { ModelFitter } from '../../src/kpis/models/model-fitter.service.ts';
import { ModelThreads } from '../../src/kpis/models/model-threads.ts';
import { drawHistories } from './metrics-histories.ts';
import { type MetricsBench, timeZone } from './metrics-setup.ts';
import { type Figures, round } from './report.ts';

/** Quintiles and classes of everybody: twice, as on every night but the first who is scored has a row already. */
export async function runScore({ ctx, book, reader, pool }: MetricsBench): Promise<Figures> {
  const scoring = new Scoring({ book, reader });
  const first = await timed(() => scoring.run(ctx));
  const again = await timed(() => scoring.run(ctx));
  const [row] = await pool<{ segments: number; classes: number }[]>`
    select count(distinct rfm_segment)::int as segments, count(distinct abc_class)::int as classes from customer_scores`;
  return {
    'scored customers': first.result.customers,
    'RFM and ABC of everybody, for the first time s (goal ≤ 30 per 1,000,000)': round(first.seconds, 1),
    'RFM and ABC of everybody, once more s': round(again.seconds, 1),
    'RFM segments': row!.segments,
    'ABC classes': row!.classes,
  };
}

/** BG/NBD and the spend model, from the statement that groups histories to the stored model; then what it says of everybody. */
export async function runFit({ ctx, book, reader, pool, now }: MetricsBench): Promise<Figures> {
  await drawHistories(pool, { today: dayNumber(now, timeZone) });
  await pool`vacuum (analyze) customer_kpis`;
  const threads = new ModelThreads();
  try {
    const fitter = new ModelFitter({ threads, timeZone });
    const { result, seconds } = await timed(() => fitter.fit(ctx, { kind: 'BG_NBD' }));
    const [row] = await pool<{ scored: number }[]>`select count(*)::int as scored from customer_scores`;
    const forecast = await timed(() => new Scoring({ book, reader }).forecast(ctx));
    return {
      'BG/NBD fit s (goal ≤ 20 per 1,000,000)': round(seconds, 1),
      'BG/NBD fit: status': result.status,
      'BG/NBD fit: different histories': result.detail.groups,
      // Of r, α, a, b; days are whole and each counts once, so that they are found nearly.
      'BG/NBD fit: parameters drawn': '0.243 30.9 0.793 2.426',
      'BG/NBD fit: parameters found': Object.values(result.detail.parameters)
        .map((value) => round(value, 3))
        .join(' '),
      ...(row!.scored > 0 && { 'P(alive), CLV and churn risk of everybody s': round(forecast.seconds, 1) }),
    };
  } finally {
    await threads.close();
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const from = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - from) / 1000 };
}
