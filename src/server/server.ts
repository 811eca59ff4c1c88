import type { FastifyInstance } from 'fastify';
import type { Config } from '../kernel/config.ts';
import { StartupError } from '../kernel/startup-error.ts';
import { addressReader } from './client-address.ts';
import { contextFactory } from './context.ts';
import { ErrorFormatter } from './format-error.ts';
import { createHttpServer } from './http.ts';
import { Operations } from './operations.ts';
import { Readiness } from './readiness.ts';
import { createSchema } from './schema.ts';
import { type StreamTimings, streamTimings } from './stream-timings.ts';
import { serveWebsockets, type WebsocketServer } from './websocket.ts';
import type { Wiring } from './wiring.ts';

export interface Listening {
  /** Such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Takes no more, finishes what is under way, sends the websockets home. */
  close(): Promise<void>;
}

/** Opens the port for what is wired already. */
export async function listen(
  wiring: Wiring,
  { host, port, trustedProxies }: Pick<Config, 'host' | 'port'> & Partial<Pick<Config, 'trustedProxies'>>,
  timings: Partial<StreamTimings> = {},
): Promise<Listening> {
  const { platform, metrics } = wiring;
  const schema = createSchema(wiring.instances);
  const readiness = new Readiness(platform.pool);
  const parts = {
    wiring,
    schema,
    operations: new Operations(schema, metrics, wiring.operationRules),
    errors: new ErrorFormatter({ log: platform.log, ids: platform.ids, metrics }),
    createContext: contextFactory(platform),
    addressOf: addressReader(trustedProxies),
    timings: { ...streamTimings, ...timings },
  };
  const app = await createHttpServer({ ...parts, readiness, loopbackOnly: isLoopback(host) });
  const websockets = serveWebsockets(app.server, parts);
  const url = await open(app, host, port);
  return { url, close: () => shut({ app, websockets, readiness }) };
}

async function open(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new StartupError(`Port ${port} on ${host} is taken: stop what uses it, or set RUNDUM_PORT to another.`);
    if (code === 'EACCES')
      throw new StartupError(`This user may not open port ${port}: set RUNDUM_PORT to one above 1023.`);
    throw new StartupError(
      `The server can't listen on ${host}:${port} (${message}): is RUNDUM_HOST an address of this machine?`,
    );
  }
}

/** How long answers may take to find their way when the server stops. */
const answersGraceMs = 8_000;

interface Parts {
  readonly app: FastifyInstance;
  readonly websockets: WebsocketServer;
  readonly readiness: Readiness;
}

/** Requests first, so that their answers still find the way; the websockets would otherwise never end. */
async function shut({ app, websockets, readiness }: Parts): Promise<void> {
  readiness.stop();
  const requestsDone = app.close();
  // A connection that nobody reads from would otherwise stay for as long as connections may idle.
  const cut = setTimeout(() => app.server.closeAllConnections(), answersGraceMs);
  await websockets.close();
  await requestsDone.finally(() => clearTimeout(cut));
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
