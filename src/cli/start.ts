import type { Command } from 'commander';
import { collectByOneThread } from './garbage-collection.ts';
import { stopSignal } from './stop-signal.ts';

interface Flags {
  readonly port?: string;
  readonly host?: string;
}

export function register(program: Command): void {
  program
    .command('start')
    .description('run the server until it gets SIGINT or SIGTERM')
    .option('--port <port>', 'port of the API, the websocket and the explorer (RUNDUM_PORT)')
    .option('--host <address>', 'address to listen on (RUNDUM_HOST)')
    .action(start);
}

async function start({ port, host }: Flags): Promise<void> {
  const signal = stopSignal();
  collectByOneThread();
  const [{ readConfig }, { startServer }] = await Promise.all([
    import('../kernel/config.ts'),
    import('../server/start.ts'),
  ]);
  const config = readConfig({ RUNDUM_PORT: port, RUNDUM_HOST: host });
  const server = await startServer(config);
  // Standard error, beside the log on standard output, which may go to where a key must not.
  const { text, made } = server.ownerKey;
  if (made && text)
    console.error(`\nOwner key, with every right (also in ${config.dataDir}/owner-key):\n\n  ${text}\n`);
  if (signal.aborted) void server.close();
  else signal.addEventListener('abort', () => void server.close());
  await server.ended;
}
