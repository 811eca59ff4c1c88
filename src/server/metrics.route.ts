import type { FastifyInstance } from 'fastify';
import type { AddressOf } from './client-address.ts';
import type { Wiring } from './wiring.ts';

const quiet = new Set(['/livez', '/readyz', '/metrics']);

/** One measurement and one log line for each request. The log gets the route, not the address: queries hold data. */
export function reportRequests(app: FastifyInstance, { metrics, platform }: Wiring): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    metrics.httpDuration.observe(
      { method: request.method, route, status: reply.statusCode },
      reply.elapsedTime / 1_000,
    );
    const line = {
      requestId: request.id,
      method: request.method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      keyId: request.viewer?.keyId,
    };
    platform.log[quiet.has(route) ? 'debug' : 'info'](line, 'request');
  });
}

/**
 * Counts say how busy a business is, so a server that the network can reach asks for a key, any key. One that listens
 * on the loopback address only, the default, does not: whoever is on the machine can see its load anyway.
 */
export function serveMetrics(
  app: FastifyInstance,
  { metrics, authenticator }: Wiring,
  { loopbackOnly, addressOf }: { loopbackOnly: boolean; addressOf: AddressOf },
): void {
  app.get('/metrics', {
    async onRequest(request) {
      if (loopbackOnly) return;
      request.viewer = await authenticator.authenticate(request.headers.authorization, () => addressOf(request.raw));
    },
    async handler(_request, reply) {
      return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
    },
  });
}
