import { fastifyApolloHandler } from '@as-integrations/fastify';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify, LogController } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Viewer } from '../kernel/context.ts';
import { DomainError } from '../kernel/errors.ts';
import { serveAccessExports } from './access-exports.route.ts';
import { startApollo } from './apollo.ts';
import { keepRoutes } from './boundary-rules/route-rules.ts';
import type { AddressOf } from './client-address.ts';
import { type ContextFactory, requestIdFrom } from './context.ts';
import { allowOrigins } from './cors.ts';
import { serveDownloads } from './downloads.route.ts';
import { serveExplorer, wantsPage } from './explorer.ts';
import type { ErrorFormatter } from './format-error.ts';
import { readJson } from './json-body.ts';
import { setStatusByMediaType } from './media-type-status.ts';
import { reportRequests, serveMetrics } from './metrics.route.ts';
import type { Operations } from './operations.ts';
import { takeDocumentId } from './persisted-request.ts';
import { servePreferenceCenter } from './preference-center.route.ts';
import { reportRateLimits } from './rate-limit-headers.ts';
import { type Readiness, serveHealth } from './readiness.ts';
import { serveEventStreams } from './sse.route.ts';
import { type StreamTimings, streamTimings } from './stream-timings.ts';
import type { Wiring } from './wiring.ts';

/** 1,000 events of 32 KB each, and the rest of the request. */
const maximumBody = 33 * 1024 * 1024;

export interface HttpOptions {
  readonly wiring: Wiring;
  readonly schema: GraphQLSchema;
  readonly operations: Operations;
  readonly errors: ErrorFormatter;
  readonly createContext: ContextFactory;
  readonly addressOf: AddressOf;
  readonly readiness: Readiness;
  readonly timings?: StreamTimings;
  /** Whoever reaches the port is on this machine. */
  readonly loopbackOnly: boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    viewer: Viewer | null;
  }
}

/** The HTTP side of the server, ready to listen. */
export async function createHttpServer(options: HttpOptions): Promise<FastifyInstance> {
  const { wiring, readiness, addressOf, loopbackOnly } = options;
  const app = fastify({
    bodyLimit: maximumBody,
    genReqId: (request) => requestIdFrom(request.headers, wiring.platform.ids),
    loggerInstance: wiring.platform.log,
    // One line for each request is ours: `reportRequests`.
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: false,
    return503OnClosing: true,
  }) as unknown as FastifyInstance;
  app.decorateRequest('viewer', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) =>
    readJson(body),
  );
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  reportRequests(app, wiring);
  reportRateLimits(app, wiring);
  answerErrors(app, options);
  await allowOrigins(app, wiring);
  keepRoutes(app);
  await serveExplorer(app);
  serveHealth(app, readiness);
  serveMetrics(app, wiring, { loopbackOnly, addressOf });
  serveDownloads(app, {
    authenticator: wiring.authenticator,
    addressOf,
    createContext: options.createContext,
    downloads: wiring.downloads,
  });
  serveAccessExports(app, {
    authenticator: wiring.authenticator,
    addressOf,
    createContext: options.createContext,
    exports: wiring.accessExports,
    slots: wiring.downloads.slots,
    patience: wiring.downloads.patience,
  });
  serveEventStreams(app, { ...options, timings: options.timings ?? streamTimings });
  await servePreferenceCenter(app, { center: wiring.preferenceCenter, addressOf });
  await serveGraphql(app, options);
  return app;
}

async function serveGraphql(app: FastifyInstance, { wiring, createContext, ...options }: HttpOptions): Promise<void> {
  const { authenticator, platform } = wiring;
  const apollo = await startApollo({
    ...options,
    documents: wiring.operationRules.documents,
    log: platform.log,
    onErrors: ({ viewer }) => authenticator.meter.countError(viewer.keyId),
  });
  app.addHook('onClose', () => apollo.stop());
  app.route({
    url: '/graphql',
    method: ['GET', 'POST'],
    // Before the body: nobody unknown can make us hold 33 MB.
    async onRequest(request, reply) {
      if (wantsPage(request)) return reply.redirect('/', 302);
      if (!URL.canParse(request.url, `http://${request.host}/`))
        throw badRequest('The address or the header host is not valid.');
      request.viewer = await authenticator.authenticate(request.headers.authorization, () =>
        options.addressOf(request.raw),
      );
      authenticator.spend(request.viewer);
    },
    async preHandler(request) {
      takeDocumentId(request);
    },
    async onSend(_request, reply, payload) {
      setStatusByMediaType(reply, payload);
    },
    handler: fastifyApolloHandler(apollo, {
      context: async ({ viewer, id }) => createContext(viewer as Viewer, id),
    }),
  });
}

/** Errors outside of GraphQL, in the same form as those inside. */
function answerErrors(app: FastifyInstance, { errors, wiring }: HttpOptions): void {
  app.setErrorHandler((error: unknown, request, reply) => {
    if (request.viewer) wiring.authenticator.meter.countError(request.viewer.keyId);
    if (error instanceof DomainError) retryLater(reply, error);
    const status = statusOf(error);
    if (status >= 500 || error instanceof DomainError) {
      const formatted = errors.format(error, request.id);
      return send(reply, formatted.extensions?.code === 'SERVICE_UNAVAILABLE' ? 503 : status, formatted);
    }
    const message = error instanceof Error ? error.message : 'Bad request.';
    return send(reply, status, { message, extensions: { code: 'BAD_REQUEST' } });
  });
  app.setNotFoundHandler((request, reply) => {
    const message = `There is nothing at ${request.method} ${request.url.split('?')[0]}. The API is at POST /graphql.`;
    return send(reply, 404, { message, extensions: { code: 'NOT_FOUND' } });
  });
}

/** RFC 9110, 10.2.3: whole seconds. */
function retryLater(reply: FastifyReply, { details }: DomainError): void {
  if (typeof details.retryAfterMs === 'number') reply.header('retry-after', Math.ceil(details.retryAfterMs / 1_000));
}

function send(reply: FastifyReply, status: number, error: object): FastifyReply {
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="rundum"');
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send({ errors: [error] });
}

function statusOf(error: unknown): number {
  if (error instanceof DomainError) return domainStatus[error.code] ?? 400;
  const { statusCode } = error as { statusCode?: unknown };
  return typeof statusCode === 'number' && statusCode >= 400 ? statusCode : 500;
}

const domainStatus: Partial<Record<DomainError['code'], number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  RATE_LIMITED: 429,
  OVERLOADED: 429,
  SERVICE_UNAVAILABLE: 503,
  INTERNAL_SERVER_ERROR: 500,
};

function badRequest(message: string): Error {
  return Object.assign(new Error(message), { statusCode: 400 });
}
