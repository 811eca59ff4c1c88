import { once } from 'node:events';
import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { expect } from 'vitest';
import type { TestServer } from '../support/server.ts';

export interface Frame {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
}

export interface StreamRequest {
  readonly query?: string | undefined;
  readonly extensions?: object;
  readonly variables?: Record<string, unknown>;
  readonly key?: string | null;
  readonly lastEventId?: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
}

/** A reader of event streams that knows nothing but the format, and may stop reading. */
export class SseReader {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As they came; those of comments alone are left out. */
  readonly frames: Frame[] = [];
  /** Comments: signs of life. */
  beats = 0;
  /** How the answer ended. */
  end: 'whole' | 'cut' | undefined;
  readonly #response: IncomingMessage;
  readonly #request: ClientRequest;
  #text = '';
  #seen = 0;

  static async open(server: TestServer, asked: StreamRequest): Promise<SseReader> {
    const { query, variables, extensions, key = server.ownerKey, method = 'POST', lastEventId } = asked;
    const json = {
      variables: JSON.stringify(variables ?? {}),
      ...(extensions && { extensions: JSON.stringify(extensions) }),
    };
    const parameters = new URLSearchParams({ ...(query && { query }), ...json });
    const outgoing = request(`${server.url}/graphql/stream${method === 'GET' ? `?${parameters}` : ''}`, {
      agent: false,
      method,
      headers: {
        accept: 'text/event-stream',
        ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
        ...asked.headers,
      },
    });
    outgoing.end(method === 'POST' ? JSON.stringify({ query, variables, extensions }) : undefined);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return new SseReader(outgoing, response);
  }

  private constructor(outgoing: ClientRequest, response: IncomingMessage) {
    this.#request = outgoing;
    this.#response = response;
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#take(text));
    response.once('end', () => {
      this.end ??= 'whole';
    });
    response.once('error', () => {
      this.end ??= 'cut';
    });
    outgoing.on('error', () => {
      this.end ??= 'cut';
    });
  }

  get lastId(): string | undefined {
    return this.frames.findLast(({ id }) => id !== undefined)?.id;
  }

  /** What was no frame: the body of a refusal. */
  get body(): string {
    return this.#text;
  }

  /** The next result. */
  async next<T = Record<string, unknown>>(): Promise<{ data?: T; errors?: Refusal[]; id?: string }> {
    const find = () => this.results()[this.#seen];
    await expect.poll(() => find() !== undefined || this.end, { timeout: 10_000, interval: 10 }).toBeTruthy();
    const found = find();
    if (!found) throw new Error(`The stream ended without another result: ${this.#text}`);
    this.#seen += 1;
    return found as { data?: T; errors?: Refusal[]; id?: string };
  }

  results(): object[] {
    return this.frames
      .filter(({ event }) => event === 'next')
      .map(({ data, id }) => ({ ...(JSON.parse(data!) as object), ...(id === undefined ? {} : { id }) }));
  }

  /** Waits for the end of the answer. */
  async ended(timeout = 5_000): Promise<'whole' | 'cut'> {
    await expect.poll(() => this.end, { timeout, interval: 10 }).toBeDefined();
    return this.end!;
  }

  completed(): boolean {
    return this.frames.at(-1)?.event === 'complete';
  }

  pause(): void {
    this.#response.pause();
  }

  resume(): void {
    this.#response.resume();
  }

  close(): void {
    this.#request.destroy();
  }

  #take(text: string): void {
    const parts = (this.#text + text).split('\n\n');
    this.#text = parts.pop() ?? '';
    for (const part of parts) this.#takeFrame(part);
  }

  #takeFrame(text: string): void {
    const frame: Record<string, string> = {};
    for (const line of text.split('\n')) {
      if (line.startsWith(':')) this.beats += 1;
      const [, field, value] = /^(id|event|data): ?(.*)$/.exec(line) ?? [];
      if (field !== undefined) frame[field] = value!;
    }
    if (Object.keys(frame).length > 0) this.frames.push(frame);
  }
}

export interface Refusal {
  readonly message: string;
  readonly extensions: { readonly code: string } & Record<string, unknown>;
}
