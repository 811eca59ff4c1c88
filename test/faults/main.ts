// `npm run test:faults`: the long form of the fault suite. Every fault several times, at other instants each time, in worlds
// of their own; ends with 1 if anything did not hold, or if a negative control found nothing.
//
//   --rounds 3      how often each
//   --only cut,disk only faults whose names contain one of these
//   --seed 7        other instants
//   --write         the table of docs/reliability.md, and bench-results/faults.json
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { FaultWorld, type WorldOptions } from './fault-world.ts';
import { plainFaults } from './faults.ts';
import { findOldRelease } from './old-release.ts';
import { type Fault, type FaultOutcome, runFault, seeded } from './run-fault.ts';
import { maySmallDisksBeMade } from './small-disk.ts';
import { commitsNotWaitedFor, diskFull, logDiskFull, newRelease, type SpecialFault } from './special-faults.ts';
import { type Row, summarise, writeTable } from './table.ts';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: '20261128' },
    write: { type: 'boolean', default: false },
  },
});
const random = seeded(Number(flags.seed));
const longestMs = 240_000;
const names = flags.only.split(',').filter(Boolean);
const isWanted = ({ name }: Fault) => names.length === 0 || names.some((part) => name.includes(part));

let present: FaultWorld | undefined;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void (present?.close() ?? Promise.resolve()).finally(() => process.exit(130)));
}

/** One world for all of them, one after the other. */
async function runAll(faults: readonly Fault[], options: WorldOptions): Promise<FaultOutcome[]> {
  if (faults.length === 0) return [];
  const outcomes: FaultOutcome[] = [];
  const world = await FaultWorld.open(options);
  present = world;
  try {
    for (const fault of faults) {
      const outcome = await within(fault, runFault(world, fault, random), world);
      outcomes.push(outcome);
      tell(outcome);
      // What is wrong now would be found again after each of the others.
      if (outcome.violations.size > 0) break;
    }
    return outcomes;
  } finally {
    present = undefined;
    await world.close();
  }
}

async function within<T>({ name }: Fault, running: Promise<T>, { nodes }: FaultWorld): Promise<T> {
  const told = () => nodes.map((node) => node.output().slice(-2_000)).join('\n');
  const late = wait(longestMs, undefined, { ref: false }).then(() => {
    throw new Error(`"${name}" did not come to an end in ${longestMs / 1000} seconds.\n${told()}`);
  });
  return Promise.race([running, late]);
}

function tell({ name, recoveryMs, pauseMs, events, violations }: FaultOutcome): void {
  const held = violations.size === 0 ? 'everything holds' : 'DOES NOT HOLD';
  console.log(
    `${name}: ${held}; ${events} events, again after ${Math.round(recoveryMs)} ms, longest pause ${Math.round(pauseMs)} ms`,
  );
  for (const [check, found] of violations) console.log(`  ${check}:\n    ${found.join('\n    ')}`);
}

async function specials(): Promise<{ faults: SpecialFault[]; clean: () => Promise<void> }> {
  const old = await findOldRelease();
  const disks = await maySmallDisksBeMade();
  if (!disks) console.log('Left out: full disks. Only Linux’s root may make a small file system.');
  if (!old) console.log('Left out: new migrations under an old release. There is no history of other migrations.');
  const faults = [...(disks ? [diskFull, logDiskFull] : []), ...(old ? [newRelease(old.program)] : [])];
  return { faults, clean: async () => old?.remove() };
}

async function runRounds(): Promise<FaultOutcome[]> {
  const outcomes: FaultOutcome[] = [];
  const { faults, clean } = await specials();
  for (let round = 1; round <= Number(flags.rounds); round += 1) {
    console.log(`\nRound ${round} of ${flags.rounds}`);
    outcomes.push(...(await runAll(plainFaults.filter(isWanted), { nodes: 2 })));
    for (const fault of faults.filter(isWanted)) outcomes.push(...(await runAll([fault], fault.world)));
  }
  await clean();
  return outcomes;
}

/** Whether the suite would have noticed. */
async function runControl(): Promise<boolean> {
  if (!isWanted(commitsNotWaitedFor)) return true;
  console.log('\nNegative control: losses are to be found');
  const [outcome] = await runAll([commitsNotWaitedFor], commitsNotWaitedFor.world);
  return outcome!.violations.size > 0;
}

const outcomes = await runRounds();
const hasNoticed = await runControl();
const known = [...plainFaults, diskFull, logDiskFull, newRelease('')];
const rows: Row[] = summarise(known, outcomes);
console.table(rows.map(({ what: _, ...row }) => row));
if (flags.write) await writeTable(rows);
const failed = outcomes.filter(({ violations }) => violations.size > 0).length;
console.log(
  `${outcomes.length - failed} of ${outcomes.length} held; the control ${hasNoticed ? 'found' : 'DID NOT FIND'} its losses.`,
);
process.exit(failed === 0 && hasNoticed ? 0 : 1);
