import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ExecutionResult, type GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql';
import { createHandler, type RequestParams, type Response } from 'graphql-sse';
import type { Viewer } from '../kernel/context.ts';
import { DomainError } from '../kernel/errors.ts';
import type { AddressOf } from './client-address.ts';
import type { ContextFactory } from './context.ts';
import type { ErrorFormatter } from './format-error.ts';
import { openSubscription } from './open-subscription.ts';
import type { OperationRequest, Operations, ResultStream } from './operations.ts';
import { takeDocumentId } from './persisted-request.ts';
import { prepareOperation, type Sender } from './prepare-operation.ts';
import { askedAfter, resumeAfter } from './resumption.ts';
import { EventStream } from './sse-connection.ts';
import { SseFrames } from './sse-frames.ts';
import type { StreamTimings } from './stream-timings.ts';
import type { Wiring } from './wiring.ts';

export interface EventStreamRoute {
  readonly wiring: Wiring;
  readonly schema: GraphQLSchema;
  readonly operations: Operations;
  readonly errors: ErrorFormatter;
  readonly createContext: ContextFactory;
  readonly addressOf: AddressOf;
  readonly timings: StreamTimings;
}

/** The same as over a websocket. */
const maximumBody = 4 * 1024 * 1024;

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  // A proxy that kept, compressed or gathered events would hold them back.
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

/**
 * GraphQL over server-sent events (graphql-sse, a connection for each operation), for networks that let no websocket through.
 *
 * The library reads requests. It does not send: its own queue takes whatever comes, however slowly a reader takes it.
 * The mode with one connection for all operations is not offered: it keeps a stream on one node and sends the operations
 * for it by other requests, which a load balancer would bring to any node.
 */
export function serveEventStreams(app: FastifyInstance, route: EventStreamRoute): void {
  const { wiring, addressOf, timings } = route;
  const { authenticator, streams, metrics } = wiring;
  const running = new Set<EventStream>();
  const protocol = createHandler<FastifyRequest, EventStream>({
    // No token: every stream is one operation's.
    authenticate: () => null,
    onSubscribe: ({ raw, context }, params) => run(raw, context, params, route),
  });
  app.addHook('preClose', async () => {
    for (const stream of running) stream.leave();
  });

  app.route({
    url: '/graphql/stream',
    method: ['GET', 'POST'],
    bodyLimit: maximumBody,
    // Before the body, as at /graphql.
    async onRequest(request) {
      const { authorization } = request.headers;
      request.viewer = await authenticator.authenticate(authorization, () => addressOf(request.raw));
    },
    async preHandler(request) {
      takeDocumentId(request);
    },
    async handler(request, reply) {
      if (!wantsEvents(request.headers.accept)) throw notAcceptable();
      const viewer = request.viewer as Viewer;
      const stream = new EventStream(reply, timings);
      stream.hold(streams.connect(viewer, (why) => stream.end(why)));
      stream.hold(
        authenticator.onEnd(
          viewer,
          (why) => stream.end(why),
          () => addressOf(request.raw),
        ),
      );
      running.add(stream);
      metrics.eventStreams.inc();
      stream.hold(() => {
        running.delete(stream);
        metrics.eventStreams.dec();
      });
      const [body, init] = await protocol(requestFor(request, stream));
      return send(reply, stream, body, init);
    },
  });
}

/** The request as the library wants to see it: with a text also where an id stands for it. */
function requestFor(request: FastifyRequest, context: EventStream) {
  const { method } = request;
  const url = withQuery(request.raw.url ?? '');
  const given = request.body as Record<string, unknown> | undefined;
  const body = given?.extensions ? { query: '', ...given } : given;
  const get = (name: string) => (name === 'accept' ? 'text/event-stream' : request.headers[name]?.toString());
  return { method, url, headers: { get }, body: body ?? null, raw: request, context };
}

function withQuery(url: string): string {
  const [path = '', search = ''] = url.split('?');
  const parameters = new URLSearchParams(search);
  if (parameters.has('extensions') && !parameters.has('query')) parameters.set('query', '');
  return `${path}?${parameters}`;
}

type Init = Response[1];

