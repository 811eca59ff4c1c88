import { readdir, readFile } from 'node:fs/promises';

/** Linux counts processor time in hundredths of a second, whatever the machine (`USER_HZ`). */
const millisecondsPerTick = 10;

export interface CpuTime {
  /** Of the process itself, milliseconds. */
  readonly own: number;
  /** Of all that it started, and of all that these started: an embedded PostgreSQL with its backends. */
  readonly below: number;
}

interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  readonly ms: number;
  /** Of children that have ended. */
  readonly endedMs: number;
}

/** Processor time used so far; `undefined` where there is no `/proc`. Unlike wall clock, it hardly depends on the neighbours. */
export async function cpuTime(pid: number): Promise<CpuTime | undefined> {
  const names = await readdir('/proc').catch(() => []);
  const processes = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(readTimes));
  const known = processes.filter((process) => process !== undefined);
  const root = known.find((process) => process.pid === pid);
  return root && { own: root.ms, below: timeBelow(pid, known) };
}

function timeBelow(pid: number, known: readonly ProcessTimes[]): number {
  const children = known.filter(({ parent }) => parent === pid);
  return children.reduce((sum, child) => sum + child.ms + child.endedMs + timeBelow(child.pid, known), 0);
}

async function readTimes(pid: string): Promise<ProcessTimes | undefined> {
  // A process may end between the listing and this.
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // proc_pid_stat(5), from its third field on: the second is a name that may contain anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user, system, endedUser, endedSystem] = fields
    .slice(11, 15)
    .map((ticks) => Number(ticks) * millisecondsPerTick);
  return { pid: Number(pid), parent: Number(fields[1]), ms: user! + system!, endedMs: endedUser! + endedSystem! };
}
