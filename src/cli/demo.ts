import { type Command, InvalidArgumentError } from 'commander';
import { stopSignal } from './stop-signal.ts';

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
      await runDemo(config, log, { ...flags, signal: stopSignal() });
    });
}

function customerCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 100_000_000)
    throw new InvalidArgumentError('Give a number from 1 to 100,000,000.');
  return count;
}
