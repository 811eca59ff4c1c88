import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiClient, ApiError } from '../../src/demo/api-client.ts';
import { feed } from '../../src/demo/feed.ts';
import { describeProgress } from '../../src/demo/progress.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';

const drafts: TouchpointDraft[] = Array.from({ length: 25 }, (_, index) => ({
  messageId: `m-${index}`,
  source: 'web',
  type: 'page.viewed',
  occurredAt: '2026-01-01T00:00:00Z',
}));

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

type Events = TouchpointDraft[];

/** A server that speaks GraphQL over HTTP and answers as it is told. */
async function openApi(answer: (events: Events, call: number) => Promise<object> | object): Promise<ApiClient> {
  let calls = 0;
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { variables } = JSON.parse(Buffer.concat(parts).toString()) as { variables: { events: Events } };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(await answer(variables.events, calls++)));
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return new ApiClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, 'key');
}

const stored = (events: Events) => ({
  data: { ingest: { stored: events.length, duplicates: 0, conflicts: 0, rejected: 0, quarantined: 0 } },
});
const refused = (code: string, details: object = {}) => ({
  errors: [{ message: 'no', extensions: { code, ...details } }],
});

function options(overrides: Partial<Parameters<typeof feed>[2]> = {}): Parameters<typeof feed>[2] {
  return { batchSize: 10, inFlight: 2, signal: new AbortController().signal, onProgress: () => {}, ...overrides };
}

describe('feeding through the API', () => {
  it('sends every draft once, in batches', async () => {
    const received: Events[] = [];
    const api = await openApi((events) => {
      received.push(events);
      return stored(events);
    });
    const counts = await feed(api, drafts.values(), options());
    expect(counts.stored).toBe(25);
    expect(received.map((events) => events.length).sort()).toEqual([10, 10, 5]);
    expect(
      received
        .flat()
        .map(({ messageId }) => messageId)
        .sort(),
    ).toEqual(drafts.map(({ messageId }) => messageId).sort());
  });

  it('repeats a call that was refused for being too busy, no sooner than asked for', async () => {
    const calls: { at: number; first: string }[] = [];
    const api = await openApi((events, call) => {
      calls.push({ at: performance.now(), first: events[0]!.messageId });
      return call === 0 ? refused('OVERLOADED', { retryAfterMs: 120 }) : stored(events);
    });
    expect((await feed(api, drafts.slice(0, 10).values(), options())).stored).toBe(10);
    expect(calls.map(({ first }) => first)).toEqual(['m-0', 'm-0']);
    expect(calls[1]!.at - calls[0]!.at).toBeGreaterThanOrEqual(115);
  });

  it('gives up on any other refusal', async () => {
    const api = await openApi(() => refused('FORBIDDEN'));
    await expect(feed(api, drafts.values(), options())).rejects.toThrow(ApiError);
  });

  it('counts as settled only what is answered without a hole', async () => {
    const gate = Promise.withResolvers<void>();
    const api = await openApi(async (events) => {
      if (events[0]!.messageId === 'm-0') await gate.promise;
      return stored(events);
    });
    const seen: { done: number; settled: number }[] = [];
    const onProgress = (progress: { done: number; settled: number }) => {
      seen.push(progress);
      if (progress.done === 15) gate.resolve();
    };
    await feed(api, drafts.values(), options({ onProgress }));
    expect(seen).toEqual([
      { done: 10, settled: 0 },
      { done: 15, settled: 0 },
      { done: 25, settled: 25 },
    ]);
  });

  it('ends between two calls when it is told to stop, with what was under way answered', async () => {
    const stopping = new AbortController();
    const api = await openApi((events) => {
      stopping.abort();
      return stored(events);
    });
    const settled: number[] = [];
    const counts = await feed(
      api,
      drafts.values(),
      options({ inFlight: 1, signal: stopping.signal, onProgress: (progress) => void settled.push(progress.settled) }),
    );
    expect(counts.stored).toBe(10);
    expect(settled).toEqual([10]);
  });
});

it('tells count, rate and time left, without counting what an earlier run did', () => {
  expect(describeProgress({ done: 30_000, total: 80_000, since: 20_000, seconds: 2 })).toBe(
    '30,000 of 80,000 | 5,000/s | 10 s left',
  );
  expect(describeProgress({ done: 0, total: 10, since: 0, seconds: 0 })).toBe('0 of 10 | 0/s | no rate yet');
});
