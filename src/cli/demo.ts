import { type Command, InvalidArgumentError } from 'commander';

interface Flags {
  readonly port?: string;
  readonly replay: boolean;
  readonly reset?: boolean;
  readonly customers?: number;
  readonly seed?: string;
}

export function register(program: Command): void {
  program
    .command('demo')
    .description('start a server and feed it eighteen months of an invented retailer, then live touchpoints')
    .option('--port <port>', 'port of the API, the websocket and the explorer')
    .option('--no-replay', 'no live touchpoints after the history; the server stays')
    .option('--reset', "delete the demo's database first; refuses one that the demo did not make")
    .option(
      '--customers <count>',
      'people; beyond 20,000 all but 2,000 are written set-based (default: 2000)',
      customerCount,
    )
    .option('--seed <seed>', 'other people: any text')
    .action(async (flags: Flags) => {
      const { readConfig } = await import('../kernel/config.ts');
      const { commandLog } = await import('./platform.ts');
      const { runDemo } = await import('../demo/demo.ts');
      const { resetDemo } = await import('../demo/reset.ts');
      const config = readConfig({ RUNDUM_PORT: flags.port });
      const log = commandLog(config);
      if (flags.reset) await resetDemo(config, log);
      await runDemo(config, log, { ...flags, signal: untilSignal() });
    });
}

function customerCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 100_000_000)
    throw new InvalidArgumentError('Give a number from 1 to 100,000,000.');
  return count;
}

/** Within this time, a second signal is an echo of the first. */
const echoMs = 1_000;

/** Aborted by the first SIGINT or SIGTERM; a later one ends the process at once. */
function untilSignal(): AbortSignal {
  const stopping = new AbortController();
  let firstAt = 0;
  const stop = () => {
    // npm and tsx pass on what the terminal has sent to all of them already: one Ctrl-C may arrive several times.
    if (stopping.signal.aborted && performance.now() - firstAt > echoMs) process.exit(130);
    if (!stopping.signal.aborted) firstAt = performance.now();
    stopping.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return stopping.signal;
}
