import fastifyStatic from '@fastify/static';
import { getDistDirectory, renderAltair } from 'altair-static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { explorerScript } from './explorer-script.ts';

/** The page can talk to this server and to nobody else. Altair compiles templates, hence `unsafe-eval`. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
  "connect-src 'self' ws: wss:",
  "frame-ancestors 'none'",
].join('; ');

/** The GraphQL explorer (Altair), every file of it from our own dependencies. */
export async function serveExplorer(app: FastifyInstance): Promise<void> {
  const page = renderAltair({ baseURL: '/explorer/', serveInitialOptionsInSeperateRequest: 'start.js' });
  const script = explorerScript();
  await app.register(fastifyStatic, { root: getDistDirectory(), prefix: '/explorer/', index: false });
  app.get('/', async (_request, reply) =>
    reply.header('content-security-policy', contentSecurityPolicy).type('text/html; charset=utf-8').send(page),
  );
  app.get('/explorer/start.js', async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(script));
}

/** A browser that was pointed at the API's own address. */
export function wantsPage(request: FastifyRequest): boolean {
  const { accept = '' } = request.headers;
  return request.method === 'GET' && accept.includes('text/html') && !request.url.includes('query=');
}
