import { once } from 'node:events';
import { connect as connectTcp, isIP, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/** Where to connect to, as postgres.js has read it from the address of the database. */
export interface SocketOptions {
  readonly host: readonly string[];
  readonly port: readonly number[];
  /** Of a Unix socket. */
  readonly path?: string | false;
  readonly ssl: boolean | string | object | null | undefined;
  readonly sslnegotiation?: string | null;
  /** Seconds. */
  readonly connectTimeout: number;
}

/** Length 8, and PostgreSQL's number for "may we speak TLS?"; it answers with one letter. */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
/** What a connection begins with that only asks to cancel a statement of another; it is closed without an answer. */
const cancelRequest = 80_877_102;

/**
 * Makes the sockets of a pool, instead of postgres.js 3.4.9, which takes a connection that the server ends for one to be made
 * once more: where a statement was under way when the connection before it was lost, and the database now turns everybody
 * away (it starts up, it is gone, it is full, or the pooler in front has nobody), the library connects again and again without
 * a pause, and whoever waits for that connection waits until the database is back. So here an end that we didn't ask for is an
 * error, which the library passes on.
 *
 * Where several hosts are given, they are asked in turn, each failure moving on to the next. TLS is spoken here too, because
 * the library would take off what watches the socket.
 */
export class DatabaseSockets {
  readonly #options: SocketOptions;
  readonly #onOpen: (socket: Socket) => void;
  #host = 0;
  #isClosed = false;

  /** `onOpen` is called with every socket before the library has it. */
  constructor(options: SocketOptions, onOpen: (socket: Socket) => void) {
    this.#options = options;
    this.#onOpen = onOpen;
  }

  /** The pool is about to end: sockets that are still being made are of no use to anybody. */
  close(): void {
    this.#isClosed = true;
  }

  /** Never rejects: the library would lose the connection's place in the pool. A failure is the socket's. */
  async open(): Promise<Socket> {
    const plain = this.#connect();
    const made = this.#options.ssl ? await this.#secure(plain) : plain;
    const socket = this.#isClosed ? destroySoon(made, lost('The pool has ended.')) : made;
    let asksToCancel = false;
    onFirstWrite(socket, (bytes) => {
      asksToCancel = bytes.length === 16 && bytes.readUInt32BE(4) === cancelRequest;
    });
    socket.once('end', () => {
      if (!socket.writableEnded && !asksToCancel) socket.destroy(lost('The database has closed the connection.'));
    });
    socket.once('error', () => this.#moveOn());
    this.#onOpen(socket);
    return socket;
  }

  #connect(): Socket {
    const { host, port, path } = this.#options;
    if (path) return connectTcp(path);
    const index = this.#host % host.length;
    return connectTcp({ host: host[index]!, port: port[index % port.length]! });
  }

  #moveOn(): void {
    this.#host = (this.#host + 1) % this.#options.host.length;
  }

  async #secure(plain: Socket): Promise<Socket> {
    const { ssl, sslnegotiation, connectTimeout } = this.#options;
    const direct = sslnegotiation === 'direct';
    const patience = new AbortController();
    try {
      const late = sleep(connectTimeout * 1000, undefined, { signal: patience.signal, ref: false }).then(() => {
        throw Object.assign(new Error('The database did not answer in time.'), { code: 'CONNECT_TIMEOUT' });
      });
      late.catch(() => {});
      if (!direct && !(await Promise.race([offersTls(plain), late]))) {
        if (ssl === 'prefer') return plain;
        throw lost('The database does not speak TLS, which its address asks for.');
      }
      const secure = connectTls({
        ...this.#tlsOptions(),
        socket: plain,
        ...(direct && { ALPNProtocols: ['postgresql'] }),
      });
      await Promise.race([once(secure, 'secureConnect'), late]);
      return secure;
    } catch (error) {
      return destroySoon(plain, error as Error);
    } finally {
      patience.abort();
    }
  }

  /** As postgres.js understands `sslmode`. */
  #tlsOptions(): ConnectionOptions {
    const { ssl, host } = this.#options;
    const name = host[this.#host % host.length]!;
    const servername = isIP(name) ? undefined : name;
    if (typeof ssl === 'object') return { servername, ...ssl };
    return { servername, rejectUnauthorized: !['require', 'allow', 'prefer'].includes(String(ssl)) };
  }
}

function onFirstWrite(socket: Socket, look: (bytes: Buffer) => void): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  const first = (...args: unknown[]) => {
    look(args[0] as Buffer);
    if (socket.write === first) socket.write = write as Socket['write'];
    return write(...args);
  };
  socket.write = first as Socket['write'];
}

async function offersTls(socket: Socket): Promise<boolean> {
  socket.write(sslRequest);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer[0] === 0x53; // S
}

/** After its new owner has looked at it. */
function destroySoon(socket: Socket, error: Error): Socket {
  // It may have failed by itself: then its error has been told, and the library must hear of it all the same.
  const failed = socket.destroyed ? new Socket() : socket;
  failed.on('error', () => {});
  setImmediate(() => failed.destroy(error));
  return failed;
}

/** With the code by which all know the loss of a connection. */
export function lost(message: string): Error {
  return Object.assign(new Error(message), { code: 'CONNECTION_CLOSED' });
}
