import type { ExecutionResult } from 'graphql';
import { print } from 'graphql-sse';
import type { DomainError } from '../kernel/errors.ts';
import { cursorOf } from './event-cursor.ts';
import type { ResultStream } from './operations.ts';

/** A line that every reader passes over: it only shows that we are there, and that no proxy holds back what we send. */
const heartbeat = ':\n\n';

export interface FrameOptions {
  /** One result, or many. */
  readonly results: ExecutionResult | ResultStream;
  /** The cursor from which the stream starts, for a reader who comes back before the first event. */
  readonly start: string | undefined;
  readonly heartbeatMs: number;
  /** As the reader may see it. */
  readonly show: (result: ExecutionResult) => ExecutionResult;
  /** What a failure of the stream looks like as a result. */
  readonly explain: (error: unknown) => ExecutionResult;
}

/**
 * The text of one event stream, a frame whenever the reader takes one. It asks for the next event when the last has been
 * taken, so what a slow reader does not take waits where it is counted: in the subscription's own queue.
 */
export class SseFrames {
  readonly #options: FrameOptions;
  readonly #stream: AsyncIterableIterator<ExecutionResult>;
  #wake: (() => void) | undefined;
  #last: ExecutionResult | undefined;
  #ended = false;

  constructor(options: FrameOptions) {
    this.#options = options;
    this.#stream = Symbol.asyncIterator in options.results ? options.results : single(options.results);
  }

  /** Ends the stream: with this as the last result, or without a word, so that the reader comes back. */
  end(last?: DomainError): void {
    if (this.#ended) return;
    this.#ended = true;
    if (last) this.#last = this.#options.explain(last);
    this.#wake?.();
  }

  /** There is nobody left to read. Also for text that nobody has begun to read, and whose `finally` would not run. */
  close(): void {
    this.end();
    void this.#stream.return?.().catch(() => {});
  }

  async *text(): AsyncGenerator<string, void, undefined> {
    const { start } = this.#options;
    // At once, so that the headers go out. A frame without data is no event, and its id is remembered all the same.
    yield start === undefined ? heartbeat : `id: ${start}\n\n`;
    yield* this.#events();
    // Ended from outside without a last word: whoever reads `complete` would not come back.
    if (this.#ended && !this.#last) return;
    if (this.#last) yield frameOf(this.#last);
    yield print({ event: 'complete', data: null });
  }

  async *#events(): AsyncGenerator<string, void, undefined> {
    const inbox = new Inbox(this.#stream);
    while (!this.#ended) {
      const arrived = inbox.take();
      if (!arrived) {
        const beat = await this.#wait(inbox);
        if (beat) yield heartbeat;
        continue;
      }
      if ('error' in arrived) {
        yield frameOf(this.#options.explain(arrived.error));
        break;
      }
      if (arrived.done) break;
      yield frameOf(this.#options.show(arrived.value));
    }
  }

  /** Until something arrives or the stream is ended; true when it is time for a sign of life instead. */
  #wait(inbox: Inbox): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(true), this.#options.heartbeatMs);
      const settle = (beat: boolean) => {
        clearTimeout(timer);
        this.#wake = undefined;
        inbox.onArrival = undefined;
        resolve(beat);
      };
      this.#wake = () => settle(false);
      inbox.onArrival = () => settle(false);
    });
  }
}

type Arrived = IteratorResult<ExecutionResult> | { readonly error: unknown };

/**
 * The next value of a stream, once it is there. (A race between a promise that waits for days and a timer would leave a
 * handler at that promise with each beat of the timer.)
 */
class Inbox {
  readonly #stream: AsyncIterableIterator<ExecutionResult>;
  #asked = false;
  #arrived: Arrived | undefined;
  onArrival: (() => void) | undefined;

  constructor(stream: AsyncIterableIterator<ExecutionResult>) {
    this.#stream = stream;
  }

  take(): Arrived | undefined {
    const arrived = this.#arrived;
    this.#arrived = undefined;
    if (!arrived) this.#ask();
    else this.#asked = false;
    return arrived;
  }

  #ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    const arrive = (arrived: Arrived) => {
      this.#arrived = arrived;
      this.onArrival?.();
    };
    this.#stream.next().then(arrive, (error: unknown) => arrive({ error }));
  }
}

/** The cursor as the id of the event: a reader that comes back sends it as `Last-Event-ID`. */
function frameOf(result: ExecutionResult): string {
  const cursor = cursorOf(result);
  const frame = print({ event: 'next', data: result });
  return cursor === undefined ? frame : `id: ${cursor}\n${frame}`;
}

async function* single(result: ExecutionResult): AsyncGenerator<ExecutionResult, void, undefined> {
  yield result;
}
