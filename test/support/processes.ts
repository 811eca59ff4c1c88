import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface TestProcess {
  readonly child: ChildProcess;
  /** Resolves with the first line that matches; rejects, with all that was said, if the process ends without it. */
  line(pattern: RegExp): Promise<string>;
  /** Everything on standard output and standard error so far. */
  output(): string;
  /** Resolves when the process has ended, with its exit code or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * What `rundum` is: the source, or, where whoever runs the tests has just compiled it, `dist/cli/main.js`, which starts in half the
 * time.
 */
const rundum = process.env.RUNDUM_PROGRAM ?? 'src/cli/main.ts';

/** Runs a command as users do, in a process of its own. */
export function startRundum(args: readonly string[], env: Record<string, string> = {}): TestProcess {
  return startProcess(rundum, args, env);
}

export interface EndedCommand {
  readonly stdout: string;
  readonly stderr: string;
  /** Its exit code, where that is not 0. */
  readonly code?: number;
}

/** Runs a command to its end, in the environment of the tests, and keeps its two outputs apart. */
export function runRundum(args: readonly string[], env: Record<string, string>): Promise<EndedCommand> {
  return promisify(execFile)(process.execPath, [...loaderOf(rundum), rundum, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
  }).catch((error: EndedCommand) => error);
}

const loaderOf = (file: string): string[] => (file.endsWith('.js') ? [] : ['--import', import.meta.resolve('tsx')]);

/** Runs a file of this repository (`src/cli/main.ts`) in a process of its own, on this Node.js. */
export function startProcess(file: string, args: readonly string[], env: Record<string, string> = {}): TestProcess {
  const child = spawn(process.execPath, [...loaderOf(file), file, ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      lines.push(line);
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals);
  return {
    child,
    output: () => lines.join('\n'),
    ended,
    line: (pattern) => waitForLine(lines, listeners, pattern, ended),
    kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

function waitForLine(
  lines: readonly string[],
  listeners: Set<() => void>,
  pattern: RegExp,
  ended: Promise<unknown>,
): Promise<string> {
  const find = () => lines.find((line) => pattern.test(line));
  return new Promise((resolve, reject) => {
    const look = () => {
      const found = find();
      if (found === undefined) return;
      listeners.delete(look);
      resolve(found);
    };
    listeners.add(look);
    look();
    void ended.then(() => reject(new Error(`No line ${pattern} before the end:\n${lines.join('\n')}`)));
  });
}
