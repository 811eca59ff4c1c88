import type { FastifyReply } from 'fastify';
import type { DomainError } from '../kernel/errors.ts';
import type { SseFrames } from './sse-frames.ts';
import type { StreamTimings } from './stream-timings.ts';

/** One event stream on its way. Whatever ends it (the reader, the key, the server), everything it holds is given back. */
export class EventStream {
  readonly #reply: FastifyReply;
  readonly #timings: StreamTimings;
  readonly #held: (() => void)[] = [];
  #frames: SseFrames | undefined;
  #over: { readonly why: DomainError | undefined } | undefined;

  constructor(reply: FastifyReply, timings: StreamTimings) {
    this.#reply = reply;
    this.#timings = timings;
    reply.raw.once('close', () => this.#close());
  }

  /** To be called at the end, or at once where that has been. */
  hold(release: () => void): void {
    if (this.#reply.raw.closed) release();
    else this.#held.push(release);
  }

  /** The answer begins. */
  begin(frames: SseFrames): void {
    this.#frames = frames;
    this.hold(() => frames.close());
    if (this.#over) frames.end(this.#over.why);
  }

  /** Ends it and says why. Who could come back with the same request and be let in is not told, and does. */
  end(why: DomainError): void {
    this.#finish(why.details.reason === 'CHANGED' ? undefined : why);
  }

  /** The server stops: the reader comes back, to another node. */
  leave(): void {
    this.#finish(undefined);
  }

  /** What the reader is sent, cut off when it takes nothing for too long: so much and no more may wait for it. */
  async *watched(text: AsyncGenerator<string, void, undefined>): AsyncGenerator<string, void, undefined> {
    for await (const frame of text) {
      const timer = setTimeout(() => this.#cut(), this.#timings.patience);
      try {
        yield frame;
      } finally {
        clearTimeout(timer);
      }
    }
  }

  #finish(why: DomainError | undefined): void {
    if (this.#over) return;
    this.#over = { why };
    this.#frames?.end(why);
    // A stalled reader would never take the last frame.
    const cut = setTimeout(() => this.#cut(), this.#timings.grace);
    this.hold(() => clearTimeout(cut));
  }

  #cut(): void {
    this.#reply.raw.destroy();
  }

  #close(): void {
    for (const release of this.#held.splice(0)) release();
  }
}
