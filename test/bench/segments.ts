import { parseArgs } from 'node:util';
import { type Figures, report } from './report.ts';
import { run as runBackfill } from './segments-backfill.ts';
import { run as runEdge } from './segments-edge.ts';
import { run as runIngest } from './segments-ingest.ts';
import { run as runLive } from './segments-live.ts';

const parts = { ingest: runIngest, backfill: runBackfill, live: runLive, edge: runEdge } as const;

/**
 * What segments cost, and how soon they answer: (ingest) with fifty live segments beside none, (backfill) a definition over
 * everybody beside the same question in hand-written SQL, (live) from an event to the subscriber, (edge) how late somebody
 * leaves a window. `--only NAME` runs one of them.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string' }, customers: { type: 'string', default: '1000000' } },
  });
  const names = (Object.keys(parts) as (keyof typeof parts)[]).filter((name) => (values.only ?? name) === name);
  const summary: Figures = {};
  for (const name of names) Object.assign(summary, await parts[name]({ customers: Number(values.customers) }));
  await report(values.only ? `segments-${values.only}` : 'segments', [], summary);
}
