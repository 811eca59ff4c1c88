import cors from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ListedOrigins } from '../access/listed-origins.service.ts';
import { isOwn, whyNotFrom } from '../access/origins.ts';
import type { Wiring } from './wiring.ts';

/** What browsers may send, and may show to the page, beside what is always allowed. */
const allowedHeaders = [
  'authorization',
  'content-type',
  'accept',
  'last-event-id',
  'x-request-id',
  'apollo-require-preflight',
];
const exposedHeaders = ['retry-after', 'ratelimit', 'ratelimit-policy', 'x-request-id'];
/** Seconds for which a browser need not ask again. */
const rememberedFor = 600;

/**
 * Lets web pages of other servers use keys that name their origin, and no others. Without cookies there is nothing that a
 * page could use against its visitor: a key is sent by whoever has it.
 */
export async function allowOrigins(app: FastifyInstance, { platform }: Pick<Wiring, 'platform'>): Promise<void> {
  const listed = new ListedOrigins(platform);
  await app.register(cors, {
    delegator: async (request: FastifyRequest) => {
      const { origin, host } = request.headers;
      const open = origin !== undefined && !isOwn(origin, host) && (await listed.has(origin));
      return {
        ...{ origin: open ? origin : false, methods: ['GET', 'POST'], credentials: false },
        ...{ allowedHeaders, exposedHeaders, maxAge: rememberedFor },
      };
    },
  });
  // Behind every route's own look at the key, in front of the body.
  app.addHook('preParsing', async ({ viewer, headers: { origin, host } }) => {
    if (!viewer || origin === undefined) return;
    const why = whyNotFrom(viewer, { origin, host, listed: await listed.has(origin) });
    if (why) throw why;
  });
}
