import { setTimeout as wait } from 'node:timers/promises';
import type { FaultWorld } from './fault-world.ts';

/** Whole numbers from 0 to below a limit; the same ones for the same seed. */
export type Random = (limit: number) => number;

export function seeded(seed: number): Random {
  let state = seed >>> 0 || 1;
  return (limit) => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % limit;
  };
}

export interface Fault {
  readonly name: string;
  /** What happens, for the table of docs/reliability.md. */
  readonly what: string;
  /** From which moment the time to recover is counted. */
  readonly since: string;
  /** Makes it happen, and ends it. */
  readonly strike: (world: FaultWorld, random: Random) => Promise<Strike>;
}

export interface Strike {
  /** The moment, of `performance.now()`, at which its cause was gone. */
  readonly over: number;
  /** What is still to be put right when everybody is served again. */
  readonly after?: () => Promise<void>;
}

export interface FaultOutcome {
  readonly name: string;
  /** Until the first acknowledgement of a call that was sent when the cause was gone. */
  readonly recoveryMs: number;
  /** The longest time without an acknowledgement, the fault included. */
  readonly pauseMs: number;
  readonly events: number;
  readonly violations: ReadonlyMap<string, readonly string[]>;
}

/**
 * Lets it happen at some instant under load, and looks at everything when all clients have their answers. `mend: false`: what
 * others can do without stays broken.
 */
export async function runFault(
  world: FaultWorld,
  fault: Fault,
  random: Random,
  { mend = true }: { mend?: boolean } = {},
): Promise<FaultOutcome> {
  const load = world.startLoad();
  await load.acknowledgements(3 + random(8));
  // Not only at the moment of an answer: somewhere within the next batch.
  await wait(random(40));
  const { over, after } = await fault.strike(world, random);
  const recoveryMs = (await load.answerTo(over)) - over;
  if (mend) await after?.();
  await load.acknowledgements(3);
  await load.finish();
  const violations = await world.violations();
  return { name: fault.name, recoveryMs, pauseMs: load.longestPause, events: load.acknowledged, violations };
}
