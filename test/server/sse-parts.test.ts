import { buildSchema, type ExecutionResult, GraphQLError, parse, print as printDocument, validate } from 'graphql';
import { describe, expect, test, vi } from 'vitest';
import type { Context, Viewer } from '../../src/kernel/context.ts';
import { DomainError } from '../../src/kernel/errors.ts';
import { EndableStream } from '../../src/server/endable-stream.ts';
import { noteCursor } from '../../src/server/event-cursor.ts';
import { OpenStreams } from '../../src/server/open-streams.ts';
import type { OperationRequest, ResultStream } from '../../src/server/operations.ts';
import { askedAfter, resumeAfter } from '../../src/server/resumption.ts';
import { SseFrames } from '../../src/server/sse-frames.ts';

/** A stream that gives what it is told to, when it is told to. */
function controlled<T>() {
  let waiting = Promise.withResolvers<IteratorResult<T>>();
  const stream = {
    asked: 0,
    returned: 0,
    next(): Promise<IteratorResult<T>> {
      stream.asked += 1;
      return waiting.promise;
    },
    async return(): Promise<IteratorResult<T>> {
      stream.returned += 1;
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return stream;
    },
    give(value: T) {
      const { resolve } = waiting;
      waiting = Promise.withResolvers();
      resolve({ done: false, value });
    },
    fail(error: unknown) {
      waiting.reject(error);
    },
  };
  return stream;
}

