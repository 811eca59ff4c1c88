import { parseArgs } from 'node:util';
import { run as runIngest } from './loyalty-ingest.ts';
import { run as runOffers } from './loyalty-offers.ts';
import { run as runRedeem } from './loyalty-redeem.ts';
import { run as runSimulation } from './loyalty-simulation.ts';
import { type Figures, report } from './report.ts';

const parts = {
  ingest: () => runIngest(),
  offers: () => runOffers(),
  redeem: () => runRedeem(),
  simulation: () => runSimulation(),
} as const;

/**
 * What loyalty costs, and how soon it answers: (ingest) purchases that earn and are returned beside none that do, (offers) the
 * next best of two hundred offers while purchases come in, (redeem) redemptions at once and one after the other, (simulation)
 * a million purchases under other levers. `--only NAME` runs one of them.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { only: { type: 'string' } } });
  const names = (Object.keys(parts) as (keyof typeof parts)[]).filter((name) => (values.only ?? name) === name);
  const summary: Figures = {};
  for (const name of names) Object.assign(summary, await parts[name]());
  await report(values.only ? `loyalty-${values.only}` : 'loyalty', [], summary);
}
