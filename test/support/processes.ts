import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

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

/** Runs a TypeScript file of this repository (`src/cli/main.ts`) in a process of its own, on this Node.js. */
export function startProcess(file: string, args: readonly string[], env: Record<string, string> = {}): TestProcess {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), file, ...args], {
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
