import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** What the network between the two ends is like. */
export interface Weather {
  /** How much later everything arrives, in milliseconds, in each direction. */
  readonly delayMs: number;
  /** Of each direction of each connection. */
  readonly bytesPerSecond: number;
  /** Nothing arrives, and nobody is told: no error, no end. What was sent meanwhile arrives when the hole closes. */
  readonly blackHole: boolean;
}

const fair: Weather = { delayMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY, blackHole: false };

/** Read ahead of what may be passed on; then the sender's own buffers fill, as behind a slow line. */
const mostHeld = 64 * 1024;
/** What a throttled line passes on at once. */
const sip = 4 * 1024;

/** A TCP way to a port of this machine, whose weather tests make. */
export class FaultProxy {
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #links = new Set<Link>();
  #weather = fair;
  #changed = Promise.withResolvers<void>();
  readonly #port: number;

  static async open(targetPort: number): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultProxy(server, targetPort);
  }

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
    this.#port = (server.address() as AddressInfo).port;
    server.on('connection', (near: Socket) => this.#join(near));
  }

  get port(): number {
    return this.#port;
  }

  /** Connections that are open through it. */
  get connections(): number {
    return this.#links.size;
  }

  get weather(): Weather {
    return this.#weather;
  }

  /** From now on; what isn't mentioned is fair again. */
  setWeather(weather: Partial<Weather>): void {
    this.#weather = { ...fair, ...weather };
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Resolves when the weather changes next. */
  get weatherChange(): Promise<void> {
    return this.#changed.promise;
  }

  /** Breaks every connection at both ends, in the middle of whatever it carries. New ones are welcome. */
  cut(): void {
    for (const link of [...this.#links]) link.reset();
  }

  /** Nothing passes any more on the connections there are, and nobody is told. New ones are as the weather is. */
  strand(): void {
    for (const link of this.#links) link.isStranded = true;
  }

  /** Breaks every connection and refuses new ones. */
  async shut(): Promise<void> {
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined;
    this.#server.close();
    this.cut();
    await closed;
  }

  async reopen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  #join(near: Socket): void {
    const link = new Link(this, near, connect({ port: this.#targetPort, host: '127.0.0.1', allowHalfOpen: true }));
    this.#links.add(link);
    void link.ended.then(() => this.#links.delete(link));
  }
}

/** One connection: two sockets, and what is on its way between them. */
class Link {
  readonly #sockets: readonly [Socket, Socket];
  /** Both sockets are closed. */
  readonly ended: Promise<void>;
  isStranded = false;

  constructor(proxy: FaultProxy, near: Socket, far: Socket) {
    this.#sockets = [near, far];
    this.ended = Promise.all([closing(near), closing(far)]).then(() => {});
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay(true);
      // A break of one end is one of the other; a proper end has been passed on before, with what was still under way.
      from.on('error', () => this.reset());
      void this.#carry(proxy, from, to).catch(() => this.reset());
    }
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async #carry(proxy: FaultProxy, from: Socket, to: Socket): Promise<void> {
    const parcels: Parcel[] = [];
    let held = 0;
    let arrival = Promise.withResolvers<void>();
    let isOver = false;
    from.on('data', (bytes: Buffer) => {
      for (let start = 0; start < bytes.length; start += sip) {
        parcels.push({ bytes: bytes.subarray(start, start + sip), sentAt: performance.now() });
      }
      held += bytes.length;
      if (held > mostHeld) from.pause();
      arrival.resolve();
    });
    from.once('end', () => {
      isOver = true;
      arrival.resolve();
    });
    for (;;) {
      const parcel = parcels.shift();
      if (parcel) {
        await untilDue(proxy, parcel);
        if (this.isStranded) return;
        if (to.destroyed) return;
        to.write(parcel.bytes);
        held -= parcel.bytes.length;
        if (from.isPaused() && held < mostHeld / 2) from.resume();
      } else if (isOver) {
        to.end();
        return;
      } else {
        await arrival.promise;
        arrival = Promise.withResolvers();
      }
    }
  }
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once('close', () => resolve()));
}

interface Parcel {
  readonly bytes: Buffer;
  readonly sentAt: number;
}

/** Looks again whenever the weather changes: a line that was slow a moment ago may be quick or dead now. */
async function untilDue(proxy: FaultProxy, { bytes, sentAt }: Parcel): Promise<void> {
  const began = performance.now();
  for (;;) {
    const { blackHole, delayMs, bytesPerSecond } = proxy.weather;
    const due = Math.max(sentAt + delayMs, began + (bytes.length * 1000) / bytesPerSecond);
    const left = due - performance.now();
    if (!blackHole && left <= 0) return;
    await (blackHole ? proxy.weatherChange : Promise.race([wait(Math.max(1, left)), proxy.weatherChange]));
  }
}