/** The library's own refusals say nothing but a message. */
function send(reply: FastifyReply, stream: EventStream, body: Response[0], { status, headers = {} }: Init) {
  if (body !== null && typeof body !== 'string') {
    const text = Readable.from(stream.watched(body), { objectMode: false, highWaterMark: 16 * 1024 });
    return reply.code(status).headers(headers).send(text);
  }
  const { errors = [] } = (body ? JSON.parse(body) : {}) as { errors?: { message: string; extensions?: object }[] };
  const coded = errors.map(({ message, extensions }) => ({
    message,
    extensions: extensions ?? { code: 'BAD_REQUEST' },
  }));
  return reply.code(status).headers(headers).send({ errors: coded });
}

async function run(
  request: FastifyRequest,
  stream: EventStream,
  params: RequestParams,
  route: EventStreamRoute,
): Promise<Response> {
  const sender: Sender = { viewer: request.viewer as Viewer, requestId: request.id };
  const prepared = prepareOperation(params, sender, route);
  if (!('document' in prepared)) return respond(stream, withinLimits({ errors: prepared }), { sender, route });
  const operation = getOperationAST(prepared.document, prepared.operationName)?.operation;
  if (operation === 'mutation' && request.method === 'GET') return mutationByGet();
  if (operation !== 'subscription') return respond(stream, await route.operations.execute(prepared), { sender, route });
  const lastEventId = request.headers['last-event-id']?.toString() || undefined;
  const { from, start } = await placeOf(prepared, lastEventId, route);
  const { operations, wiring } = route;
  const results = await openSubscription(from, { operations, streams: wiring.streams, metrics: wiring.metrics });
  return respond(stream, withinLimits(results), { sender, route, start });
}

/** One request too many is answered as one, with status 429: an error within a stream would bring the reader back at once. */
function withinLimits<R extends ExecutionResult | ResultStream>(results: R): R {
  const errors = 'errors' in results ? (results.errors ?? []) : [];
  for (const { originalError } of errors) {
    if (originalError instanceof DomainError && originalError.code === 'RATE_LIMITED') throw originalError;
  }
  return results;
}

/**
 * Where a subscription starts. One that starts now is told where that is, by the id of a frame without an event: a reader who
 * is cut off before the first event comes back to that very place. That place is read before the subscription stands.
 */
async function placeOf(
  request: OperationRequest,
  lastEventId: string | undefined,
  { schema, wiring }: EventStreamRoute,
): Promise<{ from: OperationRequest; start?: string }> {
  const asked = askedAfter(schema, request);
  if (asked === undefined) return { from: request };
  if (lastEventId !== undefined) return { from: resumeAfter(schema, request, lastEventId) };
  if (asked !== null) return { from: request };
  const { head } = await wiring.platform.feed.window();
  return { from: resumeAfter(schema, request, head), start: head };
}

interface Answering {
  readonly sender: Sender;
  readonly route: EventStreamRoute;
  readonly start?: string | undefined;
}

function respond(
  stream: EventStream,
  results: ExecutionResult | ResultStream,
  { sender, route: { errors, wiring, timings }, start }: Answering,
): Response {
  const explain = (list: readonly unknown[]): ExecutionResult => {
    wiring.authenticator.meter.countError(sender.viewer.keyId);
    return { errors: list.map((error) => errors.format(error, sender.requestId) as GraphQLError) };
  };
  const refused = !(Symbol.asyncIterator in results) && start !== undefined;
  const frames = new SseFrames({
    results,
    start: refused ? undefined : start,
    heartbeatMs: timings.heartbeat,
    show: (result) => (result.errors ? { ...result, ...explain(result.errors) } : result),
    explain: (error) => explain([error]),
  });
  stream.begin(frames);
  return [frames.text(), { status: 200, statusText: 'OK', headers }];
}

function mutationByGet(): Response {
  const error = { message: 'A mutation must be sent by POST.', extensions: { code: 'BAD_REQUEST' } };
  return [
    JSON.stringify({ errors: [error] }),
    { status: 405, statusText: 'Method Not Allowed', headers: { allow: 'POST' } },
  ];
}

/** As it stands, or among others. */
function wantsEvents(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some((one) => one.split(';')[0]?.trim().toLowerCase() === 'text/event-stream');
}

function notAcceptable(): Error {
  const message = 'Expected the header "accept: text/event-stream". Answers as JSON are at /graphql.';
  return Object.assign(new Error(message), { statusCode: 406 });
}
