import type { Socket } from 'node:net';
import { lost } from './database-socket.ts';

/** How long a connection may keep us waiting before somebody asks the database about it. */
export interface Patience {
  /** Without a byte, while an answer is due. */
  readonly silenceMs: number;
  /** Between two looks. */
  readonly lookMs: number;
  /** For the question, over a connection that is made for it. */
  readonly answerMs: number;
}

/** How many times as long as for an answer. */
const sendingPatience = 6;

export const patience: Patience = { silenceMs: 10_000, lookMs: 2_500, answerMs: 5_000 };

/** Answers which of these server processes work on a statement; rejects where the database can't be asked. */
export type AskDatabase = (processes: readonly number[]) => Promise<ReadonlySet<number>>;

interface Watched {
  /** The server's process at the other end, once it has told. */
  process: number | undefined;
  /** Since when an answer is due and nothing comes. */
  silentSince: number | undefined;
}

/**
 * Ends connections whose other side is gone without a word: a machine that was switched off, a network that swallows
 * everything, a failover that took the address elsewhere. The operating system would go on trying for a quarter of an hour, and
 * whatever waits for an answer with it.
 *
 * Silence alone proves nothing, for a statement may take long. So when an answer has been due for some time the database is
 * asked over a new connection: a server process that isn't at work any more has answered, and its answer is lost; and where
 * nobody answers at all, nothing is to be expected of the old connection either.
 */
export class SilenceWatch {
  readonly #sockets = new Map<Socket, Watched>();
  readonly #ask: AskDatabase;
  readonly #patience: Patience;
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;

  constructor(ask: AskDatabase, given: Patience) {
    this.#ask = ask;
    this.#patience = given;
  }

  /** From before the first byte, until it closes. */
  watch(socket: Socket): void {
    const watched: Watched = { process: undefined, silentSince: performance.now() };
    const greeting = new Greeting();
    socket.on('data', (bytes: Buffer) => {
      watched.process ??= greeting.read(bytes);
      watched.silentSince = isSettled(bytes) ? undefined : performance.now();
    });
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    socket.write = ((...args: unknown[]) => {
      watched.silentSince ??= performance.now();
      return write(...args);
    }) as Socket['write'];
    this.#sockets.set(socket, watched);
    socket.once('close', () => this.#forget(socket));
    this.#timer ??= setInterval(() => void this.#look(), this.#patience.lookMs).unref();
  }

  #forget(socket: Socket): void {
    this.#sockets.delete(socket);
    if (this.#sockets.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    const silent = this.#findSilent();
    // One that hasn't told its process is being made: the pool's own limit is for that.
    const processes = [...silent.values()].flatMap(({ process }) => process ?? []);
    if (this.#isAsking || processes.length === 0) return;
    this.#isAsking = true;
    const working = await this.#ask(processes).catch(() => new Set<number>());
    this.#isAsking = false;
    for (const [socket, { process, since }] of silent) {
      // Meanwhile it may have spoken.
      if (process === undefined || this.#sockets.get(socket)?.silentSince !== since || working.has(process)) continue;
      socket.destroy(lost('The database has not answered, and does not work on it.'));
    }
  }

  #findSilent(): Map<Socket, { process: number | undefined; since: number }> {
    const now = performance.now();
    const found = [...this.#sockets].flatMap(([socket, { process, silentSince: since }]) => {
      // While there is something left to send, a slow way is likelier than a dead one.
      const patience = this.#patience.silenceMs * (socket.writableLength > 0 ? sendingPatience : 1);
      return since !== undefined && since <= now - patience ? [[socket, { process, since }] as const] : [];
    });
    return new Map(found);
  }
}

const readyForQuery = 0x5a;
const portalSuspended = 0x73;
const backendKeyData = 0x4b;

/**
 * Nothing more is due: the last message is "ready for the next statement", of a length of five and one byte, or "portal
 * suspended", with nothing in it. The latter is a page of rows, and the next one is only due when it is asked for.
 */
function isSettled(bytes: Buffer): boolean {
  const end = bytes.length;
  if (end >= 6 && bytes[end - 6] === readyForQuery && bytes.readUInt32BE(end - 5) === 5) return true;
  return end >= 5 && bytes[end - 5] === portalSuspended && bytes.readUInt32BE(end - 4) === 4;
}

/** Finds the server's process in what it says first. */
class Greeting {
  #bytes = Buffer.alloc(0);

  /** Undefined until it has come. */
  read(bytes: Buffer): number | undefined {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    while (this.#bytes.length >= 5) {
      const end = 1 + this.#bytes.readUInt32BE(1);
      if (this.#bytes.length < end) return undefined;
      if (this.#bytes[0] === backendKeyData) return this.#bytes.readUInt32BE(5);
      this.#bytes = this.#bytes.subarray(end);
    }
    return undefined;
  }
}