describe('a stream that can be ended from outside', () => {
  test('tells a reader who waits at once, ends its source, and has nothing more to say', async () => {
    const source = controlled<number>();
    const atEnd = vi.fn();
    const stream = new EndableStream(source, atEnd);
    const waiting = stream.next();
    stream.fail(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect([source.returned, atEnd.mock.calls.length]).toEqual([1, 1]);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    source.give(5);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test('tells a reader who is busy with the next call', async () => {
    const source = controlled<number>();
    const stream = new EndableStream(source, () => {});
    const first = stream.next();
    source.give(1);
    expect(await first).toEqual({ done: false, value: 1 });
    stream.fail(new Error('enough'));
    stream.fail(new Error('again'));
    await expect(stream.next()).rejects.toThrow('enough');
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test('counts as ended once, whether its source ends, fails or is left', async () => {
    for (const end of ['fail', 'return'] as const) {
      const source = controlled<number>();
      const atEnd = vi.fn();
      const stream = new EndableStream(source, atEnd);
      const waiting = stream.next().catch(() => 'failed');
      if (end === 'fail') source.fail(new Error('broken'));
      else await stream.return();
      source.give(1);
      await waiting;
      stream.fail(new Error('late'));
      await stream.return();
      expect(atEnd).toHaveBeenCalledTimes(1);
    }
  });
});

describe('the text of an event stream', () => {
  const frames = (results: ExecutionResult | ResultStream, more: { start?: string; heartbeatMs?: number } = {}) =>
    new SseFrames({
      results,
      start: more.start,
      heartbeatMs: more.heartbeatMs ?? 60_000,
      show: (result) => result,
      explain: (error) => ({ errors: [new GraphQLError((error as Error).message)] }),
    });

  test('begins with the place where it starts, for a reader who is cut off before the first event', async () => {
    const text = frames(controlled<ExecutionResult>(), { start: 'head' }).text();
    expect((await text.next()).value).toBe('id: head\n\n');
  });

  test('asks for an event when the one before has been taken: what is slow waits where it is counted', async () => {
    const source = controlled<ExecutionResult>();
    const text = frames(source).text();
    await text.next();
    expect(source.asked).toBe(0);
    const first = text.next();
    await vi.waitFor(() => expect(source.asked).toBe(1));
    source.give(noteCursor({ data: { a: 'line\nbreak' } }, { change: { cursor: 'c1' } }));
    expect((await first).value).toBe('id: c1\nevent: next\ndata: {"data":{"a":"line\\nbreak"}}\n\n');
    await new Promise(setImmediate);
    expect(source.asked).toBe(1);
  });

  test('shows that it is alive while nothing happens, and loses nothing by that', async () => {
    const source = controlled<ExecutionResult>();
    const text = frames(source, { heartbeatMs: 5 }).text();
    for (let beat = 0; beat < 4; beat++) expect((await text.next()).value).toBe(':\n\n');
    source.give({ data: { n: 1 } });
    let value = (await text.next()).value;
    while (value === ':\n\n') value = (await text.next()).value;
    expect(value).toContain('{"n":1}');
    expect(source.asked).toBe(1);
  });

  test('ends with what went wrong, and is complete', async () => {
    const source = controlled<ExecutionResult>();
    const text = frames(source).text();
    await text.next();
    const next = text.next();
    source.fail(new Error('too slow'));
    expect((await next).value).toContain('"message":"too slow"');
    expect((await text.next()).value).toBe('event: complete\ndata:\n\n');
    expect((await text.next()).done).toBe(true);
  });

  test('ends at once, with a last word or without one; without, it is not complete: the reader is to come back', async () => {
    for (const last of [new DomainError('UNAUTHENTICATED', 'revoked'), undefined]) {
      const stream = frames(controlled<ExecutionResult>());
      const text = stream.text();
      await text.next();
      const next = text.next();
      stream.end(last);
      const rest = [await next, await text.next(), await text.next()].map(({ value }) => value ?? 'end');
      expect(rest).toEqual(
        last
          ? [expect.stringContaining('"message":"revoked"'), 'event: complete\ndata:\n\n', 'end']
          : ['end', 'end', 'end'],
      );
    }
  });

  test('gives its subscription back even if nobody has begun to read it', () => {
    const source = controlled<ExecutionResult>();
    frames(source).close();
    expect(source.returned).toBe(1);
  });

  test('of one result is that result', async () => {
    const parts: string[] = [];
    for await (const part of frames({ data: { a: 1 } }).text()) parts.push(part);
    expect(parts).toEqual([':\n\n', 'event: next\ndata: {"data":{"a":1}}\n\n', 'event: complete\ndata:\n\n']);
  });
});

describe('resuming a subscription', () => {
  const schema = buildSchema(`
    scalar Cursor
    type Query { a(after: Cursor): Int }
    type Event { id: ID children(after: Cursor): Int }
    type Subscription { changed(id: ID, after: Cursor): Event total: Int }`);
  const request = (query: string, variables?: Record<string, unknown>, operationName?: string): OperationRequest => ({
    document: parse(query),
    operationName,
    variables,
    context: {} as Context,
  });

  test.each<[string, string, Record<string, unknown> | undefined, string | null | undefined]>([
    ['nothing', 'subscription { changed { id } }', undefined, null],
    ['a text', 'subscription { changed(after: "c") { id } }', undefined, 'c'],
    ['null', 'subscription { changed(after: null) { id } }', undefined, null],
    ['a variable', 'subscription ($x: Cursor) { changed(after: $x) { id } }', { x: 'v' }, 'v'],
    ['a variable that is not given', 'subscription ($x: Cursor) { changed(after: $x) { id } }', {}, null],
    ['a default', 'subscription ($x: Cursor = "d") { changed(after: $x) { id } }', undefined, 'd'],
    ['null for a default', 'subscription ($x: Cursor = "d") { changed(after: $x) { id } }', { x: null }, null],
    ['a cursor of something inside', 'subscription { changed { children(after: "no") } }', undefined, null],
    [
      'in a fragment',
      'subscription { ...F } fragment F on Subscription { changed(after: "f") { id } }',
      undefined,
      'f',
    ],
    ['a stream that cannot be resumed', 'subscription { total }', undefined, undefined],
    ['a query', '{ a(after: "q") }', undefined, undefined],
  ])('%s: it says where it would start', (_name, query, variables, expected) => {
    expect(askedAfter(schema, request(query, variables))).toBe(expected);
  });

  test.each([
    'subscription { changed { id } }',
    'subscription { changed(id: "1", after: "old") { id children(after: "inner") } }',
    'subscription ($after: Cursor) { changed(after: $after) { id } }',
    'subscription ($after: Cursor, $id: ID) { changed(after: $after, id: $id) { children(after: $after) } }',
    'subscription { changed(after: "old") { id } changed(after: "old") { children } }',
    'subscription { ... on Subscription { ...F } } fragment F on Subscription { changed { id } }',
    'subscription A { ...F } subscription B { ...F } query Q { a } fragment F on Subscription { changed { id } }',
  ])('%s: is as valid as before, starts behind the cursor, and is the same document each time', (query) => {
    const name = query.includes('subscription A') ? 'A' : undefined;
    const given = request(query, { after: 'mine', id: '1' }, name);
    expect(validate(schema, given.document)).toEqual([]);
    const [once, twice] = [resumeAfter(schema, given, 'c1'), resumeAfter(schema, given, 'c2')];
    expect(validate(schema, once.document).map(({ message }) => message)).toEqual([]);
    expect(once.document).toBe(twice.document);
    const text = printDocument(once.document);
    for (const [, after] of text.matchAll(/changed\([^)]*after: ([^),]+)/g)) expect(after).toBe('$_rundumAfter');
    expect(text).not.toContain('"old"');
    if (query.includes('inner')) expect(text).toContain('children(after: "inner")');
    expect([once.variables, twice.variables]).toEqual([
      { after: 'mine', id: '1', _rundumAfter: 'c1' },
      { after: 'mine', id: '1', _rundumAfter: 'c2' },
    ]);
  });

  test('leaves alone what cannot be resumed', () => {
    const given = request('subscription { total }');
    expect(resumeAfter(schema, given, 'c')).toBe(given);
  });
});

describe('what keys have open', () => {
  const viewer = (keyId: string) => ({ keyId }) as Viewer;

  test('is limited by key and by kind; a place that is given back can be taken again', () => {
    const streams = new OpenStreams(() => ({ connections: 2, subscriptions: 1 }));
    const end = () => {};
    const leave = streams.connect(viewer('a'), end);
    streams.connect(viewer('a'), end);
    expect(() => streams.connect(viewer('a'), end)).toThrow(
      expect.objectContaining({ code: 'RATE_LIMITED', details: { resource: 'CONNECTIONS', limit: 2 } }),
    );
    streams.subscribe(viewer('a'), end);
    expect(() => streams.subscribe(viewer('a'), end)).toThrow(/1 subscriptions/);
    streams.connect(viewer('b'), end);
    leave();
    leave();
    streams.connect(viewer('a'), end);
    expect([streams.count('connections'), streams.count('subscriptions')]).toEqual([3, 1]);
    expect(() => streams.connect(viewer('a'), end)).toThrow(/2 connections/);
  });

  test('ends, the newest first, when the key may have less', () => {
    let connections = 4;
    const streams = new OpenStreams(() => ({ connections, subscriptions: 1 }));
    const ended: number[] = [];
    const leaves = [0, 1, 2, 3].map((n) => {
      const leave: () => void = streams.connect(viewer('a'), ({ details }) => {
        ended.push(n);
        expect(details).toEqual({ resource: 'CONNECTIONS', limit: 2 });
        leave();
      });
      return leave;
    });
    streams.review();
    expect(ended).toEqual([]);
    connections = 2;
    streams.review();
    expect(ended).toEqual([2, 3]);
    streams.review();
    expect(ended).toEqual([2, 3]);
    leaves[0]!();
    expect(streams.count('connections')).toBe(1);
  });
});
